"""Reads of settlement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Cut, Stretch
from payouts.money import Money
from payouts.settlement.conversion import CarriedBecause, Conversion
from payouts.settlement.errors import SettlementCycleNotFound, StatementNotFound
from payouts.settlement.model import (
    OWN_KINDS,
    STANDING,
    CycleState,
    Outcome,
    PayoutPolicy,
    Position,
    SettlementCycle,
    Sides,
    Statement,
    StatementState,
)
from payouts.settlement.tables import (
    adjustment_statement,
    payout_policy,
    settlement_cycle,
    statement,
)

STATEMENTS_MAX = 100_000


def _before(row: Any) -> Cut | None:
    return None if row.before_seq is None else Cut(row.before_at, row.before_seq)


def cycle_of(row: Any) -> SettlementCycle:
    """Read a settlement cycle out of its row."""
    return SettlementCycle(
        cycle_id=row.cycle_id,
        number=row.number,
        currency=row.currency,
        version=row.version,
        cut=Cut(row.cut_at, row.to_seq),
        before=_before(row),
        from_seq=row.from_seq,
        state=CycleState(row.state),
        result_hash=row.result_hash,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        review_ends_at=row.review_ends_at,
        value_on=row.value_on,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        settled_at=row.settled_at,
        first_approved_by=row.first_approved_by,
        first_approved_at=row.first_approved_at,
    )


def statement_of(row: Any) -> Statement:
    """Read a statement out of its row."""
    position = Position(
        partner_id=row.partner_id,
        currency=row.currency,
        opening=_sides(row.opening_receivable, row.opening_payable, row.currency),
        settled=_sides(row.settled_receivable, row.settled_payable, row.currency),
        moved=_sides(row.receivable, row.payable, row.currency),
        lines_count=row.lines_count,
    )
    # One of earlier releases has no instant and leaves out what settled.
    stretch = Stretch(
        Cut(row.cut_at, row.to_seq),
        _before(row),
        row.from_seq,
        without_kinds=OWN_KINDS if row.cut_at is None else (),
    )
    return Statement(
        statement_id=row.statement_id,
        cycle_id=row.cycle_id,
        number=row.number,
        version=row.version,
        position=position,
        stretch=stretch,
        block=row.block,
        outcome=Outcome(row.outcome),
        remainder=Money(row.remainder, row.currency),
        content_hash=row.content_hash,
        state=StatementState(row.state),
        issued_at=row.issued_at,
        conversion=_conversion(row),
        carried_because=_carried_because(row),
    )


def _conversion(row: Any) -> Conversion | None:
    if row.fx_rate_id is None:
        return None
    return Conversion(row.fx_rate_id, Money(row.converted_amount, row.converted_currency))


def _carried_because(row: Any) -> CarriedBecause | None:
    if row.outcome != Outcome.CARRIED.value:
        return None
    # Earlier releases carried for one reason alone, and did not write it down.
    return CarriedBecause(row.carried_because or CarriedBecause.BELOW_MINIMUM.value)


def _sides(receivable: int, payable: int, currency: str) -> Sides:
    return Sides(Money(receivable, currency), Money(payable, currency))


async def find_cycle_before(
    db: AsyncConnection, *, network_id: int, currency: str, number: int | None = None
) -> SettlementCycle | None:
    """Find the newest settlement cycle that settled a currency, or the newest below a `number`.

    Abandoned ones settled nothing.
    """
    query = select(settlement_cycle).where(
        settlement_cycle.c.network_id == network_id,
        or_(settlement_cycle.c.currency == currency, settlement_cycle.c.currency.is_(None)),
        settlement_cycle.c.state != CycleState.ABANDONED.value,
    )
    if number is not None:
        query = query.where(settlement_cycle.c.number < number)
    row = await db.execute(query.order_by(settlement_cycle.c.number.desc()).limit(1))
    found = row.one_or_none()
    return cycle_of(found) if found else None


async def find_last_cycle_number(db: AsyncConnection, *, network_id: int) -> int:
    """Tell the number of the network's newest settlement cycle; 0 when there is none."""
    row = await db.execute(
        select(func.max(settlement_cycle.c.number)).where(
            settlement_cycle.c.network_id == network_id
        )
    )
    return row.scalar_one() or 0


async def get_settlement_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID
) -> SettlementCycle:
    """Read a settlement cycle. Raises SettlementCycleNotFound."""
    found = await read_settlement_cycles(db, network_id=network_id, cycle_ids=[cycle_id])
    if cycle_id not in found:
        raise SettlementCycleNotFound
    return found[cycle_id]


async def find_settlement_cycle(
    db: AsyncConnection, *, network_id: int, number: int
) -> SettlementCycle | None:
    """Find the settlement cycle of a number."""
    row = await db.execute(
        select(settlement_cycle).where(
            settlement_cycle.c.network_id == network_id, settlement_cycle.c.number == number
        )
    )
    found = row.one_or_none()
    return cycle_of(found) if found else None


async def read_settlement_cycles(
    db: AsyncConnection, *, network_id: int, cycle_ids: Sequence[UUID]
) -> dict[UUID, SettlementCycle]:
    """Read settlement cycles by id."""
    rows = await db.execute(
        select(settlement_cycle).where(
            settlement_cycle.c.network_id == network_id,
            settlement_cycle.c.cycle_id.in_(cycle_ids),
        )
    )
    return {row.cycle_id: cycle_of(row) for row in rows}


