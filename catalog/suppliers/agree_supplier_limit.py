"""Agreeing how far a supplier's prefund may fall below zero."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.errors import SupplierNotFound
from catalog.suppliers.queries import get_suppliers
from payouts.ledger import Account, FloorLimit, agree_floor_limit
from payouts.money import Money


async def agree_supplier_limit(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    limit: Money,
    actor: str,
    now: datetime,
) -> FloorLimit:
    """Let a supplier's prefund in a currency fall below zero so far, and no further; recorded.

    Raises SupplierNotFound, and FloorLimitTooLow when more was drawn already, InvalidAmount.
    """
    if not await get_suppliers(db, network_id=network_id, supplier_ids=[supplier_id]):
        raise SupplierNotFound(path=("supplier_id",))
    return await agree_floor_limit(
        db,
        network_id=network_id,
        account=Account("supplier_prefund", str(supplier_id), limit.currency),
        limit=limit,
        actor=actor,
        now=now,
    )
