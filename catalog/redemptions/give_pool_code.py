"""Delivering codes out of a pool."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools import take_code
from catalog.redemptions.model import Quote, Redemption, RedemptionState
from catalog.redemptions.pay_supplier import pay_supplier
from catalog.redemptions.save_progress import save_progress
from catalog.vouchers import Vault, store_voucher


async def give_pool_code(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    one: Redemption,
    quote: Quote,
    actor: str,
    now: datetime,
) -> Redemption:
    """Give the member the code that was reserved for the quote, and book it as any supplier's card.

    We owe the supplier what was quoted, as nobody charges anything else. Raises ReservationLost,
    or CodeDelivered when the same code was delivered before: then nothing changes.
    """
    assert quote.cost is not None
    code = await take_code(
        db,
        vault=vault,
        network_id=network_id,
        quote_id=quote.quote_id,
        redemption_id=one.redemption_id,
        now=now,
    )
    await pay_supplier(
        db,
        network_id=network_id,
        one=one,
        quote=quote,
        charged=quote.cost,
        actor=actor,
        now=now,
    )
    await store_voucher(
        db,
        vault=vault,
        network_id=network_id,
        realm=f"supplier:{quote.supplier_id}",
        code=code,
        redemption_id=one.redemption_id,
        member_id=one.member_id,
        now=now,
    )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=RedemptionState.FULFILLED,
        charged=quote.cost.minor,
        charged_currency=quote.cost.currency,
        ended_at=now,
    )
    return replace(one, state=RedemptionState.FULFILLED, charged=quote.cost, ended_at=now)
