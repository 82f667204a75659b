"""Filling a network's catalogue through the use cases."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from api.cli.world_record import NetworkRecord, PartnerRecord, RewardRecord
from api.worker.world import World
from catalog.brands import create_brand
from catalog.experiences import add_slot
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    OfferTerms,
    RewardDraft,
    RewardText,
    Terms,
    create_reward,
    import_feed,
    publish_reward,
)
from catalog.suppliers import register_supplier
from partners.rules import FundingShare
from payouts.money import Money

COUNTRY = "SA"
OFFER_DAYS = 60
OWN_RANK, BOUGHT_RANK = 100, 1000
Texts = Mapping[str, tuple[str, str, str]]
"""Title, description and terms by language."""


async def add_brand(
    world: World, network: NetworkRecord, partner: PartnerRecord, *, slug: str, now: datetime
) -> UUID:
    """Add the brand of a partner."""
    async with world.database.writing(network.network_id) as db:
        brand = await create_brand(
            db,
            network_id=network.network_id,
            slug=slug,
            name=partner.name,
            partner_id=partner.partner_id,
            now=now,
        )
    return brand.brand_id


async def put_on_sale(
    world: World,
    network: NetworkRecord,
    *,
    label: str,
    texts: Texts,
    terms: Terms,
    category: str | None = None,
    brand_id: UUID | None = None,
    partner_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Create a reward and publish it."""
    draft = RewardDraft(
        texts={locale: RewardText(*words) for locale, words in texts.items()},
        countries=(COUNTRY,),
        terms=terms,
        category=category,
    )
    async with world.database.writing(network.network_id) as db:
        reward = await create_reward(
            db,
            network_id=network.network_id,
            draft=draft,
            brand_id=brand_id,
            partner_id=partner_id,
            rank=OWN_RANK + len(network.rewards),
            now=now,
        )
        await publish_reward(
            db,
            network_id=network.network_id,
            reward_id=reward.reward_id,
            programme_id=network.programme_id,
            now=now,
        )
    type_ = {
        GiftCardTerms: "GiftCardReward",
        ExperienceTerms: "ExperienceReward",
        OfferTerms: "OfferReward",
    }[type(terms)]
    network.rewards.append(RewardRecord(reward.reward_id, label, type_))
    return reward.reward_id


async def open_slots(
    world: World,
    network: NetworkRecord,
    reward_id: UUID,
    *,
    days_ahead: Sequence[int],
    capacity: int,
    now: datetime,
) -> None:
    """Offer an experience at sunrise on days to come."""
    for days in days_ahead:
        sunrise = (now + timedelta(days=days)).replace(hour=3, minute=0, second=0, microsecond=0)
        async with world.database.writing(network.network_id) as db:
            await add_slot(
                db,
                network_id=network.network_id,
                reward_id=reward_id,
                starts_at=sunrise,
                capacity=capacity,
                now=now,
            )


def own_cards(network: NetworkRecord, *faces: str) -> GiftCardTerms:
    """The network's own card with fixed faces."""
    return GiftCardTerms.of_own_faces(*(Money.of_decimal(face, network.currency) for face in faces))


def offer_terms(
    partner: PartnerRecord,
    *,
    rate_bps: int,
    category: str | None,
    weights: tuple[int, int] = (1, 0),
    now: datetime,
) -> OfferTerms:
    """An offer that runs for a while, funded by the partner and the network by weight."""
    funding: Sequence[FundingShare] = (
        FundingShare("partner", partner.partner_id, weights[0]),
        FundingShare("network", None, weights[1]),
    )
    return OfferTerms(
        rate_bps=rate_bps,
        category=category,
        funding=tuple(share for share in funding if share.weight),
        starts_at=now,
        ends_at=now + timedelta(days=OFFER_DAYS),
    )


async def import_from_supplier(
    world: World, network: NetworkRecord, partner: PartnerRecord, name: str, *, now: datetime
) -> int:
    """Register a supplier and take over what it sells in the country; tell how much that is.

    Nothing happens where there is no account with it.
    """
    supplier = world.suppliers.get(name)
    if supplier is None:
        return 0
    feed = supplier.read_feed(await supplier.fetch_feed(COUNTRY))
    async with world.database.writing(network.network_id) as db:
        terms = await register_supplier(
            db,
            network_id=network.network_id,
            name=name,
            partner_id=partner.partner_id,
            now=now,
        )
        report = await import_feed(
            db,
            network_id=network.network_id,
            supplier_id=terms.supplier_id,
            feed=feed,
            actor="staff:seed",
            now=now,
        )
    return report.added
