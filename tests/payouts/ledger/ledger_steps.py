"""Steps in the life of a book, done to the real ledger and to the model of it, and compared.

A life is a list of steps; its repr is what `machine_cases` keeps of a failure. Numbers in steps
point at what is there by then, round and round, so that a step makes sense wherever it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    LedgerFault,
    Line,
    LotPart,
    fold_balances,
    list_expired_lots,
    move_period,
    open_accounts,
    open_book,
    place_hold,
    post_journals,
    read_balances,
    read_balances_as_of,
    read_trial_balance,
    resolve_hold,
)
from payouts.ledger.faults import error_of
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from payouts.seals import seal_journals
from tests.conftest import NOW
from tests.payouts.ledger.ledger_model import Answer, Model
from tests.payouts.ledger.requests_model import MOST, Entry, Name, Part, Request

PARTNER, FEES = Name("partner_recv", "p"), Name("platform_fee", "-")
DEBT, PAYABLE = Name("member_recv", "m0"), Name("settle_payable", "p")
PENDING, AVAILABLE, FRIEND = (
    Name("member_pending", "m0"),
    Name("member_available", "m0"),
    Name("member_available", "m1"),
)
EURO_DEBT, EURO_FEES = Name("partner_recv", "p", "EUR"), Name("platform_fee", "-", "EUR")
STRANGER = Name("member_recv", "nobody")
ACCOUNTS = [PARTNER, FEES, DEBT, PAYABLE, PENDING, AVAILABLE, FRIEND, EURO_DEBT, EURO_FEES]
FUNDERS = ["network", f"partner:{UUID(int=1)}", f"partner:{UUID(int=2)}"]
ACTORS = ["maker", "checker"]
SHAPES: dict[str, list[tuple[Name, int, str]]] = {
    "plain": [(PARTNER, 1, ""), (FEES, -1, "")],
    "earn": [(PARTNER, 1, ""), (AVAILABLE, -1, "parts")],
    "pend": [(PARTNER, 1, ""), (PENDING, -1, "parts")],
    "share": [(PARTNER, 3, ""), (AVAILABLE, -1, "parts"), (FRIEND, -1, ""), (FEES, -1, "")],
    "confirm": [(PENDING, 1, "parts"), (AVAILABLE, -1, "")],
    "give": [(AVAILABLE, 1, "parts"), (FRIEND, -1, "")],
    "back": [(FRIEND, 1, ""), (AVAILABLE, -1, "parts")],
    "gather": [(PENDING, 1, ""), (FRIEND, 1, "parts"), (AVAILABLE, -2, "")],
    "spend": [(AVAILABLE, 1, "parts"), (FEES, -1, "")],
    "twice": [(AVAILABLE, 1, "parts"), (AVAILABLE, 1, ""), (FEES, -2, "")],
    "around": [(AVAILABLE, 1, ""), (AVAILABLE, -1, "")],
    "refund": [(FEES, 1, ""), (AVAILABLE, -1, "")],
    "owe": [(DEBT, 1, ""), (FEES, -1, "")],
    "offset": [(AVAILABLE, 1, ""), (DEBT, -1, "")],
    "settle": [(PARTNER, 1, ""), (PAYABLE, -1, "")],
    "net": [(PAYABLE, 1, ""), (DEBT, -1, "")],
    "pay": [(PAYABLE, 1, ""), (FEES, -1, "")],
    "euro": [(EURO_DEBT, 1, ""), (EURO_FEES, -1, "")],
    "mixed": [(PARTNER, 1, ""), (FEES, -1, ""), (EURO_FEES, 2, ""), (EURO_DEBT, -2, "")],
}
FLAWS = ["", "unbalanced", "single", "empty", "crossed", "unit", "stranger", "zeros"]


@dataclass(frozen=True)
class Item:
    """A journal to be: a shape, or the mirror of an earlier one, or an earlier request again."""

    shape: str = "plain"
    minor: int = 1
    parts: tuple[tuple[int, int, int, int], ...] = ()  # minor, origin, funder, days to its end
    days: int = 0
    back: int | None = None
    link: str = "reverses"
    flaw: str = ""
    again: int | None = None
    other: bool = False


@dataclass(frozen=True)
class Post:
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Place:
    account: int
    minor: int
    again: int | None = None


@dataclass(frozen=True)
class Resolve:
    hold: int
    kind: str
    minor: int | None = None  # None is all that is left
    again: int | None = None


@dataclass(frozen=True)
class Expire:
    limit: int = 100


@dataclass(frozen=True)
class Close:
    ago: int
    status: str
    actor: int


@dataclass(frozen=True)
class Wait:
    hours: int


@dataclass(frozen=True)
class Freeze:
    account: int
    is_frozen: bool


@dataclass(frozen=True)
class Seal:
    pass


@dataclass(frozen=True)
class FoldSome:
    limit: int


@dataclass(frozen=True)
class LookBack:
    effective_days: int
    recorded_days: int


Step = Post | Place | Resolve | Expire | Close | Wait | Freeze | Seal | FoldSome | LookBack

_LOTS = text(
    "SELECT lot_id, account_id, amount, remaining, origin_id, funder, earned_at, expires_at,"
    " journal_id, from_lot_id FROM payouts.lot WHERE book_id = :book ORDER BY lot_id"
)
_USES = text(
    "SELECT journal_id, lot_id, amount, restores FROM payouts.lot_use"
    " WHERE book_id = :book ORDER BY journal_id, number"
)
_JOURNALS = text(
    "SELECT journal_id, ledger_key, period, origin_period, recorded_at, effective_at, reverses"
    " FROM payouts.journal WHERE book_id = :book ORDER BY journal_id"
)
_HOLDS = text(
    "SELECT hold_id, account_id, amount, captured, released FROM payouts.hold"
    " WHERE book_id = :book ORDER BY hold_id"
)
_SUMS = text("SELECT account_id, sum(amount) FROM payouts.posting WHERE book_id = :book GROUP BY 1")
_MONTHS = text("SELECT period, status, proposed_by FROM payouts.period WHERE book_id = :book")


def account_of(name: Name) -> Account:
    return Account(name.type, name.owner, name.unit)


_books = count(1_000)


@dataclass
class Life:
    """One book: what is real of it and what the model says, with ids by the model's numbers."""

    database: Database
    superuser: AsyncConnection
    book: int = field(default_factory=lambda: next(_books))
    now: datetime = NOW
    model: Model = field(default_factory=lambda: Model(accounts=set(ACCOUNTS)))
    asked: list[Request] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)
    hold_ids: list[UUID] = field(default_factory=list)
    hold_asks: list[tuple[Name, int, str]] = field(default_factory=list)
    resolve_asks: list[tuple[int, str, int, str]] = field(default_factory=list)
    sealed: int = 0
    folded: int = 0
    seen: set[str] = field(default_factory=set)

    async def open(self) -> None:
        async with self.database.writing(self.book) as db:
            await open_book(db, network_id=self.book, zone="Asia/Riyadh", now=self.now)
            accounts = [account_of(one) for one in ACCOUNTS]
            await open_accounts(db, network_id=self.book, accounts=accounts, now=self.now)

    async def do(self, step: Step) -> None:
        """Do a step to both; what they answer and what is left of it must be the same."""
        await getattr(self, f"_{type(step).__name__.lower()}")(step)
        await self.compare()

    # Journals

    async def _post(self, step: Post) -> None:
        for item in step.items:
            self.asked.append(self._request(item))
        requests = self.asked[len(self.asked) - len(step.items) :]
        expected = self.model.post(requests, self.now)
        drafts = [self._draft(one) for one in requests]
        async with self.database.writing(self.book) as db:
            found = await self._answers(db, requests, drafts, expected)
        for request, answer, (outcome, journal_id) in zip(requests, expected, found, strict=True):
            self.seen.add(outcome)
            if answer.faults:
                assert outcome in answer.faults, (outcome, answer, request)
                continue
            assert outcome == ("replayed" if answer.replayed else "posted"), (outcome, request)
            if not answer.replayed:
                self.ids.append(journal_id)
            assert self.ids[answer.number] == journal_id, request

    async def _answers(
        self,
        db: AsyncConnection,
        requests: Sequence[Request],
        drafts: Sequence[Draft],
        expected: Sequence[Answer],
    ) -> list[tuple[str, UUID]]:
        """By the use case where it raises nothing, else by the function that it calls."""
        if any(one.faults and not _is_refusal(one.faults) for one in expected):
            return await self._raw_answers(db, requests, drafts)
        posted = await post_journals(db, network_id=self.book, drafts=drafts, now=self.now)
        return [
            (_code(one), UUID(int=0))
            if isinstance(one, Refusal)
            else ("replayed" if one.replayed else "posted", one.journal_id)
            for one in posted
        ]

    async def _raw_answers(
        self, db: AsyncConnection, requests: Sequence[Request], drafts: Sequence[Draft]
    ) -> list[tuple[str, UUID]]:
        fits = [all(abs(line.minor) <= MOST for line in one.lines) for one in requests]
        ids = [new_id(self.now) for _ in drafts]
        values = parameters_of(
            [draft for draft, is_in in zip(drafts, fits, strict=True) if is_in],
            ids=[own for own, is_in in zip(ids, fits, strict=True) if is_in],
            network_id=self.book,
            now=self.now,
        )
        values["units"] = [
            line.unit
            for one, is_in in zip(requests, fits, strict=True)
            if is_in
            for line in one.lines
        ]
        rows = iter((await db.execute(POST, values)).all())
        return [
            (row.outcome, row.journal_id) if is_in and (row := next(rows)) else ("MZ017", own)
            for own, is_in in zip(ids, fits, strict=True)
        ]

    def _request(self, item: Item) -> Request:
        if item.again is not None and self.asked:
            earlier = self.asked[item.again % len(self.asked)]
            return replace(earlier, cause="another") if item.other else earlier
        key = f"key-{len(self.asked)}"
        at = self.now + timedelta(days=item.days)
        link = self.ids and item.back is not None
        back = item.back % len(self.ids) if link and item.back is not None else None
        if item.back is not None and not link:
            back = -1  # of no journal of this book
        entries = self._entries(item, back)
        reverses = back if item.link in ("reverses", "both") else None
        restores = back if item.link in ("restores", "both") else None
        if item.minor > MOST:  # beyond what the function takes as an argument
            entries = tuple(replace(one, parts=()) for one in entries)
        return Request(key, key, _flawed(entries, item.flaw), at, reverses, restores)

    def _entries(self, item: Item, back: int | None) -> tuple[Entry, ...]:
        if item.shape == "mirror" and back is not None and back >= 0:
            lines = self.model.journals[back].request.lines
            if item.minor == 0:  # the whole of it
                return tuple(Entry(one.account, -one.minor, one.unit) for one in lines)
            first = next(one for one in lines if one.minor > 0)
            second = next(one for one in lines if one.minor < 0 and one.unit == first.unit)
            return (
                Entry(first.account, -item.minor, first.unit),
                Entry(second.account, item.minor, first.unit),
            )
        shape = SHAPES.get(item.shape, SHAPES["plain"])
        return tuple(
            Entry(
                account, sign * item.minor, account.unit, self._parts(item, abs(sign * item.minor))
            )
            if has_parts
            else Entry(account, sign * item.minor, account.unit)
            for account, sign, has_parts in shape
        )

    def _parts(self, item: Item, most: int) -> tuple[Part, ...]:
        found = []
        for minor, origin, funder, days in item.parts:
            part = min(minor, most)
            if part > 0:
                ends = self.now + timedelta(days=days) if days else None
                found.append(Part(part, f"origin-{origin}", FUNDERS[funder], ends))
                most -= part
        return tuple(found)

    def _draft(self, one: Request) -> Draft:
        lines = tuple(
            Line(
                account_of(line.account),
                Money(line.minor, line.account.unit),
                tuple(
                    LotPart(
                        Money(part.minor, line.account.unit),
                        Cause("test", part.origin),
                        part.funder,
                        None,
                        part.expires_at,
                    )
                    for part in line.parts
                ),
            )
            for line in one.entries
        )
        reverses, restores = self._id(one.reverses), self._id(one.restores)
        cause = Cause("test", one.cause)
        return Draft(
            "test", one.key, cause, lines, "test", one.effective_at, reverses, {}, restores
        )

    def _id(self, number: int | None) -> UUID | None:
        if number is None:
            return None
        return self.ids[number] if number >= 0 else uuid4()

    async def _expire(self, step: Expire) -> None:
        expected = self.model.expired(self.now)[: step.limit]
        async with self.database.reading(self.book) as db:
            found = await list_expired_lots(db, network_id=self.book, at=self.now, limit=step.limit)
        assert [(one.origin.id, one.remaining.minor) for one in found] == [
            (one.origin, one.remaining) for one in expected
        ]
        requests = []
        for lot in expected[:1]:
            free = self.model.balance(lot.account) - self.model.held(lot.account)
            minor = min(lot.remaining, free)
            parts = (Part(minor, lot.origin, lot.funder),)
            key = f"key-{len(self.asked)}"
            lines = (Entry(lot.account, minor, parts=parts), Entry(FEES, -minor))
            requests.append(Request(key, key, lines, self.now))
        if requests:
            self.seen.add("expired")
            self.asked += requests
            (answer,) = self.model.post(requests, self.now)
            async with self.database.writing(self.book) as db:
                drafts = [self._draft(one) for one in requests]
                ((outcome, journal_id),) = await self._answers(db, requests, drafts, [answer])
            assert outcome in (answer.faults or {"posted"})
            if not answer.faults:
                self.ids.append(journal_id)

    # Holds

    async def _place(self, step: Place) -> None:
        ask = (ACCOUNTS[step.account % len(ACCOUNTS)], step.minor, f"hold-{len(self.hold_asks)}")
        if step.again is not None and self.hold_asks:
            earlier = self.hold_asks[step.again % len(self.hold_asks)]
            ask = (*ask[:2], earlier[2]) if step.minor % 3 == 0 else earlier
        self.hold_asks.append(ask)
        account, minor, key = ask
        expected = self.model.place(account, minor, key)
        try:
            async with self.database.writing(self.book) as db:
                placed = await place_hold(
                    db,
                    network_id=self.book,
                    account=account_of(account),
                    amount=Money(minor, account.unit),
                    key=key,
                    cause=Cause("test", key),
                    expires_at=None,
                    now=self.now,
                )
        except (Refusal, LedgerFault) as error:
            self._refused(error, expected)
            return
        assert (placed.replayed, expected.faults) == (expected.replayed, frozenset()), (ask, placed)
        if not placed.replayed:
            self.hold_ids.append(placed.hold_id)
        assert self.hold_ids[expected.number] == placed.hold_id
        self.seen.add("held")

    async def _resolve(self, step: Resolve) -> None:
        number = step.hold % len(self.hold_ids) if self.hold_ids else -1
        left = self.model.holds[number].rest if number >= 0 else 1
        minor = left if step.minor is None else step.minor
        ask = (number, step.kind, minor, f"resolution-{len(self.resolve_asks)}")
        if step.again is not None and self.resolve_asks:
            earlier = self.resolve_asks[step.again % len(self.resolve_asks)]
            ask = (*ask[:3], earlier[3]) if step.hold % 3 == 0 else earlier
        self.resolve_asks.append(ask)
        number, kind, minor, key = ask
        expected = self.model.resolve(number, kind, minor, key)
        try:
            async with self.database.writing(self.book) as db:
                replayed = await resolve_hold(
                    db,
                    network_id=self.book,
                    hold_id=self.hold_ids[number] if number >= 0 else uuid4(),
                    kind=kind,  # type: ignore[arg-type]
                    amount=Money(minor, "SAR"),
                    key=key,
                    now=self.now,
                )
        except (Refusal, LedgerFault) as error:
            self._refused(error, expected)
            return
        assert (replayed, expected.faults) == (expected.replayed, frozenset()), ask
        self.seen.add(kind)

    def _refused(self, error: Exception, expected: Answer) -> None:
        code = error.sqlstate if isinstance(error, LedgerFault) else _code(error)
        assert code in expected.faults, (error, expected)
        self.seen.add(code)

    # Months, accounts, time, seals

    async def _close(self, step: Close) -> None:
        month = _month_ago(self.now, step.ago)
        actor = ACTORS[step.actor]
        expected = self.model.move_month(month, step.status, actor, self.now)
        found = ""
        try:
            async with self.database.writing(self.book) as db:
                await move_period(
                    db,
                    network_id=self.book,
                    month=month,
                    status=step.status,  # type: ignore[arg-type]
                    actor=actor,
                    now=self.now,
                )
        except Refusal as error:
            found = type(error).__name__
        assert found == expected, step
        self.seen.add(found or step.status)

    async def _wait(self, step: Wait) -> None:
        self.now += timedelta(hours=step.hours)

    async def _freeze(self, step: Freeze) -> None:
        one = ACCOUNTS[step.account % len(ACCOUNTS)]
        (self.model.frozen.add if step.is_frozen else self.model.frozen.discard)(one)
        await self.superuser.execute(
            text("UPDATE payouts.account SET status = :to WHERE book_id = :b AND account_id = :a"),
            {
                "to": "frozen" if step.is_frozen else "open",
                "b": self.book,
                "a": account_of(one).id_in(self.book),
            },
        )

    async def _seal(self, step: Seal) -> None:
        async with self.database.writing(self.book) as db:
            found = await seal_journals(db, network_id=self.book, now=self.now)
        assert found.sealed == len(self.ids) - self.sealed
        assert found.last_seq == len(self.ids)
        self.sealed = len(self.ids)

    async def _foldsome(self, step: FoldSome) -> None:
        async with self.database.writing(self.book) as db:
            found = await fold_balances(db, network_id=self.book, limit=step.limit)
        moved = min(step.limit, self.sealed - self.folded)
        self.folded += moved
        assert (found.folded_seq, found.folded) == (self.folded, moved)

    async def _lookback(self, step: LookBack) -> None:
        effective = self.now + timedelta(days=step.effective_days)
        recorded = self.now + timedelta(days=step.recorded_days)
        async with self.database.reading(self.book) as db:
            found = await read_balances_as_of(
                db,
                network_id=self.book,
                accounts=[account_of(one) for one in ACCOUNTS],
                effective_before=effective,
                recorded_before=recorded,
            )
        seen = [
            line
            for one in self.model.journals
            if one.request.effective_at < effective and one.recorded_at < recorded
            for line in one.request.lines
        ]
        assert {one: found[account_of(one)].minor for one in ACCOUNTS} == {
            one: one.nature.normal * sum(line.minor for line in seen if line.account == one)
            for one in ACCOUNTS
        }

    # What is left

    async def compare(self) -> None:
        """Everything that the book says is what the model says."""
        book, model = {"book": self.book}, self.model
        async with self.database.reading(self.book) as db:
            balances = await read_balances(
                db, network_id=self.book, accounts=[account_of(one) for one in ACCOUNTS]
            )
            trial = await read_trial_balance(db, network_id=self.book)
            lots, uses, journals, holds, sums, months = [
                [tuple(row) for row in await db.execute(query, book)]
                for query in (_LOTS, _USES, _JOURNALS, _HOLDS, _SUMS, _MONTHS)
            ]
        kept = {one: balances[account_of(one)] for one in ACCOUNTS}
        assert {one: (b.posted.minor, b.held.minor) for one, b in kept.items()} == {
            one: (model.balance(one), model.held(one)) for one in ACCOUNTS
        }
        for one in ACCOUNTS:
            free = model.balance(one) - model.held(one)
            assert free >= 0 or not one.nature.floored, one
            of_lots = sum(lot.remaining for lot in model.lots.all if lot.account == one)
            assert of_lots == model.balance(one) or not one.nature.has_lots, one
        own = {account_of(one).id_in(self.book): one for one in ACCOUNTS}
        assert {own[key]: int(net) for key, net in sums if net} == {
            one: net for one in ACCOUNTS if (net := model.debits[one] - model.credits[one])
        }
        assert sum(row.debit.minor for row in trial) == sum(model.debits.values())
        assert {(month, status, by) for month, status, by in months} == {
            (month, *state) for month, state in model.months.items()
        }
        self._compare_journals(journals)
        self._compare_lots(own, lots, uses)
        assert {(key, own[a], *rest) for key, a, *rest in holds} == {
            (key, one.account, one.amount, one.captured, one.released)
            for key, one in zip(self.hold_ids, model.holds, strict=True)
        }

    def _compare_journals(self, journals: list[tuple[Any, ...]]) -> None:
        assert journals == [
            (
                own,
                one.request.key,
                one.month,
                one.origin_month,
                one.recorded_at,
                one.request.effective_at,
                self._id(one.request.reverses),
            )
            for own, one in zip(self.ids, self.model.journals, strict=True)
        ]

    def _compare_lots(
        self, own: dict[UUID, Name], lots: list[tuple[Any, ...]], uses: list[tuple[Any, ...]]
    ) -> None:
        expected = sorted(self.model.lots.all, key=lambda lot: lot.rank)
        places = {lot[0]: place for place, lot in enumerate(lots)}
        ranks = {id(lot): place for place, lot in enumerate(expected)}
        found = [
            (own[a], *terms, self.ids.index(journal), places.get(origin))
            for _, a, *terms, journal, origin in lots
        ]
        assert found == [
            (
                lot.account,
                lot.amount,
                lot.remaining,
                lot.origin,
                lot.funder,
                lot.earned_at,
                lot.expires_at,
                lot.rank[0],
                ranks.get(id(lot.came_from)),
            )
            for lot in expected
        ]
        assert [(journal, places[lot], *rest) for journal, lot, *rest in uses] == [
            (self.ids[number], ranks[id(lot)], minor, self._id(restores))
            for number in range(len(self.ids))
            for lot, minor, restores in self.model.lots.uses[number]
        ]


