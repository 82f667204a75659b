"""The journals of payouts: which lines each event posts, and what reverses it."""

from datetime import datetime

from payouts.disbursement.model import Payout
from payouts.events import (
    cashback_payout_request,
    cashback_payout_return,
    settlement_transfer,
    settlement_transfer_return,
)
from payouts.ledger import Cause, Draft


def _cause(payout: Payout) -> Cause:
    return Cause("payout", str(payout.payout_id))


def cashback_payout_request_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Take a payout out of the member's wallet; reversed by cashback_payout_return_journal."""
    return Draft(
        kind="cashback_payout.request",
        key=f"payout:{payout.payout_id}:request:{payout.round}",
        cause=_cause(payout),
        lines=cashback_payout_request(member_id=payout.owner_id, amount=payout.amount),
        actor=actor,
        effective_at=now,
    )


def cashback_payout_return_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Put a payout that did not arrive back; reverses cashback_payout_request_journal."""
    return Draft(
        kind="cashback_payout.return",
        key=f"payout:{payout.payout_id}:return:{payout.round}",
        cause=_cause(payout),
        lines=cashback_payout_return(member_id=payout.owner_id, amount=payout.amount),
        actor=actor,
        effective_at=now,
    )


def settlement_transfer_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Set a partner's position on its way; reversed by settlement_transfer_return_journal."""
    return Draft(
        kind="settlement.transfer",
        key=f"payout:{payout.payout_id}:request:{payout.round}",
        cause=_cause(payout),
        lines=settlement_transfer(partner_id=payout.owner_id, amount=payout.amount),
        actor=actor,
        effective_at=now,
    )


def settlement_transfer_return_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Owe a partner again what did not arrive; reverses settlement_transfer_journal."""
    return Draft(
        kind="settlement.transfer_return",
        key=f"payout:{payout.payout_id}:return:{payout.round}",
        cause=_cause(payout),
        lines=settlement_transfer_return(partner_id=payout.owner_id, amount=payout.amount),
        actor=actor,
        effective_at=now,
    )


def take_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Write the journal that sets a payout on its way."""
    if payout.kind == "cashback":
        return cashback_payout_request_journal(payout, actor=actor, now=now)
    return settlement_transfer_journal(payout, actor=actor, now=now)


def return_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Write the journal that takes back what set a payout on its way."""
    if payout.kind == "cashback":
        return cashback_payout_return_journal(payout, actor=actor, now=now)
    return settlement_transfer_return_journal(payout, actor=actor, now=now)
