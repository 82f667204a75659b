"""Telling how far settlement cycles have come."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.progress import CycleProgress, OrderCount, OrderKind
from payouts.disbursement.tables import collection, payout
from payouts.money import Money
from payouts.settlement import count_statements


async def read_cycle_progress(
    db: AsyncConnection, *, network_id: int, cycle_ids: Sequence[UUID]
) -> dict[UUID, CycleProgress]:
    """Count the statements and orders of cycles as they stand now; changes nothing.

    Two queries, however many cycles and partners; a cycle that is not there is left out.
    """
    issued = await count_statements(db, network_id=network_id, cycle_ids=cycle_ids)
    rows = await db.execute(
        union_all(
            _count_orders(network_id, cycle_ids, OrderKind.PAYOUT, payout),
            _count_orders(network_id, cycle_ids, OrderKind.COLLECTION, collection),
        )
    )
    orders: dict[UUID, list[OrderCount]] = {cycle_id: [] for cycle_id in issued}
    for row in rows:
        orders[row.cycle_id].append(
            OrderCount(
                kind=OrderKind(row.kind),
                state=row.state,
                reason=row.reason,
                count=row.number,
                amount=Money(int(row.amount), row.currency),
                since=row.since,
            )
        )
    return {
        cycle_id: CycleProgress(one, tuple(sorted(orders[cycle_id], key=_place)))
        for cycle_id, one in issued.items()
    }


def _count_orders(
    network_id: int, cycle_ids: Sequence[UUID], kind: OrderKind, orders: Table
) -> Select[Any]:
    same = (orders.c.cycle_id, orders.c.state, orders.c.reason, orders.c.currency)
    return (
        select(
            literal(kind.value).label("kind"),
            *same,
            func.count().label("number"),
            func.sum(orders.c.amount).label("amount"),
            func.min(orders.c.created_at).label("since"),
        )
        .where(orders.c.network_id == network_id, orders.c.cycle_id.in_(cycle_ids))
        .group_by(*same)
    )


def _place(one: OrderCount) -> tuple[str, str, str, str]:
    return one.kind.value, one.state, one.reason or "", one.amount.currency
