"""Offering a destination."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_destination import change_destination
from payouts.disbursement.destinations import COOLDOWN, ChangeState, DestinationChange
from payouts.disbursement.model import Payee
from payouts.disbursement.point_payee import point_payee
from payouts.disbursement.queries import find_change, find_destination_policy, lock_change
from payouts.disbursement.tables import destination_change
from payouts.disbursement.wake_payouts import wake_payouts
from payouts.money import new_id


async def offer_destination(
    db: AsyncConnection, *, network_id: int, payee: Payee, to: str, actor: str, now: datetime
) -> DestinationChange | None:
    """Note the hash of where a locked payee's money is to go.

    The first is agreed to by connecting. Another one is a change: it is recorded with who asked,
    its owner sees it at once, and every payout of the payee is held until a second person has
    approved it and its cool-down is over. Going back to what is in force takes the change back;
    what was refused and is offered on is not asked again.
    """
    if payee.destination_hash is None or to == payee.offered_hash:
        if payee.destination_hash is None:
            await point_payee(
                db, network_id=network_id, payee_id=payee.payee_id, destination_hash=to, to=to
            )
        return None
    open_one = await find_change(db, network_id=network_id, payee_id=payee.payee_id, is_open=True)
    if open_one is not None:
        locked = await lock_change(db, network_id=network_id, change_id=open_one.change_id)
        await change_destination(
            db, network_id=network_id, change=locked, state=ChangeState.WITHDRAWN, now=now
        )
    await point_payee(
        db,
        network_id=network_id,
        payee_id=payee.payee_id,
        destination_hash=payee.destination_hash,
        to=to,
    )
    if to == payee.destination_hash:
        await wake_payouts(
            db,
            network_id=network_id,
            partner_id=payee.partner_id,
            member_id=payee.member_id,
            now=now,
        )
        return None
    return await _propose(db, network_id, payee, to, actor, now)


async def _propose(
    db: AsyncConnection, network_id: int, payee: Payee, to: str, actor: str, now: datetime
) -> DestinationChange:
    assert payee.destination_hash is not None
    policy = await find_destination_policy(db, network_id=network_id)
    change = DestinationChange(
        change_id=new_id(now),
        payee_id=payee.payee_id,
        partner_id=payee.partner_id,
        member_id=payee.member_id,
        old_hash=payee.destination_hash,
        new_hash=to,
        state=ChangeState.PROPOSED,
        proposed_by=actor,
        proposed_at=now,
        effective_at=now + (policy.cooldown if policy else COOLDOWN),
        decided_by=None,
        decided_at=None,
        in_force_at=None,
    )
    await db.execute(
        insert(destination_change).values(
            network_id=network_id,
            change_id=change.change_id,
            payee_id=change.payee_id,
            partner_id=change.partner_id,
            member_id=change.member_id,
            old_hash=change.old_hash,
            new_hash=change.new_hash,
            state=change.state.value,
            proposed_by=actor,
            proposed_at=now,
            effective_at=change.effective_at,
        )
    )
    return change
