"""Listing what statements came to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Collection, Payout
from payouts.disbursement.rows import collection_of, payout_of
from payouts.disbursement.tables import collection, payout
from payouts.settlement import Statement


async def list_orders_of_statements(
    db: AsyncConnection, *, network_id: int, statements: Sequence[Statement]
) -> dict[UUID, Payout | Collection]:
    """Find the payout or the collection that a statement led to; changes nothing."""
    cycles = {one.cycle_id for one in statements}
    partners = {one.partner_id for one in statements}
    payouts = await db.execute(
        select(payout).where(
            payout.c.network_id == network_id,
            payout.c.cycle_id.in_(cycles),
            payout.c.partner_id.in_(partners),
        )
    )
    collections = await db.execute(
        select(collection).where(
            collection.c.network_id == network_id,
            collection.c.cycle_id.in_(cycles),
            collection.c.partner_id.in_(partners),
        )
    )
    orders: list[Payout | Collection] = [payout_of(row) for row in payouts]
    orders += [collection_of(row) for row in collections]
    found = {(one.cycle_id, one.partner_id, one.amount.currency): one for one in orders}
    asked = {one.statement_id: (one.cycle_id, one.partner_id, one.currency) for one in statements}
    return {key: found[place] for key, place in asked.items() if place in found}
