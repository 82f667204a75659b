"""Rewards: what the catalogue shows and a member can get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from catalog.brands import Brand
from catalog.rewards.errors import FaceNotOnSale
from catalog.search import Facets, Reason, SearchCursor
from catalog.suppliers import Denomination, FaceRange
from partners.networks import LAST_RESORT_LOCALE, in_locale
from partners.rules import FundingShare
from payouts.money import Money, Rate, Rounding, convert


class RewardKind(StrEnum):
    """The kinds of rewards."""

    GIFT_CARD = "gift_card"
    EXPERIENCE = "experience"
    OFFER = "offer"


class RewardState(StrEnum):
    """Where a reward is in its life; an active one, and one that is retiring, can be got."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    """It waits for somebody else than who submitted it; until then it stays as it is."""
    REJECTED = "rejected"
    """The version is not to be sold; a revision makes another, which is a draft again."""
    SCHEDULED = "scheduled"
    """It was approved, and comes on sale at its time."""
    ACTIVE = "active"
    PAUSED = "paused"
    """It is off sale for a while."""
    SUSPENDED = "suspended"
    """The network took it off sale for a reason, and only the network lets it go on."""
    RETIRING = "retiring"
    """It is on sale until its sunset, and everybody is told."""
    MATCHED = "matched"
    """Its item is sold as another reward, which is the same product of another supplier."""
    RETIRED = "retired"

    @property
    def is_public(self) -> bool:
        """Whether others than the network's staff are told that there is such a reward."""
        return self not in _UNPUBLISHED

    @property
    def is_interrupted(self) -> bool:
        """Whether it was taken off sale and may come back: whatever it is the product of, too."""
        return self in (RewardState.PAUSED, RewardState.SUSPENDED)


_UNPUBLISHED = frozenset(
    {RewardState.DRAFT, RewardState.IN_REVIEW, RewardState.REJECTED, RewardState.SCHEDULED}
)
INTERRUPTED = (RewardState.PAUSED.value, RewardState.SUSPENDED.value)
ON_SALE = (RewardState.ACTIVE.value, RewardState.MATCHED.value, RewardState.RETIRING.value)
"""The states in which an item is sold, as itself or as another reward."""
LEADING = (RewardState.ACTIVE.value, RewardState.RETIRING.value, *INTERRUPTED)
"""The states in which others' items are sold as a reward, or are held back with it."""


class MatchState(StrEnum):
    """Whether two suppliers' items are the same product."""

    DOUBTFUL = "doubtful"
    MATCHED = "matched"
    SEPARATE = "separate"


RULE = "rule"
"""Who decided a match that is certain by itself."""


@dataclass(frozen=True, slots=True)
class RewardText:
    """What a reward says in one language."""

    title: str
    description: str = ""
    terms: str = ""
    instructions: str = ""
    """How to use what was got; read only where it is shown (see read_instructions)."""


@dataclass(frozen=True, slots=True)
class GiftCardTerms:
    """The faces of a card and what each costs. Either `denominations` or `face_range` is set.

    A card of the network's own costs its face and has neither fee nor discount.
    """

    face_currency: str
    cost_currency: str
    denominations: tuple[Denomination, ...]
    face_range: FaceRange | None
    fee: Money
    fee_percent: Decimal = Decimal(0)
    discount_percent: Decimal = Decimal(0)
    needs_user_id: bool = False

    @classmethod
    def of_own_faces(cls, *faces: Money) -> "GiftCardTerms":
        """The network's own card with fixed faces."""
        currency = faces[0].currency
        denominations = tuple(Denomination(face, face) for face in faces)
        return cls(currency, currency, denominations, None, Money.zero(currency))

    @classmethod
    def of_own_range(cls, low: Money, high: Money, step: Money) -> "GiftCardTerms":
        """The network's own card with any face between two bounds, in steps from the lower."""
        bounds = FaceRange(low, high, step, low, high, Decimal(1))
        return cls(low.currency, low.currency, (), bounds, Money.zero(low.currency))

    def cost_of(self, face: Money) -> Money:
        """Tell what a face costs before fee and discount, in the cost currency.

        The ends of a range cost what the supplier says; between them face times rate counts,
        rounded half to even. Raises FaceNotOnSale.
        """
        if face.currency == self.face_currency:
            for one in self.denominations:
                if one.face == face:
                    return one.cost
            if self.face_range is not None and self.face_range.has(face):
                return self._cost_in_range(face, self.face_range)
        raise FaceNotOnSale(face=face, path=("face",))

    def _cost_in_range(self, face: Money, bounds: FaceRange) -> Money:
        if face == bounds.min_face:
            return bounds.min_cost
        if face == bounds.max_face:
            return bounds.max_cost
        rate = Rate(face.currency, self.cost_currency, bounds.cost_rate)
        return min(max(convert(face, rate, Rounding.HALF_EVEN), bounds.min_cost), bounds.max_cost)