def _flawed(entries: tuple[Entry, ...], flaw: str) -> tuple[Entry, ...]:
    last = entries[-1]
    if flaw == "unbalanced":
        less = last.minor - 1 if abs(last.minor) < MOST else last.minor // 2
        return (*entries[:-1], replace(last, minor=less, parts=()))
    if flaw == "stranger":
        return (*entries[:-1], replace(last, account=STRANGER, parts=()))
    if flaw == "crossed":  # each of its units is out of balance, both together are not
        return (*entries[:-1], replace(last, account=EURO_FEES, unit="EUR", parts=()))
    if flaw == "unit":
        return tuple(replace(one, unit="USD") for one in entries)
    if flaw == "zeros":
        return tuple(replace(one, minor=0, parts=()) for one in entries)
    return {"single": entries[:1], "empty": ()}.get(flaw, entries)


def _month_ago(now: datetime, ago: int) -> Any:
    month = (now.astimezone(UTC) + timedelta(hours=3)).date().replace(day=1)
    for _ in range(ago):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


_REFUSED = ("MZ005", "MZ006", "MZ007", "MZ011", "MZ012", "MZ017")
_CODES = {type(error_of(code)): code for code in _REFUSED}


def _code(error: Exception) -> str:
    return _CODES[type(error)]


def _is_refusal(faults: frozenset[str]) -> bool:
    return all(isinstance(error_of(one), Refusal) for one in faults)
