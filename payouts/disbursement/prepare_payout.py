"""Preparing the next act of a payout."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.destinations import PayoutRail
from payouts.disbursement.journals import take_journal
from payouts.disbursement.make_attempts import make_attempts
from payouts.disbursement.model import (
    FUNDS_WAIT,
    LIVE,
    PAYEE_WAIT,
    Attempt,
    AttemptState,
    Leg,
    Order,
    Payee,
    PayeeState,
    Payout,
    PayoutState,
    Reason,
    can_resend,
)
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.orders import BUSY, first_try, order_of, transfer_of
from payouts.disbursement.queries import (
    find_destination_policy,
    find_payee_of,
    list_attempts,
    lock_payout,
)
from payouts.disbursement.read_bank_accounts import read_bank_accounts
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.return_payout import return_payout
from payouts.disbursement.screen_payout import screen_payout
from payouts.due import announce_due, clear_due
from payouts.halts import HALT_WAIT, is_halted
from payouts.ledger import post_journal, resolve_hold
from payouts.money import Money

_HOLDING = (Reason.DESTINATION_PENDING, Reason.FIRST_PAYOUT_CAPPED)
_LEGS = {
    PayoutState.HELD: Leg.TRANSFER,
    PayoutState.SCHEDULED: Leg.TRANSFER,
    PayoutState.WAITING_FUNDS: Leg.TRANSFER,
    PayoutState.SUBMITTING: Leg.TRANSFER,
    PayoutState.TRANSFERRED: Leg.PAYOUT,
    PayoutState.RETURNING: Leg.REVERSAL,
}


async def prepare_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_id: UUID,
    available: Mapping[str, Money] | None,
    now: datetime,
) -> Order | None:
    """Commit a payout to its next act at the provider, and say what that is.

    The attempt and its key stand before anything is sent. The first act takes the value: a hold
    is captured, or a settled position set on its way. With `available` too little, or a payee not
    ready, the payout waits instead and nothing is returned. An attempt that was begun and never
    answered is sent again under its own key, or left to be looked up. A payee whose destination
    changed holds its payouts. While the network is halted nothing is sent: the payout is due
    again later, or its last attempt is looked up.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    attempts = await list_attempts(db, network_id=network_id, payout_id=payout_id)
    leg = await _leg_of(db, network_id, payout, attempts)
    if leg is None:
        await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout_id)
        return None
    live = next((one for one in attempts if one.leg is leg and one.state in LIVE), None)
    if await is_halted(db, network_id=network_id):
        if live is None or _is_unsent(live) or leg is Leg.BANK:
            await _wait(db, network_id, payout, now + HALT_WAIT)
        else:
            await _leave_unknown(db, network_id, payout, live, now)
        return None
    if await _stays(db, network_id, payout, live, now):
        return None
    if live is not None:
        return await _again(db, network_id, payout, live, attempts, now)
    if leg in (Leg.TRANSFER, Leg.BANK):
        begun = await _begin(db, network_id, payout, leg, available, now)
        if begun is None:
            return None
        payout, account_id = begun
    else:
        account_id = transfer_of(attempts).account_id
    attempt = first_try(network_id, payout, leg, account_id, attempts, now)
    await make_attempts(db, network_id=network_id, attempts=[attempt])
    return order_of(network_id, payout, attempt, attempts, now)


async def _leg_of(
    db: AsyncConnection, network_id: int, payout: Payout, attempts: list[Attempt]
) -> Leg | None:
    """Tell the next movement; what was begun on one rail goes on there."""
    leg = _LEGS.get(payout.state)
    if leg is not Leg.TRANSFER:
        return leg
    for one in attempts:
        if one.state in LIVE and one.leg in (Leg.TRANSFER, Leg.BANK):
            return one.leg
    policy = await find_destination_policy(db, network_id=network_id)
    return Leg.BANK if policy and policy.rail is PayoutRail.BANK_FILE else Leg.TRANSFER


async def _account_of(
    db: AsyncConnection, network_id: int, payee: Payee | None, leg: Leg
) -> str | None:
    """Name the account that a leg goes to; None while the payee has none that may be paid."""
    if payee is None or payee.state is not PayeeState.ACTIVE:
        return None
    if leg is Leg.TRANSFER:
        return payee.account_id
    known = await read_bank_accounts(db, network_id=network_id, payee_id=payee.payee_id)
    for one in known.values():
        if one.destination_hash == payee.destination_hash:
            return str(one.bank_account_id)
    return None


