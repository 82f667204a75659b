"""Recording what a supplier delivered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    FULFIL_KIND,
    OPEN_AT_SUPPLIER,
    AttemptState,
    Quote,
    RedemptionState,
)
from catalog.redemptions.pay_supplier import pay_supplier
from catalog.redemptions.queries import get_quote, lock_redemption
from catalog.redemptions.save_progress import save_progress
from catalog.suppliers import SupplierCode, SupplierOrder
from catalog.vouchers import Code, Vault, store_voucher
from payouts.due import clear_due
from payouts.money import Money

ACTOR = "worker"


async def record_delivery(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    redemption_id: UUID,
    order: SupplierOrder,
    codes: Sequence[SupplierCode],
    now: datetime,
) -> bool:
    """Give the member the codes and book the redemption, once; false when it had ended before.

    We owe the supplier what it charged, be it more or less than was quoted. Raises CodeDelivered
    when the supplier delivers what it delivered before.
    """
    await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id)
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    if one.state not in OPEN_AT_SUPPLIER:
        return False
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    charged = _charge_of(order, quote)
    await pay_supplier(
        db,
        network_id=network_id,
        one=one,
        quote=quote,
        charged=charged,
        actor=ACTOR,
        now=now,
    )
    for code in codes:
        await store_voucher(
            db,
            vault=vault,
            network_id=network_id,
            realm=f"supplier:{quote.supplier_id}",
            code=Code(code.number, code.pin),
            redemption_id=redemption_id,
            member_id=one.member_id,
            now=now,
        )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=RedemptionState.FULFILLED,
        attempt={
            "state": AttemptState.SUCCEEDED,
            "supplier_reference": order.reference,
            "other_references": list(order.others),
            "ended_at": now,
        },
        charged=charged.minor,
        charged_currency=charged.currency,
        ended_at=now,
    )
    return True


def _charge_of(order: SupplierOrder, quote: Quote) -> Money:
    """What the supplier charged; what was agreed, when it does not say or names another currency."""
    assert quote.cost is not None
    if order.cost is None or order.cost.currency != quote.cost.currency:
        return quote.cost
    return order.cost
