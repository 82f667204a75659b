"""Quotes, redemptions, and how one is fulfilled by a supplier."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from catalog.pricing import CostLines, PointsPart
from payouts.ledger import Account
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
LOST_AFTER = timedelta(hours=1)
"""An order of which nobody has known anything for so long is for people."""
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
    """Nothing is on order: it was not ordered yet, or one supplier failed and the next is due."""
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


class Exclusion(StrEnum):
    """Why a source was passed over."""

    FACE_NOT_ON_SALE = "FACE_NOT_ON_SALE"
    NEEDS_ACCOUNT = "NEEDS_ACCOUNT"
    NO_RATE = "NO_RATE"
    NOT_CONNECTED = "NOT_CONNECTED"
    UNHEALTHY = "UNHEALTHY"
    BEING_TRIED = "BEING_TRIED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    TOO_EXPENSIVE = "TOO_EXPENSIVE"
    WITHDRAWN = "WITHDRAWN"


PASSING = frozenset(
    {
        Exclusion.NOT_CONNECTED,
        Exclusion.UNHEALTHY,
        Exclusion.BEING_TRIED,
        Exclusion.OUT_OF_STOCK,
    }
)
"""What may be over by the time of the order."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A source that an order did not go to, and why."""

    source_id: UUID
    supplier_id: UUID
    because: Exclusion

    def as_row(self) -> Mapping[str, str]:
        """Lay it out to be kept."""
        return {
            "source_id": str(self.source_id),
            "supplier_id": str(self.supplier_id),
            "because": self.because.value,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> "PassedOver":
        """Read it back."""
        return cls(UUID(row["source_id"]), UUID(row["supplier_id"]), Exclusion(row["because"]))


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
class QuoteSource:
    """A supplier's item that a quote could be bought as, with its cost as it was quoted."""

    source_id: UUID
    version: int
    supplier_id: UUID
    supplier_sku: str
    cost: Money | None
    cost_in_wallet: Money | None
    fx_rate_id: UUID | None
    fx_rate: Decimal | None
    score: int
    excluded_because: Exclusion | None = None

    @property
    def may_be_bought(self) -> bool:
        """Whether nothing that lasts is against it."""
        return self.cost is not None and (
            self.excluded_because is None or self.excluded_because in PASSING
        )

    def in_wallet(self, cost: Money) -> Money:
        """Express a cost in the member's currency, at the rate of the quote."""
        assert self.cost_in_wallet is not None
        if cost.currency == self.cost_in_wallet.currency:
            return cost
        assert self.fx_rate is not None
        rate = Rate(cost.currency, self.cost_in_wallet.currency, self.fx_rate)
        return convert(cost, rate, Rounding.HALF_EVEN)


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

    def bought_as(self, source: QuoteSource) -> "Quote":
        """The same price for the member, bought from another supplier.

        It is not what was signed, and so has no signature; nor is the charge of that supplier kept
        in lines. `gain` is what the network keeps when it is bought there.
        """
        return replace(
            self,
            supplier_id=source.supplier_id,
            supplier_sku=source.supplier_sku,
            cost=source.cost,
            costs=None,
            fx_rate_id=source.fx_rate_id,
            fx_rate=source.fx_rate,
            signature=None,
        )

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
    """An order at a supplier, under one key for ever; a redemption has one at a time."""

    attempt_id: UUID
    redemption_id: UUID
    epoch: int
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
    source_id: UUID | None = None
    """What was bought; None: what was quoted, before there were several."""
    supplier_sku: str | None = None
    cost: Money | None = None
    """What the supplier was expected to charge when it was chosen."""
    failure_code: str | None = None
    unknown_at: datetime | None = None
    passed_over: tuple[PassedOver, ...] = ()
    """What was not chosen then, and why, though it came first."""

    def may_be_sent_again(self, now: datetime) -> bool:
        """Whether it is certain that the supplier has no order, when it was just found absent."""
        if self.state is AttemptState.NOT_TAKEN:
            return True
        return self.state is AttemptState.UNKNOWN and self.is_absent(now)

    def is_absent(self, now: datetime) -> bool:
        """Whether it was absent often and long enough, when it was just found absent."""
        if self.first_absent_at is None:
            return False
        return self.absences + 1 >= ABSENCES_MIN and now - self.first_absent_at >= ABSENCE_GAP

    def is_unknown_for_long(self, now: datetime) -> bool:
        """Whether nobody has known for long what became of it."""
        if self.state is not AttemptState.UNKNOWN or self.unknown_at is None:
            return False
        return now - self.unknown_at >= LOST_AFTER


@dataclass(frozen=True, slots=True)
class FulfilmentStep:
    """One question to a supplier, after its intent was committed.

    `epoch` is the number of the attempt and `sends` that of its sending: what comes back of an
    earlier one no longer decides anything.
    """

    redemption_id: UUID
    action: Action
    supplier_name: str
    supplier_key: str
    supplier_sku: str
    face: Money
    sends: int
    claimed_at: datetime
    epoch: int


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
