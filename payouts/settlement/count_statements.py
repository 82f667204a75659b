"""Counting the statements of settlement cycles."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.settlement.model import STANDING, CycleState, Outcome
from payouts.settlement.progress import IssuedStatements, StatementCount
from payouts.settlement.tables import settlement_cycle, statement

NET = (
    statement.c.opening_receivable
    + statement.c.settled_receivable
    + statement.c.receivable
    - statement.c.opening_payable
    - statement.c.settled_payable
    - statement.c.payable
)
"""What remains of a statement after set-off: positive is owed by the partner."""


async def count_statements(
    db: AsyncConnection, *, network_id: int, cycle_ids: Sequence[UUID]
) -> dict[UUID, IssuedStatements]:
    """Tell where cycles stand and what their standing statements come to; changes nothing.

    One query, however many cycles and partners; a cycle that is not there is left out.
    """
    own = and_(
        statement.c.network_id == network_id,
        statement.c.cycle_id == settlement_cycle.c.cycle_id,
        statement.c.state.in_(STANDING),
    )
    cycle = (
        settlement_cycle.c.cycle_id,
        settlement_cycle.c.state,
        settlement_cycle.c.version,
    )
    kind = (statement.c.outcome, statement.c.currency)
    rows = await db.execute(
        select(*cycle, *kind, func.count(statement.c.statement_id).label("number"))
        .add_columns(func.sum(NET).label("net"))
        .select_from(settlement_cycle.outerjoin(statement, own))
        .where(
            settlement_cycle.c.network_id == network_id,
            settlement_cycle.c.cycle_id.in_(cycle_ids),
        )
        .group_by(*cycle, *kind)
        .order_by(settlement_cycle.c.cycle_id, *kind)
    )
    return {
        cycle_id: IssuedStatements(
            cycle_id=cycle_id,
            state=CycleState(state),
            version=version,
            counts=tuple(
                StatementCount(Outcome(one.outcome), one.number, Money(int(one.net), one.currency))
                for one in found
                if one.number
            ),
        )
        for (cycle_id, state, version), found in groupby(rows, key=lambda row: tuple(row[:3]))
    }
