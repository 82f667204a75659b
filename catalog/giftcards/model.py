"""Cards of the network's own, and the journals that their life writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from payouts.events import card_capture, card_refund, card_sale
from payouts.ledger import Account, Cause, Draft
from payouts.money import Money, Rounding, proportion, share_of

OWN_CARDS = "own-cards"
"""The realm of the network's own codes in the vault."""

AUTHORIZATION_LIFE = timedelta(days=7)
EXPIRE_KIND = "hold.expire"
GUESS_WINDOW = timedelta(minutes=15)
GUESSES_MAX = 20
"""Failed look-ups of one caller in one window."""
NETWORK_GUESSES_MAX = 2_000
"""Failed look-ups of a whole network in one window."""
WHOLE_NETWORK = "*"


class CardState(StrEnum):
    """Whether a card can be used; an exhausted one comes back with a refund."""

    ACTIVE = "active"
    FROZEN = "frozen"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class AuthorizationState(StrEnum):
    """What became of an amount that a merchant set aside."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A card whose value the network owes: sold by a partner, or got by a member."""

    card_id: UUID
    brand_id: UUID | None
    reward_id: UUID | None
    redemption_id: UUID | None
    partner_id: UUID | None
    member_id: UUID | None
    external_id: str | None
    face: Money
    state: CardState
    issued_at: datetime
    expires_at: datetime | None

    def is_usable(self, now: datetime) -> bool:
        """Whether value can be taken from it."""
        is_current = self.expires_at is None or now < self.expires_at
        return is_current and self.state in (CardState.ACTIVE, CardState.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class CardLookup:
    """What a code led to: a usable card, nothing, or nothing because too many guesses failed."""

    card_id: UUID | None
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class CardAuthorization:
    """An amount of a card that one merchant set aside, and what it took of it and gave back."""

    authorization_id: UUID
    card_id: UUID
    partner_id: UUID
    merchant_reference: str
    amount: Money
    captured: Money
    refunded: Money
    fee: Money
    fee_returned: Money
    acceptance_fee_bps: int
    state: AuthorizationState
    hold_id: UUID
    authorized_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @property
    def refundable(self) -> Money:
        """What can still be given back."""
        return self.captured - self.refunded

    def fee_returned_by(self, refund: Money) -> Money:
        """The commission that goes back with a refund.

        It is counted over all refunds, so that a full refund in any parts returns all of it.
        """
        whole = proportion(
            self.fee,
            part=(self.refunded + refund).minor,
            whole=self.captured.minor,
            rounding=Rounding.HALF_EVEN,
        )
        return whole - self.fee_returned


@dataclass(frozen=True, slots=True)
class CardRefund:
    """An amount that a merchant gave back to a card."""

    card_refund_id: UUID
    authorization_id: UUID
    amount: Money
    fee: Money
    refunded_at: datetime


def card_account(card_id: UUID, currency: str) -> Account:
    """The account of what the network owes on a card."""
    return Account("gift_card", str(card_id), currency)


def acceptance_fee(amount: Money, *, acceptance_fee_bps: int) -> Money:
    """The network's commission on what a merchant takes from a card."""
    return share_of(amount, basis_points=acceptance_fee_bps, rounding=Rounding.HALF_EVEN)


def card_sale_journal(card: GiftCard, *, actor: str, now: datetime) -> Draft:
    """A partner sold a card at its till."""
    assert card.partner_id is not None
    return Draft(
        kind="card.sale",
        key=f"card:{card.card_id}:sale",
        cause=Cause("gift_card", str(card.card_id)),
        lines=card_sale(partner_id=card.partner_id, card_id=card.card_id, face=card.face),
        actor=actor,
        effective_at=now,
    )


def card_capture_journal(
    held: CardAuthorization, *, amount: Money, fee: Money, actor: str, now: datetime
) -> Draft:
    """A merchant took value from a card; `card_refund_journal` gives it back."""
    return Draft(
        kind="card.capture",
        key=f"card:{held.authorization_id}:capture",
        cause=Cause("card_authorization", str(held.authorization_id)),
        lines=card_capture(
            card_id=held.card_id, partner_id=held.partner_id, amount=amount, fee=fee
        ),
        actor=actor,
        effective_at=now,
    )


def card_refund_journal(
    held: CardAuthorization, refund: CardRefund, *, actor: str, now: datetime
) -> Draft:
    """A merchant gave value back to a card, and the commission on it came back too."""
    return Draft(
        kind="card.refund",
        key=f"card:{refund.card_refund_id}:refund",
        cause=Cause("card_authorization", str(held.authorization_id)),
        lines=card_refund(
            card_id=held.card_id,
            partner_id=held.partner_id,
            amount=refund.amount,
            fee=refund.fee,
        ),
        actor=actor,
        effective_at=now,
    )
