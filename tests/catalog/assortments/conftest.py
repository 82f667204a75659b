"""A shelf of four rewards, and what its viewers are shown."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from api.database.transaction import Database, Scope
from catalog.assortments import (
    Assortment,
    AssortmentRule,
    Viewer,
    explain_eligibility,
    find_shown,
    find_viewer,
    list_shown_rewards,
    publish_assortment,
)
from catalog.brands import create_brand
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    RewardDraft,
    RewardText,
    create_reward,
    publish_reward,
)
from partners.programmes import have_default_programme
from partners.standings import set_standing
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network


@dataclass(frozen=True)
class Shelf:
    """Four rewards: a game card of a brand, a food card, a dear card in AE, an evening."""

    souq: SmallNetwork
    brand_id: UUID
    rewards: dict[str, UUID]
    programme_id: UUID

    async def publish(self, *rules: AssortmentRule, programme_id: UUID | None = None) -> Assortment:
        async with self.souq.database.writing(self.souq.network_id) as db:
            return await publish_assortment(
                db,
                network_id=self.souq.network_id,
                programme_id=programme_id or self.programme_id,
                rules=rules,
                actor="staff:operator-1",
                now=NOW,
            )

    async def stand(self, tier: str | None, *segments: str) -> None:
        async with self.souq.database.writing(self.souq.network_id) as db:
            await set_standing(
                db,
                network_id=self.souq.network_id,
                member_id=self.souq.member_id,
                tier=tier,
                segments=segments,
                actor="staff:operator-1",
                now=NOW,
            )

    async def viewer(self, *, as_member: bool = True, partner_id: UUID | None = None) -> Viewer:
        member_id = self.souq.member_id if as_member else None
        scope = Scope("member", member_id) if as_member else Scope("network", None)
        async with self.souq.database.reading(self.souq.network_id, scope) as db:
            return await find_viewer(
                db,
                network_id=self.souq.network_id,
                member_id=member_id,
                own_partner_id=partner_id,
            )

    async def seen(self, viewer: Viewer | None = None, *, now: datetime = NOW) -> set[str]:
        """What a viewer is shown: the detail, the list and the explanation say the same."""
        found = viewer or await self.viewer()
        network_id = self.souq.network_id
        ids = list(self.rewards.values())
        async with self.souq.database.reading(network_id) as db:
            shown = await find_shown(
                db, network_id=network_id, viewer=found, reward_ids=ids, now=now
            )
            listed: set[UUID] = set()
            for country in ("SA", "AE"):
                page = await list_shown_rewards(
                    db,
                    network_id=network_id,
                    viewer=found,
                    country=country,
                    limit=100,
                    now=now,
                )
                listed |= {one.reward_id for one in page.rewards}
            told = await explain_eligibility(
                db, network_id=network_id, viewer=found, reward_ids=ids, now=now
            )
        assert listed == shown
        assert {key for key, one in told.items() if one.is_visible} == shown
        assert {key for key, one in told.items() if one.is_orderable} == shown
        return {name for name, key in self.rewards.items() if key in shown}


@pytest.fixture
async def shelf(database: Database) -> Shelf:
    souq = await found_network(database)
    network_id = souq.network_id
    async with database.writing(network_id) as db:
        brand = await create_brand(
            db, network_id=network_id, slug="joy", name={"en": "Joy"}, now=NOW
        )
        programme = await have_default_programme(db, network_id=network_id, now=NOW)
        rewards = {}
        for name, category, countries, terms, brand_id, partner_id in (
            ("games", "games", ("SA",), own(1_000, 5_000), brand.brand_id, None),
            ("food", "food", ("AE", "SA"), own(2_000), None, None),
            ("dear", "food", ("AE",), own(90_000), None, None),
            ("evening", None, ("SA",), ExperienceTerms(souq.money(9_000), 24, 0), None, True),
        ):
            made = await create_reward(
                db,
                network_id=network_id,
                draft=RewardDraft({"en": RewardText(name)}, countries, terms, category),
                brand_id=brand_id,
                partner_id=souq.partner_id if partner_id else None,
                now=NOW,
            )
            await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
            rewards[name] = made.reward_id
    return Shelf(souq, brand.brand_id, rewards, programme.programme_id)


def own(*faces: int) -> GiftCardTerms:
    return GiftCardTerms.of_own_faces(*(Money(one, "SAR") for one in faces))
