"""What redemptions book."""

from datetime import datetime
from uuid import UUID

from catalog.redemptions.mistaken_order import MistakenOrder, OrderResolution
from catalog.redemptions.model import Quote, Redemption
from payouts.events import (
    mistaken_order_refund,
    mistaken_order_write_off,
    points_redeem,
    rate_note,
    redemption_own_card,
    redemption_supplier,
)
from payouts.fx import FxRate
from payouts.ledger import Cause, Draft
from payouts.money import Money


def points_journal_key(redemption_id: UUID) -> str:
    """The key under which points became money for a redemption."""
    return f"redemption:{redemption_id}:points"


def spend_points_journal(one: Redemption, rate: FxRate, *, actor: str, now: datetime) -> Draft:
    """A member's points become the money that a redemption takes in the same transaction."""
    assert one.points is not None
    assert one.points_worth is not None
    return Draft(
        kind="points.redeem",
        key=points_journal_key(one.redemption_id),
        cause=Cause("redemption", str(one.redemption_id)),
        lines=points_redeem(member_id=one.member_id, points=one.points, worth=one.points_worth),
        actor=actor,
        effective_at=now,
        note=rate_note(rate),
    )


def supplier_redemption_journal(
    one: Redemption,
    quote: Quote,
    *,
    charged: Money,
    rate: FxRate | None,
    actor: str,
    now: datetime,
) -> Draft:
    """A supplier delivered: the member has paid, and we owe the supplier what it charged.

    `rate` is the one that was quoted, when the supplier charges in another currency.
    """
    assert quote.supplier_id is not None
    return Draft(
        kind="redemption.supplier",
        key=f"redemption:{one.redemption_id}:supplier",
        cause=Cause("redemption", str(one.redemption_id)),
        lines=redemption_supplier(
            member_id=one.member_id,
            supplier_id=quote.supplier_id,
            price=one.total,
            charged=charged,
            worth=quote.in_wallet(charged),
        ),
        actor=actor,
        effective_at=now,
        note={} if rate is None else rate_note(rate),
    )


def own_card_journal(one: Redemption, *, card_id: UUID, actor: str, now: datetime) -> Draft:
    """A member turned value into a card of the network's own."""
    return Draft(
        kind="redemption.own_card",
        key=f"redemption:{one.redemption_id}:own_card",
        cause=Cause("redemption", str(one.redemption_id)),
        lines=redemption_own_card(member_id=one.member_id, card_id=card_id, amount=one.total),
        actor=actor,
        effective_at=now,
    )


def mistaken_order_journal(
    one: MistakenOrder, agreed: OrderResolution, *, actor: str, now: datetime
) -> Draft | None:
    """What was agreed of a mistaken order costs the network, or brings back what it had cost.

    None for an order that was cancelled before anybody bore it: nothing was owed for it.
    """
    cause = Cause("mistaken_order", str(one.mistaken_order_id))
    key = f"mistaken_order:{one.mistaken_order_id}:{agreed.number}"
    if agreed.charged is not None:
        return Draft(
            kind="mistaken_order.write_off",
            key=key,
            cause=cause,
            lines=mistaken_order_write_off(supplier_id=one.supplier_id, charged=agreed.charged),
            actor=actor,
            effective_at=now,
        )
    borne = one.in_force
    if borne is None or borne.charged is None:
        return None
    return Draft(
        kind="mistaken_order.refund",
        key=key,
        cause=cause,
        lines=mistaken_order_refund(supplier_id=one.supplier_id, charged=borne.charged),
        actor=actor,
        effective_at=now,
        reverses=borne.journal_id,
    )
