"""Preparing the next acts of many payouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import PayoutRail
from payouts.disbursement.find_changed_payees import find_changed_payees
from payouts.disbursement.journals import take_journal
from payouts.disbursement.make_attempts import make_attempts
from payouts.disbursement.model import (
    LIVE,
    Attempt,
    AttemptState,
    Leg,
    Order,
    Payee,
    PayeeState,
    Payout,
    PayoutState,
)
from payouts.disbursement.moves import moved_payout
from payouts.disbursement.orders import first_try, order_of
from payouts.disbursement.queries import find_destination_policy, lock_payouts
from payouts.disbursement.read_attempts import read_attempts
from payouts.disbursement.read_payees_of import read_payees_of
from payouts.disbursement.write_payouts import write_payouts
from payouts.halts import is_halted
from payouts.ledger import Capture, Posted, capture_holds, post_journals
from payouts.money import Money

_BEGINNING = frozenset({PayoutState.SCHEDULED, PayoutState.WAITING_FUNDS})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be sent for payouts whose next act is plain, and the payouts whose is not."""

    orders: list[Order]
    others: list[UUID]


@dataclass(frozen=True, slots=True)
class _Next:
    payout: Payout
    payee: Payee
    leg: Leg
    account_id: str
    attempts: list[Attempt]


async def prepare_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_ids: Sequence[UUID],
    available: Mapping[str, Money] | None,
    now: datetime,
) -> Prepared:
    """Commit payouts to their next acts, all by a few statements, where nothing is in the way.

    What becomes of each is what `prepare_payout` makes of it. One that was begun before, waits for
    something, is screened or goes by a bank file is left as it is and named, for its turn alone.
    The first of `available` go first. A refusal of the books refuses them all.
    """
    if not await _is_open(db, network_id):
        return Prepared([], list(payout_ids))
    payouts = await lock_payouts(db, network_id=network_id, payout_ids=payout_ids)
    attempts = await read_attempts(db, network_id=network_id, payout_ids=payout_ids)
    payees = await _constant_payees(db, network_id, list(payouts.values()))
    left = None if available is None else dict(available)
    chosen: list[_Next] = []
    for payout_id in payout_ids:
        payout = payouts.get(payout_id)
        payee = payees.get((payout.partner_id, payout.member_id)) if payout else None
        if payout is None or payee is None:
            continue
        found = _next_of(payout, payee, attempts[payout_id])
        if found is not None and _is_covered(found, left):
            chosen.append(found)
    await _take(db, network_id, [one.payout for one in chosen], now)
    begun = [_begin(network_id, one, now) for one in chosen]
    await write_payouts(db, network_id=network_id, payouts=[payout for payout, _, _ in begun])
    await make_attempts(db, network_id=network_id, attempts=[attempt for _, attempt, _ in begun])
    plain = {payout.payout_id for payout, _, _ in begun}
    return Prepared(
        [order for _, _, order in begun], [one for one in payout_ids if one not in plain]
    )


async def _is_open(db: AsyncConnection, network_id: int) -> bool:
    if await is_halted(db, network_id=network_id):
        return False
    policy = await find_destination_policy(db, network_id=network_id)
    return policy is None or policy.rail is PayoutRail.STRIPE


async def _constant_payees(
    db: AsyncConnection, network_id: int, payouts: Sequence[Payout]
) -> dict[tuple[UUID | None, UUID | None], Payee]:
    """Read the payees whose destination has never changed and is not asked to, by their owners."""
    payees = await read_payees_of(
        db,
        network_id=network_id,
        partner_ids=[one.partner_id for one in payouts if one.partner_id],
        member_ids=[one.member_id for one in payouts if one.member_id],
    )
    changed = await find_changed_payees(
        db, network_id=network_id, payee_ids=[one.payee_id for one in payees]
    )
    return {
        (one.partner_id, one.member_id): one
        for one in payees
        if one.payee_id not in changed and not one.is_changing
    }


def _next_of(payout: Payout, payee: Payee, attempts: list[Attempt]) -> _Next | None:
    """Tell the next act of a payout; None when there is more to it than going on."""
    if payout.destination_hash not in (None, payee.destination_hash, payee.account_hash):
        return None
    if any(one.state in LIVE for one in attempts):
        return None
    if payout.state in _BEGINNING:
        if payee.state is not PayeeState.ACTIVE or payee.account_id is None:
            return None
        return _Next(payout, payee, Leg.TRANSFER, payee.account_id, attempts)
    if payout.state is not PayoutState.TRANSFERRED:
        return None
    for one in reversed(attempts):
        if one.leg is Leg.TRANSFER and one.state is AttemptState.SUCCEEDED:
            return _Next(payout, payee, Leg.PAYOUT, one.account_id, attempts)
    return None


def _is_covered(found: _Next, left: dict[str, Money] | None) -> bool:
    """Count what the first ones leave for the others; where nothing is known the provider decides."""
    if found.leg is not Leg.TRANSFER or left is None:
        return True
    amount = found.payout.amount
    rest = left.get(amount.currency, Money.zero(amount.currency))
    if rest < amount:
        return False
    left[amount.currency] = rest - amount
    return True


async def _take(
    db: AsyncConnection, network_id: int, payouts: Sequence[Payout], now: datetime
) -> None:
    """Set the value of payouts that were not begun yet on its way."""
    fresh = [one for one in payouts if not one.is_taken]
    captures = [
        Capture(one.hold_id, one.amount, f"payout:{one.payout_id}:capture:{one.round}")
        for one in fresh
        if one.hold_id is not None
    ]
    await capture_holds(db, network_id=network_id, captures=captures, now=now)
    drafts = [take_journal(one, actor=one.requested_by, now=now) for one in fresh]
    if drafts:
        for outcome in await post_journals(db, network_id=network_id, drafts=drafts, now=now):
            if not isinstance(outcome, Posted):
                raise outcome


def _begin(network_id: int, one: _Next, now: datetime) -> tuple[Payout, Attempt, Order]:
    is_first = one.leg is Leg.TRANSFER
    payout = moved_payout(
        one.payout,
        to=PayoutState.SUBMITTING if is_first else one.payout.state,
        now=now,
        is_taken=True,
        reason=None if is_first else one.payout.reason,
        destination_hash=one.payee.destination_hash,
    )
    attempt = first_try(network_id, payout, one.leg, one.account_id, one.attempts, now)
    return payout, attempt, order_of(network_id, payout, attempt, one.attempts, now)
