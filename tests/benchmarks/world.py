"""The seeded world that every figure is measured in, made by the product's own use cases.

It is drawn from a seed before anything is written, so what the server must answer is computed from
here and never from the server.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

NOW = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)
CURRENCY = "SAR"
RATE_BPS = 500
FEE_BPS = 100
RETURN_WINDOW_DAYS = 14
# Most purchases are younger than their return window: wallets and partners hold both kinds of value.
SPAN_DAYS = 16
COUNTRIES = ("SA", "AE")
SEED = 20260315


@dataclass(frozen=True)
class Sizes:
    """How large a world is."""

    rewards: int
    partners: int
    members: int
    purchases: int


STANDARD = Sizes(rewards=2_000, partners=100, members=2_000, purchases=20_000)
SMALL = Sizes(rewards=30, partners=4, members=20, purchases=60)


@dataclass
class RewardPlan:
    """A reward of the world; every third is an experience, the others are gift cards."""

    number: int
    title: dict[str, str]
    description: dict[str, str]
    countries: tuple[str, ...]
    rank: int
    faces: tuple[int, ...]
    partner: int
    reward_id: UUID | None = None

    @property
    def known_id(self) -> UUID:
        """Its id, once it has one."""
        assert self.reward_id is not None
        return self.reward_id

    @property
    def image_url(self) -> str:
        """Where its picture is."""
        return f"https://images.example/{self.number}.webp"

    @property
    def is_experience(self) -> bool:
        """Whether it is booked rather than issued."""
        return self.number % 3 == 2


@dataclass
class PurchasePlan:
    """A purchase of the world."""

    number: int
    partner: int
    member: int
    amount: int
    purchased_at: datetime
    purchase_id: UUID | None = None

    @property
    def known_id(self) -> UUID:
        """Its id, once it has one."""
        assert self.purchase_id is not None
        return self.purchase_id

    @property
    def external_id(self) -> str:
        """What its partner calls it."""
        return f"seeded-{self.number}"

    @property
    def cashback(self) -> int:
        """What it earned its member."""
        return share(self.amount, RATE_BPS)

    @property
    def fee(self) -> int:
        """What it cost its partner."""
        return share(self.amount, FEE_BPS)

    @property
    def recorded_at(self) -> datetime:
        """When it was reported."""
        return self.purchased_at + timedelta(seconds=1)

    @property
    def available_at(self) -> datetime:
        """When its return window is over."""
        return self.purchased_at + timedelta(days=RETURN_WINDOW_DAYS)

    @property
    def is_confirmed(self) -> bool:
        """Whether its return window was over when the world was made."""
        return self.available_at <= NOW


@dataclass
class World:
    """Everything that was put in, with the ids it got."""

    sizes: Sizes
    rewards: list[RewardPlan]
    purchases: list[PurchasePlan]
    network_id: int = 0
    partners: list[UUID] = field(default_factory=list)
    agreements: list[UUID] = field(default_factory=list)
    rules: list[UUID] = field(default_factory=list)
    brands: list[UUID] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)

    def listed(self, country: str) -> list[RewardPlan]:
        """The rewards on sale in a country, in the order of its list."""
        here = [one for one in self.rewards if country in one.countries]
        return sorted(here, key=lambda one: (one.rank, str(one.reward_id)))

    def purchases_of(self, partner: int) -> list[PurchasePlan]:
        """A partner's purchases in the order of time."""
        mine = [one for one in self.purchases if one.partner == partner]
        return sorted(mine, key=lambda one: (one.purchased_at, str(one.purchase_id)))


def brand_name(partner: int) -> dict[str, str]:
    """What a partner's brand is called."""
    return {"en": f"Brand {partner}", "ar": f"علامة {partner}"}


def share(amount: int, basis_points: int) -> int:
    """A share in minor units, rounded half to even."""
    whole, rest = divmod(amount * basis_points, 10_000)
    if rest * 2 > 10_000 or (rest * 2 == 10_000 and whole % 2):
        whole += 1
    return whole


_AR = ("بطاقة", "تجربة", "هدية", "عشاء", "رحلة", "متجر", "قهوة", "كتاب", "سفر", "ضيافة")
_EN = ("card", "experience", "gift", "dinner", "trip", "shop", "coffee", "book", "travel", "stay")


def plan_world(sizes: Sizes) -> World:
    """Draw a world; the same sizes give the same world."""
    draw = Random(SEED)

    def words(words: tuple[str, ...], count: int) -> str:
        return " ".join(draw.choice(words) for _ in range(count))

    rewards = [
        RewardPlan(
            number=number,
            title={
                "en": f"{words(_EN, 3)} {number}".capitalize(),
                "ar": f"{words(_AR, 3)} {number}",
            },
            description={"en": words(_EN, 18), "ar": words(_AR, 18)},
            countries=COUNTRIES if number % 2 else COUNTRIES[:1],
            rank=1_000 + number,
            faces=tuple(sorted(draw.sample(range(1_000, 100_000, 500), 3))),
            partner=number % sizes.partners,
        )
        for number in range(sizes.rewards)
    ]
    purchases = [
        PurchasePlan(
            number=number,
            partner=number % sizes.partners,
            # Members buy where they were enrolled, so parts of the world can be made at once.
            member=number % sizes.partners
            + sizes.partners * draw.randrange(sizes.members // sizes.partners),
            amount=draw.randrange(1_000, 100_000),
            purchased_at=NOW
            - timedelta(seconds=draw.randrange(60, SPAN_DAYS * 86_400), microseconds=number),
        )
        for number in range(sizes.purchases)
    ]
    return World(sizes, rewards, purchases)
