"""Requesting a cashback payout."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.errors import PayeeNotReady, PayoutBelowMinimum, PayoutNotPayable
from payouts.disbursement.hold_payout import hold_payout
from payouts.disbursement.model import PayeeState, Payout, PayoutState
from payouts.disbursement.queries import find_payee_of, get_payout
from payouts.disbursement.tables import payout
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.money import Money, new_id, payout_multiple, round_to_multiple
from payouts.settlement import minimum_of, read_payout_policies


async def request_cashback_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    member_id: UUID,
    amount: Money,
    actor: str,
    now: datetime,
) -> Payout:
    """Set an amount of the member's cashback aside and order its payout.

    Above the policy's limit a second person must approve it first. The destination is fixed now.
    Raises PayeeNotReady, PayoutBelowMinimum, PayoutNotPayable, BalanceTooLow, Halted.
    """
    await refuse_halted(db, network_id=network_id)
    policies = await read_payout_policies(db, network_id=network_id)
    minimum = minimum_of(policies, amount.currency)
    if amount < minimum:
        raise PayoutBelowMinimum(minimum=str(minimum), path=("amount",))
    _refuse_unpayable(amount)
    payee = await find_payee_of(db, network_id=network_id, member_id=member_id)
    if payee is None or payee.state is not PayeeState.ACTIVE:
        raise PayeeNotReady
    policy = policies.get(amount.currency)
    needs_approval = policy is not None and amount > policy.approval_above
    state = PayoutState.PENDING_APPROVAL if needs_approval else PayoutState.SCHEDULED
    payout_id = new_id(now)
    hold_id = await hold_payout(
        db,
        network_id=network_id,
        payout_id=payout_id,
        member_id=member_id,
        amount=amount,
        round_=1,
        now=now,
    )
    await db.execute(
        insert(payout).values(
            network_id=network_id,
            payout_id=payout_id,
            kind="cashback",
            member_id=member_id,
            amount=amount.minor,
            currency=amount.currency,
            state=state.value,
            round=1,
            hold_id=hold_id,
            taken=0,
            destination_hash=payee.destination_hash,
            requested_by=actor,
            created_at=now,
            changed_at=now,
        )
    )
    if state is PayoutState.SCHEDULED:
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
        )
    return await get_payout(db, network_id=network_id, payout_id=payout_id)


def _refuse_unpayable(amount: Money) -> None:
    """Refuse what no bank can pay to the last unit, and name what can be paid instead."""
    payable = round_to_multiple(amount)
    if payable != amount:
        multiple = Money(payout_multiple(amount.currency), amount.currency)
        raise PayoutNotPayable(multiple=str(multiple), payable=str(payable), path=("amount",))
