"""Screening a payout."""

from sqlalchemy import exists, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import DestinationChange
from payouts.disbursement.model import Payee, Payout, PayoutState, Reason
from payouts.disbursement.queries import find_change
from payouts.disbursement.tables import payout as payout_table
from payouts.settlement import read_payout_policies


async def screen_payout(
    db: AsyncConnection, *, network_id: int, payout: Payout, payee: Payee
) -> Reason | None:
    """Tell why a payout may not go to its payee now; None when it may. Changes nothing.

    Nothing goes while another destination is offered than the one in force. What goes there first
    after a change is capped, until something has arrived or a checker released it.
    """
    if payee.is_changing:
        return Reason.DESTINATION_PENDING
    change = await find_change(db, network_id=network_id, payee_id=payee.payee_id, is_open=False)
    if change is not None:
        if change.new_hash != payee.destination_hash:
            return Reason.DESTINATION_CHANGED
        if await _is_capped(db, network_id, payout, change):
            return Reason.FIRST_PAYOUT_CAPPED
        return None
    known = (None, payee.destination_hash, payee.account_hash)
    return None if payout.destination_hash in known else Reason.DESTINATION_CHANGED


async def _is_capped(
    db: AsyncConnection, network_id: int, payout: Payout, change: DestinationChange
) -> bool:
    is_released = payout.released_by is not None and payout.destination_hash == change.new_hash
    policy = (await read_payout_policies(db, network_id=network_id)).get(payout.amount.currency)
    if is_released or policy is None or payout.amount <= policy.first_payout_max:
        return False
    own = (
        payout_table.c.member_id == change.member_id
        if change.member_id
        else payout_table.c.partner_id == change.partner_id
    )
    arrived = await db.execute(
        select(
            exists(
                select(literal(1)).where(
                    payout_table.c.network_id == network_id,
                    own,
                    payout_table.c.state == PayoutState.PAID.value,
                    payout_table.c.destination_hash == change.new_hash,
                    payout_table.c.paid_at >= change.in_force_at,
                )
            )
        )
    )
    return not arrived.scalar_one()