async def lock_settlement_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID
) -> SettlementCycle:
    """Read a settlement cycle and keep others from changing it. Raises SettlementCycleNotFound."""
    row = await db.execute(
        select(settlement_cycle)
        .where(settlement_cycle.c.network_id == network_id, settlement_cycle.c.cycle_id == cycle_id)
        .with_for_update()
    )
    found = row.one_or_none()
    if found is None:
        raise SettlementCycleNotFound
    return cycle_of(found)


async def list_cycle_statements(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID
) -> list[Statement]:
    """List the statements of a settlement cycle that stand, by number."""
    rows = await db.execute(
        select(statement)
        .where(
            statement.c.network_id == network_id,
            statement.c.cycle_id == cycle_id,
            statement.c.state.in_(STANDING),
        )
        .order_by(statement.c.number)
        .limit(STATEMENTS_MAX)
    )
    return [statement_of(row) for row in rows]


async def page_cycle_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    cycle_id: UUID,
    limit: int,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = False,
) -> list[Statement]:
    """List a page of the statements of a cycle that stand; `after` and `before` are numbers."""
    number = statement.c.number
    query = select(statement).where(
        statement.c.network_id == network_id,
        statement.c.cycle_id == cycle_id,
        statement.c.state.in_(STANDING),
    )
    if after is not None:
        query = query.where(number > after)
    if before is not None:
        query = query.where(number < before)
    query = query.order_by(number.desc() if newest_first else number).limit(limit)
    return [statement_of(row) for row in await db.execute(query)]


async def find_last_number(db: AsyncConnection, *, network_id: int) -> int:
    """Tell the newest number of the network's statements and adjustments; 0 when there is none."""
    newest = [
        select(func.max(one.c.number)).where(one.c.network_id == network_id).scalar_subquery()
        for one in (statement, adjustment_statement)
    ]
    row = await db.execute(select(func.greatest(*newest)))
    return row.scalar_one() or 0


async def read_statements(
    db: AsyncConnection, *, network_id: int, statement_ids: Sequence[UUID]
) -> dict[UUID, Statement]:
    """Read statements by id."""
    rows = await db.execute(
        select(statement).where(
            statement.c.network_id == network_id, statement.c.statement_id.in_(statement_ids)
        )
    )
    return {row.statement_id: statement_of(row) for row in rows}


async def get_statement(
    db: AsyncConnection, *, network_id: int, statement_id: UUID, partner_id: UUID | None = None
) -> Statement:
    """Read a statement; with `partner_id`, only that partner's. Raises StatementNotFound."""
    found = await read_statements(db, network_id=network_id, statement_ids=[statement_id])
    one = found.get(statement_id)
    if one is None or partner_id not in (None, one.partner_id):
        raise StatementNotFound
    return one


def _in_period(
    query: Select[Any], network_id: int, since: datetime, until: datetime, partner_id: UUID | None
) -> Select[Any]:
    query = query.where(
        statement.c.network_id == network_id,
        statement.c.issued_at >= since,
        statement.c.issued_at < until,
    )
    return query if partner_id is None else query.where(statement.c.partner_id == partner_id)


async def list_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    limit: int,
    partner_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[Statement]:
    """List the statements issued in a period, of one cycle if named.

    `after` and `before` are places that bound the page from below and above.
    """
    place = tuple_(statement.c.issued_at, statement.c.statement_id)
    query = _in_period(select(statement), network_id, since, until, partner_id)
    if after is not None:
        query = query.where(place > tuple_(*after))
    if before is not None:
        query = query.where(place < tuple_(*before))
    order = (statement.c.issued_at, statement.c.statement_id)
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    return [statement_of(row) for row in await db.execute(query.limit(limit))]


async def total_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    partner_id: UUID | None = None,
) -> list[tuple[int, Money, Money]]:
    """Sum the statements of a period that stand, per currency: how many, all receivable, payable.

    What was carried in is counted where it first moved.
    """
    columns = (
        statement.c.currency,
        func.count(),
        func.sum(statement.c.receivable),
        func.sum(statement.c.payable),
    )
    query = _in_period(select(*columns), network_id, since, until, partner_id).where(
        statement.c.state.in_(STANDING)
    )
    rows = await db.execute(query.group_by(statement.c.currency).order_by(statement.c.currency))
    return [
        (count, Money(int(receivable), currency), Money(int(payable), currency))
        for currency, count, receivable, payable in rows
    ]


def _policy(row: Any) -> PayoutPolicy:
    return PayoutPolicy(
        row.policy_id,
        row.currency,
        Money(row.approval_above, row.currency),
        Money(row.minimum, row.currency),
        row.published_by,
        row.published_at,
        _limit(row.first_payout_cap, row.currency),
        _limit(row.second_approval_above, row.currency),
    )


def _limit(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


async def read_payout_policies(db: AsyncConnection, *, network_id: int) -> dict[str, PayoutPolicy]:
    """Read the policy in force of each currency: the newest."""
    rows = await db.execute(
        select(payout_policy)
        .where(payout_policy.c.network_id == network_id)
        .ext(distinct_on(payout_policy.c.currency))
        .order_by(payout_policy.c.currency, payout_policy.c.policy_id.desc())
    )
    return {row.currency: _policy(row) for row in rows}


async def get_payout_policies(
    db: AsyncConnection, *, network_id: int, policy_ids: Sequence[UUID]
) -> dict[UUID, PayoutPolicy]:
    """Read payout policies by id."""
    rows = await db.execute(
        select(payout_policy).where(
            payout_policy.c.network_id == network_id, payout_policy.c.policy_id.in_(policy_ids)
        )
    )
    return {row.policy_id: _policy(row) for row in rows}
