"""Events of cash: at the provider, on its way, at the bank, in other currencies."""

from uuid import UUID

from payouts.events.model import Lines, business_event, owned
from payouts.ledger import Account, credit, debit, own_account
from payouts.money import Money


@business_event("provider.movement", kind="stripe.*", source="the provider's balance transaction")
def provider_movement(
    *, counter: Account | None, gross: Money, fee: Money, ordered: Money
) -> Lines:
    """The provider's balance moved, and is booked exactly as the provider states it.

    `counter` is the account of what was ordered, and `ordered` how much; what differs, and all of
    what nobody ordered, is parked in suspense until somebody has said what it was. The provider
    takes a movement back by a movement of its own.
    """
    unit = gross.currency
    lines = (
        debit(own_account("stripe_balance", unit), gross - fee),
        debit(own_account("processing_fee", unit), fee),
        credit(own_account("suspense", unit), gross - ordered),
    )
    return lines if counter is None else (*lines, credit(counter, ordered))


@business_event("provider.fee", 24, kind="stripe.*", source="the provider's balance transaction")
def provider_fee(*, amount: Money) -> Lines:
    """The provider charged a fee of its own, apart from any payment."""
    expense = own_account("processing_fee", amount.currency)
    nothing = Money.zero(amount.currency)
    return provider_movement(counter=expense, gross=-amount, fee=nothing, ordered=-amount)


@business_event(
    "cashback_payout.request", 19, reversal="cashback_payout.return", source="a member asks"
)
def cashback_payout_request(*, member_id: UUID, amount: Money) -> Lines:
    """A payout is taken out of a member's wallet and is on its way."""
    return (
        debit(owned("member_available", member_id, amount.currency), amount),
        credit(owned("member_payout_clearing", member_id, amount.currency), amount),
    )


@business_event(
    "cashback_payout.return", 19, reversal="cashback_payout.request", source="a payout failed"
)
def cashback_payout_return(*, member_id: UUID, amount: Money) -> Lines:
    """A payout that did not arrive is back in the member's wallet."""
    return (
        debit(owned("member_payout_clearing", member_id, amount.currency), amount),
        credit(owned("member_available", member_id, amount.currency), amount),
    )


@business_event(
    "cashback_payout.paid", 19, kind="stripe.*", source="the provider's balance transaction"
)
def cashback_payout_paid(*, member_id: UUID, amount: Money) -> Lines:
    """The provider moved a member's payout out of the network's balance."""
    clearing = owned("member_payout_clearing", member_id, amount.currency)
    nothing = Money.zero(amount.currency)
    return provider_movement(counter=clearing, gross=-amount, fee=nothing, ordered=-amount)


@business_event("dispute.open", 25, source="the provider's balance transaction")
def dispute_open(*, amount: Money, fee: Money) -> Lines:
    """A payer's bank pulled a payment back: the amount waits for the verdict, the fee is gone."""
    unit = amount.currency
    return (
        debit(own_account("dispute_recv", unit), amount),
        debit(own_account("dispute_fee", unit), fee),
        credit(own_account("stripe_balance", unit), amount + fee),
    )


@business_event("dispute.lost", 25, source="the bank's verdict")
def dispute_lost(
    *, amount: Money, card_id: UUID | None = None, partner_id: UUID | None = None
) -> Lines:
    """A dispute was lost: somebody bears the amount.

    It is taken from the card that was sold when that is unspent and can be cancelled, from the
    partner whose agreement says so, and otherwise it is the network's loss.
    """
    unit = amount.currency
    bearer = own_account("cashback_loss", unit)
    if card_id is not None:
        bearer = owned("gift_card", card_id, unit)
    elif partner_id is not None:
        bearer = owned("partner_recv", partner_id, unit)
    return (debit(bearer, amount), credit(own_account("dispute_recv", unit), amount))


@business_event("dispute.won", 25, source="the bank's verdict")
def dispute_won(*, amount: Money) -> Lines:
    """A dispute was won: the provider gave the amount back. The fee stays spent."""
    return (
        debit(own_account("stripe_balance", amount.currency), amount),
        credit(own_account("dispute_recv", amount.currency), amount),
    )


@business_event(
    "bank.send",
    26,
    kind="stripe.*",
    reversal="bank.send_failed",
    source="the provider's balance transaction",
)
def bank_send(*, amount: Money) -> Lines:
    """The provider sent a part of the balance to the network's bank."""
    transit = own_account("cash_in_transit", amount.currency)
    nothing = Money.zero(amount.currency)
    return provider_movement(counter=transit, gross=-amount, fee=nothing, ordered=-amount)


@business_event(
    "bank.send_failed",
    26,
    kind="stripe.*",
    reversal="bank.send",
    source="the provider's balance transaction",
)
def bank_send_failed(*, amount: Money) -> Lines:
    """What the provider sent to the bank came back to its balance."""
    transit = own_account("cash_in_transit", amount.currency)
    nothing = Money.zero(amount.currency)
    return provider_movement(counter=transit, gross=amount, fee=nothing, ordered=amount)


@business_event("bank.transit", 26, source="a line of the bank's statement")
def bank_transit(*, amount: Money) -> Lines:
    """A line of the bank ends what the provider sent, or begins what it draws when negative."""
    return (
        debit(own_account("bank_cash", amount.currency), amount),
        credit(own_account("cash_in_transit", amount.currency), amount),
    )


@business_event("fx.revalue", 27, source="the close of a period")
def fx_revalue(*, gain: Money) -> Lines:
    """The network's position is worth more than it was booked at, or less when negative.

    The difference is in the network's own currency; the next close takes it back and values anew.
    """
    return (
        debit(own_account("fx_position", gain.currency), gain),
        credit(own_account("fx_gain_loss", gain.currency), gain),
    )
