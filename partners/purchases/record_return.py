"""Recording returns."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals import Reversed, reverse_accrual
from partners.purchases.errors import (
    CurrencyNotAgreed,
    PurchaseNotFound,
    ReturnConflict,
    ReturnExceedsPurchase,
)
from partners.purchases.model import Purchase, PurchaseReturn, check_report
from partners.purchases.queries import find_return, purchase_of, select_purchases
from partners.purchases.tables import purchase as purchase_table
from partners.purchases.tables import purchase_return
from payouts.money import Money, new_id


async def record_return(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    purchase_id: UUID,
    external_id: str,
    amount: Money,
    actor: str,
    now: datetime,
) -> PurchaseReturn:
    """Book that part of a purchase came back, once for each external id, and reverse what it earned.

    However a purchase is returned in parts, what remains is exactly what one return of the sum
    would have left. The same report again gives the same return. Raises InvalidExternalId,
    AmountNotPositive, AmountOutOfRange, PurchaseNotFound (another partner's purchase too),
    CurrencyNotAgreed, ReturnConflict, ReturnExceedsPurchase, and BalanceTooLow, retryable.
    """
    check_report(external_id, amount)
    purchase = await _lock_purchase(db, network_id, partner_id, purchase_id)
    earlier = await find_return(
        db, network_id=network_id, partner_id=partner_id, external_id=external_id
    )
    if earlier is not None:
        if (earlier.purchase_id, earlier.amount) != (purchase_id, amount):
            raise ReturnConflict(path=("external_id",))
        return earlier
    if amount.currency != purchase.amount.currency:
        raise CurrencyNotAgreed(
            path=("amount",), agreed=purchase.amount.currency, given=amount.currency
        )
    returned = purchase.returned + amount
    if returned > purchase.amount:
        raise ReturnExceedsPurchase(path=("amount",), left=str(purchase.amount - purchase.returned))
    return_id = new_id(now)
    reversed_ = await reverse_accrual(
        db,
        network_id=network_id,
        purchase_id=purchase_id,
        return_id=return_id,
        amount=purchase.amount,
        returned=returned,
        actor=actor,
        now=now,
    )
    await _update_returned(db, network_id, purchase_id, returned)
    made = _return_of(purchase, return_id, external_id, amount, reversed_, now)
    await _insert(db, network_id, made)
    return made


async def _lock_purchase(
    db: AsyncConnection, network_id: int, partner_id: UUID, purchase_id: UUID
) -> Purchase:
    # The one place that locks a purchase: its returns are counted one at a time.
    row = await db.execute(
        select_purchases(network_id)
        .where(
            purchase_table.c.purchase_id == purchase_id,
            purchase_table.c.partner_id == partner_id,
        )
        .with_for_update(key_share=True)
    )
    found = row.one_or_none()
    if found is None:
        raise PurchaseNotFound(path=("purchase_id",))
    return purchase_of(found)


def _return_of(
    purchase: Purchase,
    return_id: UUID,
    external_id: str,
    amount: Money,
    reversed_: Reversed,
    now: datetime,
) -> PurchaseReturn:
    return PurchaseReturn(
        return_id=return_id,
        purchase_id=purchase.purchase_id,
        partner_id=purchase.partner_id,
        member_id=purchase.member_id,
        external_id=external_id,
        amount=amount,
        cashback=reversed_.cashback,
        fee=reversed_.fee,
        debt=reversed_.debt,
        returned_at=now,
    )


async def _update_returned(
    db: AsyncConnection, network_id: int, purchase_id: UUID, returned: Money
) -> None:
    await db.execute(
        update(purchase_table)
        .where(
            purchase_table.c.network_id == network_id,
            purchase_table.c.purchase_id == purchase_id,
        )
        .values(returned=returned.minor)
    )


async def _insert(db: AsyncConnection, network_id: int, made: PurchaseReturn) -> None:
    row = await db.execute(
        insert(purchase_return)
        .values(
            network_id=network_id,
            return_id=made.return_id,
            purchase_id=made.purchase_id,
            partner_id=made.partner_id,
            member_id=made.member_id,
            external_id=made.external_id,
            amount=made.amount.minor,
            currency=made.amount.currency,
            cashback=made.cashback.minor,
            fee=made.fee.minor,
            debt=made.debt.minor,
            returned_at=made.returned_at,
        )
        .on_conflict_do_nothing(constraint="purchase_return_external_key")
        .returning(purchase_return.c.return_id)
    )
    # The purchase is locked, so the same id came at the same moment for another purchase.
    if row.scalar_one_or_none() is None:
        raise ReturnConflict(path=("external_id",))
