"""A book on which steps are done, really and in the model, and compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import (
    Cause,
    Draft,
    LedgerFault,
    fold_balances,
    list_expired_lots,
    move_period,
    place_hold,
    post_journals,
    read_balances_as_of,
    resolve_hold,
)
from payouts.ledger.faults import error_of
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from payouts.seals import seal_journals
from tests.payouts.ledger.ledger_asking import account_of, draft_of, entries_of, flawed
from tests.payouts.ledger.ledger_books import Books
from tests.payouts.ledger.ledger_model import Answer
from tests.payouts.ledger.ledger_steps import (
    ACCOUNTS,
    ACTORS,
    FEES,
    Close,
    Expire,
    FoldSome,
    Freeze,
    Item,
    LookBack,
    Place,
    Post,
    Resolve,
    Seal,
    Step,
    Wait,
)
from tests.payouts.ledger.requests_model import MOST, Entry, Name, Part, Request


@dataclass
class Life(Books):
    """What is done to one book; the answers must be those of the model."""

    asked: list[Request] = field(default_factory=list)
    hold_asks: list[tuple[Name, int, str]] = field(default_factory=list)
    resolve_asks: list[tuple[int, str, int, str]] = field(default_factory=list)
    sealed: int = 0
    folded: int = 0
    seen: set[str] = field(default_factory=set)

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
        mirrored = self.model.journals[back].request if back is not None and back >= 0 else None
        entries = entries_of(item, mirrored, self.now)
        reverses = back if item.link in ("reverses", "both") else None
        restores = back if item.link in ("restores", "both") else None
        if item.minor > MOST:  # beyond what the function takes as an argument
            entries = tuple(replace(one, parts=()) for one in entries)
        return Request(key, key, flawed(entries, item.flaw), at, reverses, restores)

    def _draft(self, one: Request) -> Draft:
        return draft_of(one, self._id(one.reverses), self._id(one.restores))

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
