"""Events of earning: value is promised, becomes available, is taken back, or lapses."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from payouts.events.model import (
    Lines,
    Share,
    business_event,
    exchange_lines,
    owned,
    reversed_lines,
    sum_of,
)
from payouts.ledger import Account, Line, credit, debit, own_account
from payouts.money import Money


@business_event(
    "accrual.pending",
    1,
    8,
    reversal="accrual.return_pending",
    source="a partner reports a purchase",
)
def accrual_pending(
    *, merchant_id: UUID, member_id: UUID, shares: Sequence[Share], fee: Money
) -> Lines:
    """A member bought: value is promised until the return window is over.

    The merchant and its fellow funders will owe their shares and the merchant the network's fee,
    the member will have the value, and the fee waits. What the network funds is its expense.
    """
    cashback = sum_of(shares, fee.currency)
    return (
        *_owed("partner_recv_pending", merchant_id, shares, fee),
        *_funded_by_network(shares),
        credit(owned("member_pending", member_id, cashback.currency), cashback),
        credit(owned("fee_deferred", merchant_id, fee.currency), fee),
    )


@business_event(
    "accrual.pending_exchanged", 27, source="a partner that funds in another currency reports"
)
def accrual_pending_exchanged(
    *, funder_id: UUID, member_id: UUID, owed: Money, cashback: Money
) -> Lines:
    """A partner funds in its currency what a member earns in the member's own.

    Both legs go through the network's position, at the rate that the journal's note names.
    """
    return (
        debit(owned("partner_recv_pending", funder_id, owed.currency), owed),
        *exchange_lines(given=owed, got=cashback),
        credit(owned("member_pending", member_id, cashback.currency), cashback),
    )


@business_event(
    "accrual.return_pending", 2, reversal="accrual.pending", source="a partner reports a return"
)
def accrual_return_pending(
    *, merchant_id: UUID, member_id: UUID, shares: Sequence[Share], fee: Money
) -> Lines:
    """A part of a purchase came back before confirmation: everybody's part shrinks alike.

    Taken back in turn, it is the same part bought anew.
    """
    cashback = sum_of(shares, fee.currency)
    return (
        debit(owned("member_pending", member_id, cashback.currency), cashback),
        debit(owned("fee_deferred", merchant_id, fee.currency), fee),
        *reversed_lines(_owed("partner_recv_pending", merchant_id, shares, fee)),
        *reversed_lines(_funded_by_network(shares)),
    )


@business_event(
    "accrual.confirm", 3, reversal="accrual.return_available", source="the return window is over"
)
def accrual_confirm(
    *, merchant_id: UUID, member_id: UUID, shares: Sequence[Share], fee: Money, offset: Money
) -> Lines:
    """The return window is over: what remains is the member's, is owed, and is earned.

    `offset` of it pays the member's debt before anything becomes available.
    """
    unit = fee.currency
    cashback = sum_of(shares, unit)
    return (
        debit(owned("member_pending", member_id, unit), cashback),
        credit(owned("member_available", member_id, unit), cashback - offset),
        credit(owned("member_recv", member_id, unit), offset),
        *_owed("partner_recv", merchant_id, shares, fee),
        *reversed_lines(_owed("partner_recv_pending", merchant_id, shares, fee)),
        debit(owned("fee_deferred", merchant_id, unit), fee),
        credit(own_account("platform_fee", unit), fee),
    )


@business_event("accrual.return_available", 4, 5, source="a partner reports a return")
def accrual_return_available(
    *,
    merchant_id: UUID,
    member_id: UUID,
    shares: Sequence[Share],
    fee: Money,
    debt: Money,
    lapsed: Sequence[Share] = (),
) -> Lines:
    """A part of a purchase came back after confirmation: the member gives the value back.

    What the member has spent meanwhile (`debt`) it owes; what had lapsed comes from whoever it
    lapsed to. Funders owe less, and the fee on the part is not earned. It takes back the
    confirmation and the promise behind it.
    """
    unit = fee.currency
    kept = sum_of(shares, unit) - sum_of(lapsed, unit)
    return (
        debit(owned("member_available", member_id, unit), kept - debt),
        debit(owned("member_recv", member_id, unit), debt),
        *(debit(_taker(share.partner_id, unit), share.amount) for share in lapsed),
        debit(own_account("platform_fee", unit), fee),
        *reversed_lines(_owed("partner_recv", merchant_id, shares, fee)),
        *reversed_lines(_funded_by_network(shares)),
    )


@business_event("debt.write_off", 5, source="the network's policy: nothing was offset in time")
def debt_write_off(*, member_id: UUID, amount: Money) -> Lines:
    """A member's debt is given up: it is the network's loss."""
    return (
        debit(own_account("cashback_loss", amount.currency), amount),
        credit(owned("member_recv", member_id, amount.currency), amount),
    )


@business_event("debt.recharge", 5, source="the network's policy: who funded the value answers")
def debt_recharge(*, member_id: UUID, shares: Sequence[Share]) -> Lines:
    """A member's debt is charged to the partners that had funded the value, each its share.

    What the network had funded is its loss.
    """
    if not shares:
        return ()
    unit = shares[0].amount.currency
    return (
        *(debit(_answering(share), share.amount) for share in shares),
        credit(owned("member_recv", member_id, unit), sum_of(shares, unit)),
    )


@business_event("value.expire", 6, source="the day on which a lot ends")
def value_expire(
    *, member_id: UUID, amount: Money, returned_to: UUID | None, offset: Money
) -> Lines:
    """Available value ends on its day.

    `offset` of it pays the member's debt; the rest is the network's, or its funder's when the
    agreement returns what nobody spent.
    """
    unit = amount.currency
    return (
        debit(owned("member_available", member_id, unit), amount),
        credit(owned("member_recv", member_id, unit), offset),
        credit(_taker(returned_to, unit), amount - offset),
    )


@business_event("bonus.pending", 7, source="a tier or campaign of the network")
def bonus_pending(*, member_id: UUID, amount: Money, campaign: str = "") -> Lines:
    """The network promises a member a bonus of its own."""
    return (
        debit(_of_campaign("bonus_expense", campaign, amount.currency), amount),
        credit(owned("member_pending", member_id, amount.currency), amount),
    )


@business_event("bonus.confirm", 7, 9, source="what the bonus waited for has happened")
def bonus_confirm(*, member_id: UUID, amount: Money, offset: Money) -> Lines:
    """A promised bonus becomes available; `offset` of it pays the member's debt first."""
    unit = amount.currency
    return (
        debit(owned("member_pending", member_id, unit), amount),
        credit(owned("member_available", member_id, unit), amount - offset),
        credit(owned("member_recv", member_id, unit), offset),
    )


