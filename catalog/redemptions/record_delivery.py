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
    Redemption,
    RedemptionState,
    supplier_redemption_journal,
)
from catalog.redemptions.queries import get_quote, lock_redemption
from catalog.redemptions.resolve_payment import resolve_payment
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.spend_points import spend_points
from catalog.suppliers import SupplierCode, SupplierOrder
from catalog.vouchers import Code, Vault, store_voucher
from payouts.due import clear_due
from payouts.fx import get_fx_rates
from payouts.ledger import post_journal
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
    await resolve_payment(
        db,
        network_id=network_id,
        one=one,
        kind="captured",
        key=f"redemption:{redemption_id}:capture",
        now=now,
    )
    await spend_points(db, network_id=network_id, one=one, quote=quote, actor=ACTOR, now=now)
    await _book(db, network_id, one, quote, charged, now=now)
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


async def _book(
    db: AsyncConnection,
    network_id: int,
    one: Redemption,
    quote: Quote,
    charged: Money,
    *,
    now: datetime,
) -> None:
    rate = None
    if quote.fx_rate_id is not None:
        rates = await get_fx_rates(db, network_id=network_id, fx_rate_ids=[quote.fx_rate_id])
        rate = rates[quote.fx_rate_id]
    draft = supplier_redemption_journal(
        one, quote, charged=charged, rate=rate, actor=ACTOR, now=now
    )
    await post_journal(db, network_id=network_id, draft=draft, now=now)


def _charge_of(order: SupplierOrder, quote: Quote) -> Money:
    """What the supplier charged; what was agreed, when it does not say or names another currency."""
    assert quote.cost is not None
    if order.cost is None or order.cost.currency != quote.cost.currency:
        return quote.cost
    return order.cost
