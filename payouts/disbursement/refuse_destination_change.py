"""Refusing a change of destination."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_destination import change_destination
from payouts.disbursement.destinations import OPEN, ChangeState, DestinationChange
from payouts.disbursement.errors import DestinationChangeNotOpen
from payouts.disbursement.list_destination_changes import list_destination_changes
from payouts.disbursement.model import Payee
from payouts.disbursement.point_payee import point_payee
from payouts.disbursement.queries import lock_change, lock_payee
from payouts.disbursement.read_bank_accounts import read_bank_accounts
from payouts.disbursement.wake_payouts import wake_payouts
from payouts.due import clear_due
from payouts.settlement import ApproverIsMaker


async def refuse_destination_change(
    db: AsyncConnection, *, network_id: int, change_id: UUID, actor: str, now: datetime
) -> DestinationChange:
    """Keep a payee's money from going elsewhere, also after an approval that is not yet in force.

    A bank account that was named is not asked for any more, and the one in force is paid on. While
    the provider still sends a payee's money elsewhere, its payouts stay held. Raises
    DestinationChangeNotFound, DestinationChangeNotOpen, ApproverIsMaker.
    """
    known = await list_destination_changes(
        db, network_id=network_id, change_ids=[change_id], limit=1
    )
    # Payees are locked before their changes, as where a change is offered.
    payee = (
        await lock_payee(db, network_id=network_id, payee_id=known[0].payee_id) if known else None
    )
    change = await lock_change(db, network_id=network_id, change_id=change_id)
    if change.state not in OPEN:
        raise DestinationChangeNotOpen(state=change.state.value)
    if change.proposed_by == actor:
        raise ApproverIsMaker
    await clear_due(db, network_id=network_id, kind="destination.change", due_id=change_id)
    if payee is not None:
        await _pay_on(db, network_id, payee, change, now)
    return await change_destination(
        db, network_id=network_id, change=change, state=ChangeState.REFUSED, actor=actor, now=now
    )


async def _pay_on(
    db: AsyncConnection, network_id: int, payee: Payee, change: DestinationChange, now: datetime
) -> None:
    accounts = await read_bank_accounts(db, network_id=network_id, payee_id=payee.payee_id)
    if change.new_hash not in {one.destination_hash for one in accounts.values()}:
        return
    await point_payee(
        db,
        network_id=network_id,
        payee_id=payee.payee_id,
        destination_hash=payee.destination_hash,
        to=change.old_hash,
    )
    await wake_payouts(
        db, network_id=network_id, partner_id=payee.partner_id, member_id=payee.member_id, now=now
    )
