"""The journals of payouts: which lines each event posts, and what reverses it."""

from datetime import datetime

from payouts.disbursement.model import Payout
from payouts.ledger import Account, Cause, Draft, credit, debit


def _cause(payout: Payout) -> Cause:
    return Cause("payout", str(payout.payout_id))


def cashback_payout_request_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Take a payout out of the member's wallet; reversed by cashback_payout_return_journal."""
    owner, currency = str(payout.owner_id), payout.amount.currency
    return Draft(
        kind="cashback_payout.request",
        key=f"payout:{payout.payout_id}:request:{payout.round}",
        cause=_cause(payout),
        lines=(
            debit(Account("member_available", owner, currency), payout.amount),
            credit(Account("member_payout_clearing", owner, currency), payout.amount),
        ),
        actor=actor,
        effective_at=now,
    )


def cashback_payout_return_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Put a payout that did not arrive back; reverses cashback_payout_request_journal."""
    owner, currency = str(payout.owner_id), payout.amount.currency
    return Draft(
        kind="cashback_payout.return",
        key=f"payout:{payout.payout_id}:return:{payout.round}",
        cause=_cause(payout),
        lines=(
            debit(Account("member_payout_clearing", owner, currency), payout.amount),
            credit(Account("member_available", owner, currency), payout.amount),
        ),
        actor=actor,
        effective_at=now,
    )


def settlement_transfer_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Set a partner's position on its way; reversed by settlement_transfer_return_journal."""
    owner, currency = str(payout.owner_id), payout.amount.currency
    return Draft(
        kind="settlement.transfer",
        key=f"payout:{payout.payout_id}:request:{payout.round}",
        cause=_cause(payout),
        lines=(
            debit(Account("settle_payable", owner, currency), payout.amount),
            credit(Account("transfer_clearing", owner, currency), payout.amount),
        ),
        actor=actor,
        effective_at=now,
    )


def settlement_transfer_return_journal(payout: Payout, *, actor: str, now: datetime) -> Draft:
    """Owe a partner again what did not arrive; reverses settlement_transfer_journal."""
    owner, currency = str(payout.owner_id), payout.amount.currency
    return Draft(
        kind="settlement.transfer_return",
        key=f"payout:{payout.payout_id}:return:{payout.round}",
        cause=_cause(payout),
        lines=(
            debit(Account("transfer_clearing", owner, currency), payout.amount),
            credit(Account("settle_payable", owner, currency), payout.amount),
        ),
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
