"""One book: what is real of it and what the model says, side by side."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    open_accounts,
    open_book,
    read_balances,
    read_trial_balance,
)
from tests.conftest import NOW
from tests.payouts.ledger.ledger_asking import account_of
from tests.payouts.ledger.ledger_model import Model
from tests.payouts.ledger.ledger_steps import (
    ACCOUNTS,
)
from tests.payouts.ledger.requests_model import Name

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


_books = count(1_000)


@dataclass
class Books:
    """A book and its model; ids stand by the model's numbers."""

    database: Database
    superuser: AsyncConnection
    book: int = field(default_factory=lambda: next(_books))
    now: datetime = NOW
    model: Model = field(default_factory=lambda: Model(accounts=set(ACCOUNTS)))
    ids: list[UUID] = field(default_factory=list)
    hold_ids: list[UUID] = field(default_factory=list)

    async def open(self) -> None:
        async with self.database.writing(self.book) as db:
            await open_book(db, network_id=self.book, zone="Asia/Riyadh", now=self.now)
            accounts = [account_of(one) for one in ACCOUNTS]
            await open_accounts(db, network_id=self.book, accounts=accounts, now=self.now)

    def _id(self, number: int | None) -> UUID | None:
        if number is None:
            return None
        return self.ids[number] if number >= 0 else uuid4()

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
