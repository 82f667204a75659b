"""Looking at an order sooner, because its supplier says that something became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import RedemptionNotFound
from catalog.redemptions.model import FULFIL_KIND, OPEN_AT_SUPPLIER, AttemptState, read_supplier_key
from catalog.redemptions.queries import lock_redemption, read_attempts
from catalog.suppliers import get_supplier
from payouts.due import announce_due
from payouts.webhooks import note_webhook

SUBJECT = "order"
OUTCOME = "looked up"


async def hasten_fulfilment(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_name: str,
    supplier_key: str,
    event_id: str,
    now: datetime,
) -> bool:
    """Make the order of a key due now, once for each message; false when nothing changed.

    The message decides nothing else: what became of the order is looked up. An order that is
    being sent is left to its answer, as looking it up meanwhile would take it for lost. A key
    that is not ours, not of this supplier, or of an order that has ended changes nothing.
    """
    named = read_supplier_key(supplier_key)
    if named is None or named[0] != network_id:
        return False
    redemption_id: UUID = named[1]
    try:
        one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    except RedemptionNotFound:
        return False
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempt = attempts.get(redemption_id)
    if attempt is None or attempt.supplier_key != supplier_key:
        return False
    if one.state not in OPEN_AT_SUPPLIER or attempt.state is AttemptState.SENDING:
        return False
    supplier = await get_supplier(db, network_id=network_id, supplier_id=attempt.supplier_id)
    if supplier.name != supplier_name:
        return False
    is_new = await note_webhook(
        db,
        network_id=network_id,
        provider=supplier_name,
        event_id=event_id,
        subject=SUBJECT,
        outcome=OUTCOME,
        now=now,
    )
    if is_new:
        await announce_due(
            db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id, due_at=now
        )
    return is_new
