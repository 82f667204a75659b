"""Events of redeeming: a member turns value into a card or a seat, or a supplier errs about one."""

from uuid import UUID

from payouts.events.model import Lines, business_event, exchange_lines, owned
from payouts.ledger import Account, credit, debit, own_account
from payouts.money import Money


@business_event("redemption.supplier", 10, source="a supplier delivers")
def redemption_supplier(
    *, member_id: UUID, supplier_id: UUID, price: Money, charged: Money, worth: Money
) -> Lines:
    """A supplier delivered a card: the member has paid, and the supplier is owed what it charged.

    `worth` is the charge in the member's currency; the price less it is the network's margin. In
    two currencies each is balanced through the network's position. While the supplier's answer is
    unknown the price is only held; a refused order posts nothing. A delivered code is not taken
    back: the reversal is for a defect of ours alone.
    """
    unit = price.currency
    exchange = () if charged.currency == unit else exchange_lines(given=worth, got=charged)
    return (
        debit(owned("member_available", member_id, unit), price),
        *exchange,
        credit(owned("supplier_payable", supplier_id, charged.currency), charged),
        credit(own_account("redemption_margin", unit), price - worth),
    )


@business_event(
    "mistaken_order.write_off",
    reversal="mistaken_order.refund",
    source="a resolution that two persons agreed on",
)
def mistaken_order_write_off(*, supplier_id: UUID, charged: Money) -> Lines:
    """A supplier charges for an order of which nobody had anything: the network bears it.

    The supplier is owed the charge as for any other order, and paid as for any other.
    """
    return (
        debit(own_account("order_loss", charged.currency), charged),
        credit(owned("supplier_payable", supplier_id, charged.currency), charged),
    )


@business_event(
    "mistaken_order.refund",
    reversal="mistaken_order.write_off",
    source="a resolution that two persons agreed on",
)
def mistaken_order_refund(*, supplier_id: UUID, charged: Money) -> Lines:
    """A supplier gave back after all what it had charged for an order that was written off."""
    return (
        debit(owned("supplier_payable", supplier_id, charged.currency), charged),
        credit(own_account("order_loss", charged.currency), charged),
    )


@business_event("redemption.own_card", 12, source="a member redeems for a card of the network")
def redemption_own_card(*, member_id: UUID, card_id: UUID, amount: Money) -> Lines:
    """A member turned value into a card of the network's own: the network owes the card instead.

    A card is not turned back: the reversal is for a defect of ours alone.
    """
    return (
        debit(owned("member_available", member_id, amount.currency), amount),
        credit(owned("gift_card", card_id, amount.currency), amount),
    )


@business_event("redemption.brand_card", 12, source="a member redeems for a card that a brand owes")
def redemption_brand_card(
    *,
    member_id: UUID,
    partner_id: UUID,
    brand_id: UUID,
    card_id: UUID,
    face: Money,
    commission: Money,
) -> Lines:
    """A member turned value into a card that its brand owes: the brand's partner is owed the face.

    The network keeps its commission. The card is no liability of the network; what is on it is
    remembered in memo accounts, which only ever stand against each other.
    """
    unit = face.currency
    return (
        debit(owned("member_available", member_id, unit), face),
        credit(owned("partner_payable", partner_id, unit), face - commission),
        credit(own_account("platform_fee", unit), commission),
        debit(owned("memo_brand_cards", brand_id, unit), face),
        credit(owned("memo_card", card_id, unit), face),
    )


@business_event("experience.book", 17, reversal="experience.cancel", source="a member books a seat")
def experience_book(*, member_id: UUID, partner_id: UUID, price: Money, commission: Money) -> Lines:
    """A seat is booked: the partner will be owed the price less commission once it took place."""
    member, pending, deferred = _booked(member_id, partner_id, price.currency)
    return (
        debit(member, price),
        credit(pending, price - commission),
        credit(deferred, commission),
    )


@business_event("experience.cancel", 18, source="a member gives a seat back")
def experience_cancel(
    *,
    member_id: UUID,
    partner_id: UUID,
    price: Money,
    commission: Money,
    penalty: Money,
    penalty_commission: Money,
) -> Lines:
    """A seat is given back: the member gets the price less the penalty.

    Of the penalty the network keeps its commission and the partner gets the rest. Without a
    penalty it takes the booking back whole.
    """
    unit = price.currency
    member, pending, deferred = _booked(member_id, partner_id, unit)
    return (
        debit(pending, price - commission),
        debit(deferred, commission),
        credit(member, price - penalty),
        credit(owned("partner_payable", partner_id, unit), penalty - penalty_commission),
        credit(own_account("platform_fee", unit), penalty_commission),
    )


@business_event("experience.deliver", 17, source="the experience takes place")
def experience_deliver(*, partner_id: UUID, price: Money, commission: Money) -> Lines:
    """The experience took place: the partner is owed its part, the network has earned its own.

    It took place: the reversal is for a defect of ours alone.
    """
    unit = price.currency
    return (
        debit(owned("partner_payable_pending", partner_id, unit), price - commission),
        credit(owned("partner_payable", partner_id, unit), price - commission),
        debit(owned("fee_deferred", partner_id, unit), commission),
        credit(own_account("platform_fee", unit), commission),
    )


def _booked(member_id: UUID, partner_id: UUID, unit: str) -> tuple[Account, Account, Account]:
    return (
        owned("member_available", member_id, unit),
        owned("partner_payable_pending", partner_id, unit),
        owned("fee_deferred", partner_id, unit),
    )
