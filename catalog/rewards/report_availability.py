"""Reporting what a supplier says of an item."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Said, SaidBy
from catalog.rewards.list_item_ids import list_item_ids
from catalog.rewards.tell_availability import tell_availability
from catalog.suppliers import ItemAvailability, find_supplier_by_name


async def report_availability(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_name: str,
    said: ItemAvailability,
    now: datetime,
) -> frozenset[UUID]:
    """Let what a supplier's message says of an item count at once, in all countries it is sold in.

    Gives the rewards that it changes: none when the network does not buy from that supplier, when
    nobody knows the item, or when something newer was said of it.
    """
    supplier = await find_supplier_by_name(db, network_id=network_id, name=supplier_name)
    if supplier is None:
        return frozenset()
    items = await list_item_ids(
        db,
        network_id=network_id,
        supplier_id=supplier.supplier_id,
        supplier_sku=said.supplier_sku,
    )
    told = [Said(one, said.availability, said.observed_at, said.sequence) for one in items]
    return await tell_availability(
        db, network_id=network_id, said=told, said_by=SaidBy.MESSAGE, now=now
    )