@business_event("referral.pending", 9, source="somebody whom a member brought joined")
def referral_pending(
    *, referrer_id: UUID, referee_id: UUID, reward: Money, welcome: Money, campaign: str = ""
) -> Lines:
    """The network promises value to a member for bringing another, and to that one for coming."""
    unit = reward.currency
    return (
        debit(_of_campaign("referral_expense", campaign, unit), reward + welcome),
        credit(owned("member_pending", referrer_id, unit), reward),
        credit(owned("member_pending", referee_id, unit), welcome),
    )


def _owed(kind: str, merchant_id: UUID, shares: Sequence[Share], fee: Money) -> list[Line]:
    # The merchant's fee and its own share of the cashback are one debt, so they are one line.
    owed = {merchant_id: fee}
    for share in shares:
        if share.partner_id is not None:
            earlier = owed.get(share.partner_id, Money.zero(fee.currency))
            owed[share.partner_id] = earlier + share.amount
    return [
        debit(owned(kind, partner_id, fee.currency), amount) for partner_id, amount in owed.items()
    ]


def _funded_by_network(shares: Sequence[Share]) -> list[Line]:
    return [
        debit(own_account("bonus_expense", share.amount.currency), share.amount)
        for share in shares
        if share.partner_id is None
    ]


def _answering(share: Share) -> Account:
    if share.partner_id is None:
        return own_account("cashback_loss", share.amount.currency)
    return owned("partner_recv", share.partner_id, share.amount.currency)


def _taker(partner_id: UUID | None, unit: str) -> Account:
    if partner_id is None:
        return own_account("breakage_cashback", unit)
    return owned("partner_payable", partner_id, unit)


def _of_campaign(kind: str, campaign: str, unit: str) -> Account:
    return replace(own_account(kind, unit), sub=campaign)
