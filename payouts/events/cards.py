"""Events of the network's own cards, and of those that brands owe."""

from uuid import UUID

from payouts.events.model import Lines, business_event, owned
from payouts.events.treasury import provider_movement
from payouts.ledger import credit, debit, own_account
from payouts.money import Money


@business_event("card.sale", 13, source="a partner sells a card at its till")
def card_sale(*, partner_id: UUID, card_id: UUID, face: Money) -> Lines:
    """A partner sold a card at its till: it owes the network the face, the network owes the card.

    A sale is not undone: the reversal is for a defect of ours alone.
    """
    return (
        debit(owned("partner_recv", partner_id, face.currency), face),
        credit(owned("gift_card", card_id, face.currency), face),
    )


@business_event(
    "card.paid_online", 13, kind="stripe.*", source="the provider's balance transaction"
)
def card_paid_online(*, card_id: UUID, paid: Money, fee: Money) -> Lines:
    """A card was sold or topped up through the provider: the network owes all that was paid.

    The provider's fee is the network's.
    """
    card = owned("gift_card", card_id, paid.currency)
    return provider_movement(counter=card, gross=paid, fee=fee, ordered=paid)


@business_event("card.capture", 15, reversal="card.refund", source="a merchant takes from a card")
def card_capture(*, card_id: UUID, partner_id: UUID, amount: Money, fee: Money) -> Lines:
    """A merchant took value from a card: it is owed the amount less the network's commission."""
    return (
        debit(owned("gift_card", card_id, amount.currency), amount),
        credit(owned("partner_payable", partner_id, amount.currency), amount - fee),
        credit(own_account("platform_fee", amount.currency), fee),
    )


@business_event(
    "card.refund", 16, reversal="card.capture", source="a merchant gives back to a card"
)
def card_refund(*, card_id: UUID, partner_id: UUID, amount: Money, fee: Money) -> Lines:
    """A merchant gave value back to a card, and the commission on it came back too."""
    return (
        debit(owned("partner_payable", partner_id, amount.currency), amount - fee),
        debit(own_account("platform_fee", amount.currency), fee),
        credit(owned("gift_card", card_id, amount.currency), amount),
    )


@business_event("memo_card.spend", 15, source="a brand takes its own card")
def memo_card_spend(*, brand_id: UUID, card_id: UUID, amount: Money) -> Lines:
    """A card that its brand owes was spent at the brand: nobody owes anybody, less is on it."""
    return (
        debit(owned("memo_card", card_id, amount.currency), amount),
        credit(owned("memo_brand_cards", brand_id, amount.currency), amount),
    )
