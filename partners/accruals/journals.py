"""Which lines an accrual's events post. Each has its reversal beside it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from partners.accruals.model import Accrual, AccrualShare, Reversal
from partners.agreements import UnspentTo
from payouts.ledger import Account, Cause, Draft, Line, credit, debit, own_account
from payouts.money import Money


def pending_journal(accrual: Accrual, *, actor: str) -> Draft:
    """The merchant and its fellow funders will owe; the member will have; the fee waits.

    Reversed by return_pending_journal.
    """
    amounts = [share.amount for share in accrual.shares]
    lines = (
        *_owed(accrual, "partner_recv_pending", amounts, accrual.fee),
        *_network_share(accrual, amounts),
        credit(_member(accrual, "member_pending"), accrual.cashback),
        credit(_deferred(accrual), accrual.fee),
    )
    return Draft(
        kind="accrual.pending",
        key=f"accrual:{accrual.accrual_id}:pending",
        cause=Cause("accrual", str(accrual.accrual_id)),
        lines=lines,
        actor=actor,
        effective_at=accrual.earned_at,
        note={"purchase_id": str(accrual.purchase_id)},
    )


def return_pending_journal(
    accrual: Accrual, reversal: Reversal, *, return_id: UUID, actor: str, at: datetime
) -> Draft:
    """Part of a purchase came back before confirmation: everybody's part shrinks alike.

    Reverses pending_journal in proportion.
    """
    lines = (
        debit(_member(accrual, "member_pending"), reversal.cashback),
        debit(_deferred(accrual), reversal.fee),
        *_reversed(_owed(accrual, "partner_recv_pending", reversal.shares, reversal.fee)),
        *_reversed(_network_share(accrual, reversal.shares)),
    )
    return Draft(
        kind="accrual.return_pending",
        key=f"return:{return_id}",
        cause=Cause("purchase_return", str(return_id)),
        lines=lines,
        actor=actor,
        effective_at=at,
        reverses=accrual.pending_journal_id,
        note={"purchase_id": str(accrual.purchase_id), "accrual_id": str(accrual.accrual_id)},
    )


def confirm_journal(accrual: Accrual, *, offset: Money, actor: str) -> Draft:
    """The return window is over: what remains is the member's, is owed, and is earned.

    `offset` of it pays the member's debt first. Reversed by return_available_journal.
    """
    amounts = [share.remaining for share in accrual.shares]
    fee = accrual.fee_remaining
    lines = (
        debit(_member(accrual, "member_pending"), accrual.remaining),
        credit(_member(accrual, "member_available"), accrual.remaining - offset),
        credit(_member(accrual, "member_recv"), offset),
        *_owed(accrual, "partner_recv", amounts, fee),
        *_reversed(_owed(accrual, "partner_recv_pending", amounts, fee)),
        debit(_deferred(accrual), fee),
        credit(own_account("platform_fee", fee.currency), fee),
    )
    return Draft(
        kind="accrual.confirm",
        key=f"accrual:{accrual.accrual_id}:confirm",
        cause=Cause("accrual", str(accrual.accrual_id)),
        lines=lines,
        actor=actor,
        effective_at=accrual.available_at,
        note={"purchase_id": str(accrual.purchase_id)},
    )


def return_available_journal(
    accrual: Accrual,
    reversal: Reversal,
    *,
    debt: Money,
    return_id: UUID,
    actor: str,
    at: datetime,
) -> Draft:
    """Part of a purchase came back after confirmation: taken from the member, and what the member
    has spent meanwhile (`debt`) becomes owed. What had lapsed is taken from whom it lapsed to.

    Reverses confirm_journal in proportion, and of what lapsed the expiry.
    """
    kept = reversal.cashback - reversal.cashback_lapsed
    lines = (
        debit(_member(accrual, "member_available"), kept - debt),
        debit(_member(accrual, "member_recv"), debt),
        *_lapsed(accrual, reversal.lapsed),
        debit(own_account("platform_fee", reversal.fee.currency), reversal.fee),
        *_reversed(_owed(accrual, "partner_recv", reversal.shares, reversal.fee)),
        *_reversed(_network_share(accrual, reversal.shares)),
    )
    return Draft(
        kind="accrual.return_available",
        key=f"return:{return_id}",
        cause=Cause("purchase_return", str(return_id)),
        lines=lines,
        actor=actor,
        effective_at=at,
        reverses=accrual.confirm_journal_id,
        note={"purchase_id": str(accrual.purchase_id), "accrual_id": str(accrual.accrual_id)},
    )


def confirm_accounts(accrual: Accrual) -> set[Account]:
    """Name every account that confirm_journal may touch."""
    touched = confirm_journal(accrual, offset=Money.zero(accrual.cashback.currency), actor="-")
    return {line.account for line in touched.lines}


def _owed(accrual: Accrual, kind: str, amounts: Sequence[Money], fee: Money) -> list[Line]:
    # The merchant's fee and its own share of the cashback are one debt, so they are one line.
    owed = {accrual.partner_id: fee}
    for share, amount in zip(accrual.shares, amounts, strict=True):
        if share.partner_id is not None:
            owed[share.partner_id] = owed.get(share.partner_id, Money.zero(fee.currency)) + amount
    return [
        debit(Account(kind, str(partner_id), fee.currency), amount)
        for partner_id, amount in owed.items()
    ]


def _network_share(accrual: Accrual, amounts: Sequence[Money]) -> list[Line]:
    return [
        debit(own_account("bonus_expense", amount.currency), amount)
        for share, amount in zip(accrual.shares, amounts, strict=True)
        if share.funder == "network"
    ]


def _lapsed(accrual: Accrual, amounts: Sequence[Money]) -> list[Line]:
    return [
        debit(_taker(accrual, share), amount)
        for share, amount in zip(accrual.shares, amounts, strict=True)
        if amount
    ]


def _taker(accrual: Accrual, share: AccrualShare) -> Account:
    unit = share.amount.currency
    if accrual.unspent_to is UnspentTo.FUNDER and share.partner_id is not None:
        return Account("partner_payable", str(share.partner_id), unit)
    return own_account("breakage_cashback", unit)


def _reversed(lines: Sequence[Line]) -> list[Line]:
    return [Line(line.account, -line.amount) for line in lines]


def _member(accrual: Accrual, kind: str) -> Account:
    return Account(kind, str(accrual.member_id), accrual.cashback.currency)


def _deferred(accrual: Accrual) -> Account:
    return Account("fee_deferred", str(accrual.partner_id), accrual.fee.currency)