@dataclass(frozen=True, slots=True)
class ExperienceTerms:
    """What an experience costs, and what cancelling it costs.

    `free_until_hours` before the slot cancelling is free and later costs the penalty, a part of
    the price; None means that the penalty is due whenever it is cancelled.
    """

    price: Money
    free_until_hours: int | None
    penalty_bps: int


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What a member earns at a partner once the offer is switched on, and who pays for it."""

    rate_bps: int
    category: str | None
    funding: tuple[FundingShare, ...]
    starts_at: datetime
    ends_at: datetime


Terms = GiftCardTerms | ExperienceTerms | OfferTerms


@dataclass(frozen=True, slots=True)
class SupplierItem:
    """What a reward is called at the supplier it is bought from."""

    supplier_id: UUID
    sku: str
    country: str


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward in one of its versions; what was shown once can be read again for ever."""

    reward_id: UUID
    kind: RewardKind
    state: RewardState
    version: int
    current_version: int | None
    latest_version: int
    rank: int
    texts: Mapping[str, RewardText]
    countries: tuple[str, ...]
    image_urls: tuple[str, ...]
    category: str | None
    terms: Terms = field(compare=False)
    brand: Brand | None = None
    partner_id: UUID | None = None
    supplier: SupplierItem | None = None
    rule_id: UUID | None = None
    fills_id: UUID | None = None
    """The reward that it is sold as."""
    goes_live_at: datetime | None = None
    sunset_at: datetime | None = None
    is_withdrawn: bool = False
    """Whether its supplier no longer offers it."""

    def text(self, locale: str, default_locale: str = LAST_RESORT_LOCALE) -> RewardText:
        """What the reward says in a locale, or the nearest there is."""
        return in_locale(self.texts, locale, default_locale)

    @property
    def is_current(self) -> bool:
        """Whether this version is the one that is sold."""
        return self.state in ON_SALE and self.version == self.current_version

    def is_listed(self, now: datetime) -> bool:
        """Whether it is shown as on sale and can be got; from its sunset on it is not."""
        if self.state is RewardState.RETIRING:
            return self.sunset_at is not None and now < self.sunset_at
        return self.state is RewardState.ACTIVE

    @property
    def is_bought(self) -> bool:
        """Whether what was paid for may be ordered as it: a pause takes nothing from who paid."""
        return self.state in ON_SALE or (self.state.is_interrupted and not self.is_withdrawn)

    @property
    def gift_card(self) -> GiftCardTerms:
        """The terms of a gift card."""
        assert isinstance(self.terms, GiftCardTerms)
        return self.terms

    @property
    def experience(self) -> ExperienceTerms:
        """The terms of an experience."""
        assert isinstance(self.terms, ExperienceTerms)
        return self.terms

    @property
    def offer(self) -> OfferTerms:
        """The terms of an offer."""
        assert isinstance(self.terms, OfferTerms)
        return self.terms


@dataclass(frozen=True, slots=True)
class RewardMatch:
    """Two rewards that may be the same product: `source_id` came later and would be sold as the
    other.
    """

    reward_match_id: UUID
    reward_id: UUID
    source_id: UUID
    state: MatchState
    reasons: tuple[str, ...]
    """What is not quite alike: brand, title, account, or several rewards that are equally so."""
    found_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RewardCursor:
    """A place in a country's list: ascending rank, then id."""

    rank: int
    reward_id: UUID


@dataclass(frozen=True, slots=True)
class RewardPage:
    """A stretch of a country's list, in its order, and whether there is more in the direction
    in which it was read.
    """

    rewards: tuple[Reward, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class FoundReward:
    """A reward that was searched for: its place in what was found, and why it was."""

    reward: Reward
    place: SearchCursor
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A stretch of what was found, in its order, and figures of the whole of it."""

    found: tuple[FoundReward, ...]
    has_more: bool
    total: int
    facets: Facets


@dataclass(frozen=True, slots=True)
class RewardDraft:
    """Everything a version says; `digest` recognises a supplier's unchanged item."""

    texts: Mapping[str, RewardText]
    countries: tuple[str, ...]
    terms: Terms
    category: str | None = None
    image_urls: tuple[str, ...] = ()
    digest: str | None = None

    @property
    def kind(self) -> RewardKind:
        """The kind that these terms make."""
        return KINDS[type(self.terms)]


KINDS: dict[type[Terms], RewardKind] = {
    GiftCardTerms: RewardKind.GIFT_CARD,
    ExperienceTerms: RewardKind.EXPERIENCE,
    OfferTerms: RewardKind.OFFER,
}


@dataclass(frozen=True, slots=True)
class ImportRefusal:
    """An item of a supplier's file that was not taken over, and why."""

    item: int
    supplier_sku: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Items that a supplier marks as not on sale count as unchanged unless
    they are withdrawn; one that comes back counts as added. What was withheld stays on sale until
    a second person decides.
    """

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    refused: int = 0
    withheld: int = 0

    def __add__(self, other: "ImportReport") -> "ImportReport":
        return ImportReport(
            self.added + other.added,
            self.changed + other.changed,
            self.withdrawn + other.withdrawn,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.withheld + other.withheld,
        )