async def _begin(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    leg: Leg,
    available: Mapping[str, Money] | None,
    now: datetime,
) -> tuple[Payout, str] | None:
    payee = await find_payee_of(
        db, network_id=network_id, partner_id=payout.partner_id, member_id=payout.member_id
    )
    account_id = await _account_of(db, network_id, payee, leg)
    if payee is None or account_id is None:
        reason = Reason.PAYEE_NOT_READY.value
        to = PayoutState.SCHEDULED
        await move_payout(db, network_id=network_id, payout=payout, to=to, now=now, reason=reason)
        await _wait(db, network_id, payout, now + PAYEE_WAIT)
        return None
    held = await screen_payout(db, network_id=network_id, payout=payout, payee=payee)
    if held in _HOLDING:
        await _hold(db, network_id, payout, held, now)
        return None
    if held is not None:
        await return_payout(db, network_id=network_id, payout=payout, actor="worker", now=now)
        await move_payout(
            db,
            network_id=network_id,
            payout=payout,
            to=PayoutState.FAILED,
            now=now,
            is_taken=False,
            reason=held.value,
        )
        await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id)
        await refresh_cycle(db, network_id=network_id, cycle_id=payout.cycle_id, now=now)
        return None
    if leg is Leg.TRANSFER and not _covers(available, payout.amount):
        await move_payout(
            db,
            network_id=network_id,
            payout=payout,
            to=PayoutState.WAITING_FUNDS,
            now=now,
            reason=Reason.INSUFFICIENT_FUNDS.value,
        )
        await _wait(db, network_id, payout, now + FUNDS_WAIT)
        return None
    if not payout.is_taken:
        await _take(db, network_id, payout, now)
    submitting = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.SUBMITTING,
        now=now,
        is_taken=True,
        destination_hash=payee.destination_hash,
    )
    return submitting, account_id


async def _stays(
    db: AsyncConnection, network_id: int, payout: Payout, live: Attempt | None, now: datetime
) -> bool:
    """Keep what was begun where it is, while the destination it would now go to is not agreed to."""
    is_next = live is None and payout.state is PayoutState.TRANSFERRED
    is_unsent = live is not None and live.leg is not Leg.REVERSAL and _is_unsent(live)
    if not (is_next or is_unsent):
        return False
    payee = await find_payee_of(
        db, network_id=network_id, partner_id=payout.partner_id, member_id=payout.member_id
    )
    if payee is None:
        return False
    held = await screen_payout(db, network_id=network_id, payout=payout, payee=payee)
    if held in _HOLDING:
        await _hold(db, network_id, payout, held, now)
        return True
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=payout.state,
        now=now,
        reason=payout.reason,
        destination_hash=payee.destination_hash,
    )
    return False


async def _hold(
    db: AsyncConnection, network_id: int, payout: Payout, held: Reason, now: datetime
) -> None:
    """Keep a payout where it is until its payee is woken or a checker releases it."""
    is_begun = payout.state is PayoutState.TRANSFERRED
    to = payout.state if is_begun else PayoutState.HELD
    await move_payout(db, network_id=network_id, payout=payout, to=to, now=now, reason=held.value)
    await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id)


def _covers(available: Mapping[str, Money] | None, amount: Money) -> bool:
    if available is None:
        return True  # not known: the provider decides
    return available.get(amount.currency, Money.zero(amount.currency)) >= amount


async def _take(db: AsyncConnection, network_id: int, payout: Payout, now: datetime) -> None:
    if payout.hold_id is not None:
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=payout.hold_id,
            kind="captured",
            amount=payout.amount,
            key=f"payout:{payout.payout_id}:capture:{payout.round}",
            now=now,
        )
    draft = take_journal(payout, actor=payout.requested_by, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)


async def _wait(db: AsyncConnection, network_id: int, payout: Payout, due_at: datetime) -> None:
    await announce_due(
        db,
        network_id=network_id,
        kind="payout.submit",
        due_id=payout.payout_id,
        due_at=due_at,
    )


async def _again(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    live: Attempt,
    attempts: list[Attempt],
    now: datetime,
) -> Order | None:
    if live.leg is Leg.BANK:
        return order_of(network_id, payout, live, attempts, now)  # a batch takes it once
    if _is_unsent(live):
        changed = await change_attempt(
            db,
            network_id=network_id,
            attempt=live,
            state=AttemptState.PREPARED,
            now=now,
            code=None,
            sent_at=now,
        )
        if live.leg is Leg.TRANSFER:
            payout = await move_payout(
                db, network_id=network_id, payout=payout, to=PayoutState.SUBMITTING, now=now
            )
        return order_of(network_id, payout, changed, attempts, now)
    if can_resend(sends=live.sends, prepared_at=live.prepared_at, now=now):
        changed = await change_attempt(
            db,
            network_id=network_id,
            attempt=live,
            state=AttemptState.SENT,
            now=now,
            sends=live.sends + 1,
            sent_at=now,
        )
        return order_of(network_id, payout, changed, attempts, now)
    await _leave_unknown(db, network_id, payout, live, now)
    return None


def _is_unsent(attempt: Attempt) -> bool:
    return attempt.state is AttemptState.PREPARED and attempt.code == BUSY


async def _leave_unknown(
    db: AsyncConnection, network_id: int, payout: Payout, live: Attempt, now: datetime
) -> None:
    """Have an attempt that was never answered looked up."""
    await change_attempt(
        db, network_id=network_id, attempt=live, state=AttemptState.UNKNOWN, now=now
    )
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.UNKNOWN,
        now=now,
        reason=Reason.UNKNOWN_OUTCOME.value,
    )
    await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id)
    await announce_due(
        db, network_id=network_id, kind="payout.resolve", due_id=payout.payout_id, due_at=now
    )
