"""Quotes, redemptions, and how one is fulfilled by a supplier."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from catalog.pricing import CostLines, PointsPart
from payouts.events import (
    points_redeem,
    rate_note,
    redemption_own_card,
    redemption_supplier,
)
from payouts.fx import FxRate
from payouts.ledger import Account, Cause, Draft
from payouts.money import POINTS_UNIT, Money, Points, Rate, Rounding, convert

QUOTE_LIFE = timedelta(minutes=15)
FULFIL_KIND = "redemption.fulfil"
LEASE_SECONDS = 150
"""Longer than any supplier takes to answer an order: before that nobody looks it up."""
FIRST_LOOK = timedelta(seconds=5)
"""How long after an unanswered order it is looked up."""
ABSENCES_MIN = 2
ABSENCE_GAP = timedelta(seconds=30)
"""An order counts as never taken when it was absent twice, so long apart."""
PAUSE_MIN = timedelta(seconds=5)
PAUSE_MAX = timedelta(minutes=10)
REMARK_LENGTH_MAX = 300

_SUPPLIER_KEY = re.compile(
    r"mz-([1-9][0-9]{0,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-[0-9]{1,4}"
)


class RedemptionKind(StrEnum):
    """What value is turned into."""

    SUPPLIER_CARD = "supplier_card"
    OWN_CARD = "own_card"
    EXPERIENCE = "experience"


class RedemptionState(StrEnum):
    """How far a redemption is; UNKNOWN waits for the supplier to say what became of the order."""

    PLACED = "placed"
    FULFILLING = "fulfilling"
    UNKNOWN = "unknown"
    FULFILLED = "fulfilled"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_AT_SUPPLIER = frozenset({RedemptionState.FULFILLING, RedemptionState.UNKNOWN})


class AttemptState(StrEnum):
    """What is known of the order at the supplier."""

    SENDING = "sending"
    """The order is on its way; found so by another worker, its fate is unknown."""
    NOT_TAKEN = "not_taken"
    """The supplier was busy and took nothing."""
    UNKNOWN = "unknown"
    ORDERED = "ordered"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Action(StrEnum):
    """What is to be asked of the supplier next."""

    ORDER = "order"
    LOOK_UP = "look_up"


@dataclass(frozen=True, slots=True)
class QuoteLines:
    """The lines of a quote, in the member's currency; a discount is negative."""

    face: Money
    margin: Money
    fee: Money
    discount: Money
    fx: Money

    @property
    def total(self) -> Money:
        """What the member pays."""
        return self.face + self.margin + self.fee + self.discount + self.fx


@dataclass(frozen=True, slots=True)
class Quote:
    """A price that is kept for a member until it expires; it is used once.

    `signature` is over all the rest: a quote that was altered since it was made is not used.
    """

    quote_id: UUID
    member_id: UUID
    reward_id: UUID
    version: int
    kind: RedemptionKind
    face: Money
    lines: QuoteLines
    expires_at: datetime
    quoted_at: datetime
    slot_id: UUID | None = None
    brand_id: UUID | None = None
    partner_id: UUID | None = None
    supplier_id: UUID | None = None
    supplier_sku: str | None = None
    cost: Money | None = None
    fx_rate_id: UUID | None = None
    fx_rate: Decimal | None = None
    margin_id: UUID | None = None
    costs: CostLines | None = None
    points_price: Points | None = None
    points_part: PointsPart | None = None
    signature: str | None = None

    @property
    def total(self) -> Money:
        """What the member pays."""
        return self.lines.total

    @property
    def money_part(self) -> Money:
        """What the member pays in money; points pay the rest."""
        return self.total if self.points_part is None else self.total - self.points_part.worth

    @property
    def gain(self) -> Money | None:
        """What the network keeps of the price, or gives; None when nothing is bought."""
        return None if self.cost is None else self.total - self.in_wallet(self.cost)

    def in_wallet(self, cost: Money) -> Money:
        """Express a supplier's charge in the member's currency, at the rate of the quote."""
        if cost.currency == self.total.currency:
            return cost
        assert self.fx_rate is not None
        rate = Rate(cost.currency, self.total.currency, self.fx_rate)
        return convert(cost, rate, Rounding.HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Redemption:
    """Value that a member turned into a card or a seat."""

    redemption_id: UUID
    quote_id: UUID
    member_id: UUID
    reward_id: UUID
    version: int
    kind: RedemptionKind
    state: RedemptionState
    face: Money
    total: Money
    hold_id: UUID | None
    card_id: UUID | None
    booking_id: UUID | None
    charged: Money | None
    failure_code: str | None
    placed_at: datetime
    ended_at: datetime | None
    points: Points | None = None
    points_worth: Money | None = None
    points_hold_id: UUID | None = None

    @property
    def money_part(self) -> Money:
        """What is paid in money; points pay the rest."""
        return self.total if self.points_worth is None else self.total - self.points_worth


@dataclass(frozen=True, slots=True)
class Attempt:
    """The order at the supplier, under one key for ever."""

    attempt_id: UUID
    redemption_id: UUID
    supplier_id: UUID
    supplier_key: str
    state: AttemptState
    sends: int
    absences: int
    first_absent_at: datetime | None
    supplier_reference: str | None
    other_references: tuple[str, ...]
    remark: str | None
    claimed_at: datetime
    ended_at: datetime | None

    def may_be_sent_again(self, now: datetime) -> bool:
        """Whether it is certain that the supplier has no order, when it was just found absent."""
        if self.state is AttemptState.NOT_TAKEN:
            return True
        if self.state is not AttemptState.UNKNOWN or self.first_absent_at is None:
            return False
        return self.absences + 1 >= ABSENCES_MIN and now - self.first_absent_at >= ABSENCE_GAP


@dataclass(frozen=True, slots=True)
class FulfilmentStep:
    """One question to a supplier, after its intent was committed.

    `sends` is the number of the sending it belongs to: what comes back of an earlier one no
    longer decides anything.
    """

    redemption_id: UUID
    action: Action
    supplier_name: str
    supplier_key: str
    supplier_sku: str
    face: Money
    sends: int
    claimed_at: datetime


def supplier_key_of(network_id: int, redemption_id: UUID, epoch: int) -> str:
    """The key under which a supplier knows an order."""
    return f"mz-{network_id}-{redemption_id}-{epoch}"


def read_supplier_key(key: str) -> tuple[int, UUID] | None:
    """Tell the network and the redemption that a key names; None when it is none of ours."""
    found = _SUPPLIER_KEY.fullmatch(key)
    return None if found is None else (int(found[1]), UUID(found[2]))


def pause_after(since: datetime, now: datetime) -> timedelta:
    """How long to wait before asking again: half as long as it has taken, within bounds."""
    return min(max((now - since) / 2, PAUSE_MIN), PAUSE_MAX)


def wallet_account(member_id: UUID, currency: str) -> Account:
    """The account that a redemption is paid from."""
    return Account("member_available", str(member_id), currency)


def points_account(member_id: UUID) -> Account:
    """The account of points that a redemption is paid from."""
    return Account("member_available", str(member_id), POINTS_UNIT)


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
