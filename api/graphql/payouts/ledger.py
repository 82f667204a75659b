"""The books: journals, the trial balance, accounting months."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.nodes import GlobalId, Node, id_of, load_one, node_kind
from api.graphql.permissions import STAFF, query
from api.graphql.scalars import AsOf, Money, Points, asked_instant, show_money, show_points
from payouts import ledger, money
from payouts.reconciliation import read_open_ends


@strawberry.type(description="One line of a journal: debits are positive, credits negative.")
class Posting:
    """A posting."""

    id: strawberry.ID = strawberry.field(description="Opaque; `explain` takes it.")
    account_type: str
    owner_kind: str
    owner_id: str = strawberry.field(description='Whose account; "-" is the network\'s own.')
    amount: Money

    @classmethod
    def from_domain(cls, network_id: int, journal_id: UUID, one: ledger.Posting) -> "Posting":
        """Show a posting."""
        return cls(
            id=strawberry.ID(str(GlobalId("Posting", network_id, journal_id, one.line))),
            account_type=one.account.type,
            owner_kind=one.account.owner_kind,
            owner_id=one.account.owner_id,
            amount=show_money(one.amount),
        )


@strawberry.type(description="One line of a journal in points, which stand apart from money.")
class PointsPosting:
    """A posting of points."""

    id: strawberry.ID = strawberry.field(description="Opaque; `explain` takes it.")
    account_type: str
    owner_kind: str
    owner_id: str = strawberry.field(description='Whose account; "-" is the network\'s own.')
    amount: Points = strawberry.field(description="Debits are positive, credits negative.")

    @classmethod
    def from_domain(
        cls, network_id: int, journal_id: UUID, one: ledger.Posting[money.Points]
    ) -> "PointsPosting":
        """Show a posting of points."""
        return cls(
            id=strawberry.ID(str(GlobalId("Posting", network_id, journal_id, one.line))),
            account_type=one.account.type,
            owner_kind=one.account.owner_kind,
            owner_id=one.account.owner_id,
            amount=show_points(one.amount),
        )


@strawberry.federation.type(keys=["id"], description="One balanced event of the books.")
class Journal(Node):
    """A journal."""

    reversed_id: strawberry.Private[UUID | None]
    kind: str
    cause_kind: str = strawberry.field(description="The sort of business event behind it.")
    cause_id: str
    effective_at: datetime
    recorded_at: datetime
    period: str = strawberry.field(description="The accounting month, such as 2026-03.")
    origin_period: str | None = strawberry.field(
        description="The month it belongs to, when that was closed already."
    )
    actor: str
    seq: str | None = strawberry.field(
        description="Its place in the sealed order; null for the moment before it has one."
    )
    postings: list[Posting] = strawberry.field(
        description="Its lines in money; they balance in each currency."
    )
    points_postings: list[PointsPosting] = strawberry.field(
        description="Its lines in points; they balance among themselves."
    )

    @strawberry.field(description="The journal that it reverses, in whole or in part.")
    async def reverses(self, info: Info) -> "Journal | None":
        """Find the journal."""
        found: Journal | None = await load_one(info.context, "Journal", self.reversed_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: ledger.Journal) -> "Journal":
        """Show a journal."""
        return cls(
            id=id_of("Journal", network_id, one.journal_id),
            reversed_id=one.reverses,
            kind=one.kind,
            cause_kind=one.cause.kind,
            cause_id=one.cause.id,
            effective_at=one.effective_at,
            recorded_at=one.recorded_at,
            period=one.period,
            origin_period=one.origin_period,
            actor=one.actor,
            seq=None if one.seq is None else str(one.seq),
            postings=[
                Posting.from_domain(network_id, one.journal_id, line)
                for line in one.postings
                if not line.account.is_in_points
            ],
            points_postings=[
                PointsPosting.from_domain(network_id, one.journal_id, line)
                for line in one.postings
                if line.account.is_in_points
            ],
        )


@node_kind("Journal", allow=STAFF)
async def load_journals(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Journal]:
    """Find journals by id."""
    async with context.reading() as db:
        found = await ledger.read_journals(db, network_id=context.network_id, journal_ids=keys)
    return {key: Journal.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.federation.type(keys=["id"], description="An accounting month.")
class AccountingPeriod(Node):
    """A month of the books."""

    period: str = strawberry.field(description="Such as 2026-03.")
    status: str = strawberry.field(description="open, soft (proposed to be closed) or closed.")
    proposed_by: str | None
    closed_by: str | None
    closed_at: datetime | None

    @classmethod
    def from_domain(cls, network_id: int, one: ledger.Period) -> "AccountingPeriod":
        """Show a month."""
        return cls(
            id=id_of("AccountingPeriod", network_id, key_of_month(one.month)),
            period=one.month.isoformat()[:7],
            status=one.status,
            proposed_by=one.proposed_by,
            closed_by=one.closed_by,
            closed_at=one.closed_at,
        )


def key_of_month(month: date) -> UUID:
    """Write a month as the key of an id."""
    return UUID(int=month.toordinal())


@node_kind("AccountingPeriod", allow=STAFF)
async def load_periods(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, AccountingPeriod]:
    """Find months by the key of their id."""
    known = [key for key in keys if 0 < key.int <= date.max.toordinal()]
    async with context.reading() as db:
        found = await ledger.read_periods(
            db,
            network_id=context.network_id,
            months=[date.fromordinal(key.int) for key in known],
        )
    return {
        key_of_month(month): AccountingPeriod.from_domain(context.network_id, one)
        for month, one in found.items()
    }


@strawberry.type(description="All postings of one account type in one currency.")
class TrialBalanceRow:
    """A row of the trial balance."""

    gl_code: str
    account_type: str
    debit: Money
    credit: Money


@strawberry.type(description="All postings of one account type in points.")
class PointsTrialBalanceRow:
    """A row of the trial balance in points."""

    gl_code: str
    account_type: str
    debit: Points
    credit: Points


@strawberry.type(description="All postings of the book; the two totals of a unit are equal.")
class TrialBalance:
    """The trial balance."""

    rows: list[TrialBalanceRow] = strawberry.field(description="What stands in money.")
    totals: list[TrialBalanceRow] = strawberry.field(description="One for each currency.")
    points_rows: list[PointsTrialBalanceRow] = strawberry.field(
        description="What stands in points."
    )
    points_totals: list[PointsTrialBalanceRow] = strawberry.field(
        description="One where there are points, otherwise none."
    )


@strawberry.type(description="An account that passes money on and is not at zero.")
class ClearingBalance:
    """Money under way."""

    account_type: str
    owner_id: str
    amount: Money = strawberry.field(description="Debits less credits.")
    since: datetime = strawberry.field(description="When it first moved.")


@strawberry.type(description="What is unfinished in the books now.")
class OpenEnds:
    """Open items and money under way."""

    items: int = strawberry.field(description="Outside lines that nothing explains yet.")
    clearing: list[ClearingBalance]


@strawberry.type
class Query:
    """Reads of the books."""

    @query(allow=STAFF)
    async def trial_balance(
        self,
        info: Info,
        as_of: AsOf = None,
        known_at: Annotated[
            datetime | None,
            strawberry.argument(description="Only what stood in the books before it."),
        ] = None,
    ) -> TrialBalance:
        """The trial balance of the network's book, exact at this instant or as of an earlier one."""
        context: Context = info.context
        async with context.reading() as db:
            rows = await ledger.read_trial_balance(
                db,
                network_id=context.network_id,
                effective_before=asked_instant(as_of),
                recorded_before=asked_instant(known_at),
            )
        totals = ledger.total_trial_balance(rows)
        return TrialBalance(
            rows=[_show_row(one) for one in rows if not one.is_in_points],
            totals=[_show_row(one) for one in totals if not one.is_in_points],
            points_rows=[_show_points_row(one) for one in rows if one.is_in_points],
            points_totals=[_show_points_row(one) for one in totals if one.is_in_points],
        )

    @query(allow=STAFF)
    async def journal(self, info: Info, id: strawberry.ID) -> Journal | None:  # noqa: A002
        """A journal by its id; null when there is none."""
        key = GlobalId.parse(id)
        context: Context = info.context
        if key is None or (key.type, key.network_id) != ("Journal", context.network_id):
            return None
        found: Journal | None = await load_one(context, "Journal", key.id)
        return found

    @query(allow=STAFF)
    async def open_ends(self, info: Info) -> OpenEnds:
        """What is unfinished: unexplained outside lines, and accounts that pass money on."""
        context: Context = info.context
        async with context.reading() as db:
            ends = await read_open_ends(db, network_id=context.network_id)
        return OpenEnds(
            items=ends.items,
            clearing=[
                ClearingBalance(
                    account_type=one.account.type,
                    owner_id=one.account.owner_id,
                    amount=show_money(one.amount),
                    since=one.since,
                )
                for one in ends.clearing
            ],
        )


def _show_row(one: ledger.TrialRow) -> TrialBalanceRow:
    return TrialBalanceRow(
        gl_code=one.gl_code,
        account_type=one.type,
        debit=show_money(one.debit),
        credit=show_money(one.credit),
    )


def _show_points_row(one: ledger.TrialRow[money.Points]) -> PointsTrialBalanceRow:
    return PointsTrialBalanceRow(
        gl_code=one.gl_code,
        account_type=one.type,
        debit=show_points(one.debit),
        credit=show_points(one.credit),
    )
