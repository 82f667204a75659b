"""Reporting mistaken orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import (
    OrderReferenceUnfit,
    SupplierOrderNotFound,
    SupplierOrderOpen,
)
from catalog.redemptions.mistaken_order import REFERENCE_LENGTH_MAX
from catalog.redemptions.model import AttemptState, read_supplier_key
from catalog.redemptions.note_mistaken_order import note_mistaken_order
from catalog.redemptions.queries import list_attempts, lock_redemption
from catalog.redemptions.refuse_known_reference import refuse_known_reference
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.tables import mistaken_order

_ENDED = frozenset({AttemptState.FAILED, AttemptState.SUCCEEDED})


async def report_mistaken_order(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_key: str,
    reference: str,
    actor: str,
    now: datetime,
) -> UUID:
    """List an order that people found at a supplier, under a key of ours that had ended.

    Nobody asks a supplier again about what it refused or delivered: its invoice tells. Nothing is
    booked yet. Raises SupplierOrderNotFound, SupplierOrderOpen, OrderReferenceUnfit,
    OrderReferenceTaken.
    """
    named = read_supplier_key(supplier_key)
    if named is None or named[0] != network_id:
        raise SupplierOrderNotFound
    if not 0 < len(reference.strip()) <= REFERENCE_LENGTH_MAX:
        raise OrderReferenceUnfit
    ids = [named[1]]
    attempts = (await list_attempts(db, network_id=network_id, redemption_ids=ids)).get(ids[0], [])
    if not any(one.supplier_key == supplier_key for one in attempts):
        raise SupplierOrderNotFound
    one = await lock_redemption(db, network_id=network_id, redemption_id=ids[0])
    found = await list_attempts(db, network_id=network_id, redemption_ids=ids)
    (attempt,) = [it for it in found[ids[0]] if it.supplier_key == supplier_key]
    if attempt.state not in _ENDED:
        raise SupplierOrderOpen
    name = reference.strip()
    await refuse_known_reference(
        db, network_id=network_id, supplier_id=attempt.supplier_id, reference=name
    )
    await note_mistaken_order(
        db, network_id=network_id, attempt=attempt, reference=name, reported_by=actor, now=now
    )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=ids[0],
        state=one.state,
        attempt_id=attempt.attempt_id,
        attempt={"other_references": [*attempt.other_references, name]},
    )
    made = await db.execute(
        select(mistaken_order.c.mistaken_order_id).where(
            mistaken_order.c.network_id == network_id,
            mistaken_order.c.supplier_id == attempt.supplier_id,
            mistaken_order.c.reference == name,
        )
    )
    listed: UUID = made.scalar_one()
    return listed
