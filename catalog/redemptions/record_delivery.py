"""Recording what a supplier delivered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    FULFIL_KIND,
    OPEN_AT_SUPPLIER,
    Attempt,
    AttemptState,
    Quote,
    Redemption,
    RedemptionState,
)
from catalog.redemptions.note_mistaken_order import note_mistaken_order
from catalog.redemptions.pay_supplier import pay_supplier
from catalog.redemptions.queries import (
    get_quote,
    list_attempts,
    list_quote_sources,
    lock_redemption,
)
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.settle_mistaken_order import settle_mistaken_order
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
    epoch: int,
    order: SupplierOrder,
    codes: Sequence[SupplierCode],
    now: datetime,
) -> bool:
    """Give the member the codes and book the redemption, once; false when it had ended before.

    We owe the supplier what it charged, be it more or less than was quoted. False, too, for an
    order that the supplier had refused and that another took the place of: it is a mistaken order
    then, for people to look at, as are those that the supplier made beside ours. Raises
    CodeDelivered when the supplier delivers what it delivered before.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    found = await list_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempt = found[redemption_id][-1]
    if one.state not in OPEN_AT_SUPPLIER or attempt.epoch != epoch:
        late = found[redemption_id][epoch - 1]
        await _keep_reference(db, network_id, one, late, order, now=now)
        return False
    await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id)
    quote = await _bought(db, network_id, one, attempt)
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
    realm = f"supplier:{quote.supplier_id}"
    await _store(db, vault, network_id, one, codes, realm=realm, now=now)
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=RedemptionState.FULFILLED,
        attempt_id=attempt.attempt_id,
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
    await settle_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    await _note(db, network_id, attempt, order.others, now)
    return True


async def _store(
    db: AsyncConnection,
    vault: Vault,
    network_id: int,
    one: Redemption,
    codes: Sequence[SupplierCode],
    *,
    realm: str,
    now: datetime,
) -> None:
    for code in codes:
        await store_voucher(
            db,
            vault=vault,
            network_id=network_id,
            realm=realm,
            code=Code(code.number, code.pin),
            redemption_id=one.redemption_id,
            member_id=one.member_id,
            now=now,
        )


async def _keep_reference(
    db: AsyncConnection,
    network_id: int,
    one: Redemption,
    attempt: Attempt,
    order: SupplierOrder,
    *,
    now: datetime,
) -> None:
    """Note an order that came to light after its attempt had failed."""
    if attempt.state is not AttemptState.FAILED or order.reference in attempt.other_references:
        return
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=one.state,
        attempt_id=attempt.attempt_id,
        attempt={"other_references": [*attempt.other_references, order.reference]},
    )
    await _note(db, network_id, attempt, [order.reference], now)


async def _note(
    db: AsyncConnection,
    network_id: int,
    attempt: Attempt,
    references: Sequence[str],
    now: datetime,
) -> None:
    for reference in references:
        await note_mistaken_order(
            db, network_id=network_id, attempt=attempt, reference=reference, now=now
        )


async def _bought(db: AsyncConnection, network_id: int, one: Redemption, attempt: Attempt) -> Quote:
    """Tell the quote as what it was bought as in the end."""
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    found = await list_quote_sources(db, network_id=network_id, quotes=[quote])
    for source in found[quote.quote_id]:
        if source.source_id == attempt.source_id:
            return replace(quote.bought_as(source), cost=attempt.cost)
    return quote


def _charge_of(order: SupplierOrder, quote: Quote) -> Money:
    """What the supplier charged; what was agreed, when it does not say or names another currency."""
    assert quote.cost is not None
    if order.cost is None or order.cost.currency != quote.cost.currency:
        return quote.cost
    return order.cost
