"""The catalogue, published reward by reward."""

from dataclasses import dataclass
from uuid import UUID

from api.database.transaction import Database
from catalog.brands import create_brand
from catalog.rewards import RewardDraft, RewardText, create_reward, publish_reward
from catalog.search import SearchPage, Wanted, search_rewards
from tests.catalog.search.catalogue import SHELVES
from tests.conftest import NOW
from tests.factories.catalog import experience, own_card
from tests.factories.partners import Shop, open_shop


@dataclass(frozen=True)
class Stocked:
    """A network with the catalogue; a reward is known by its brand's key and its number."""

    database: Database
    shop: Shop
    ids: dict[str, UUID]

    @property
    def network_id(self) -> int:
        return self.shop.network_id

    @property
    def names(self) -> dict[UUID, str]:
        return {reward_id: name for name, reward_id in self.ids.items()}

    async def search(self, query: str, *, limit: int = 100, **wanted) -> SearchPage:
        async with self.database.reading(self.network_id) as db:
            return await search_rewards(
                db, network_id=self.network_id, wanted=Wanted(query, **wanted), limit=limit
            )

    async def find(self, query: str, **wanted) -> list[str]:
        """The names of what is found, in its order."""
        names = self.names
        return [names[hit.reward_id] for hit in (await self.search(query, **wanted)).hits]


async def stock(database: Database) -> Stocked:
    shop = await open_shop(database)
    network_id, ids = shop.network_id, {}
    async with database.writing(network_id) as db:
        for shelf in SHELVES:
            brand = await create_brand(
                db, network_id=network_id, slug=shelf.key, name=shelf.name, now=NOW
            )
            for number, titles in enumerate(shelf.titles, start=1):
                is_seat = number == 2
                made = await create_reward(
                    db,
                    network_id=network_id,
                    draft=RewardDraft(
                        texts={locale: RewardText(title) for locale, title in titles.items()},
                        countries=("SA",),
                        terms=experience() if is_seat else own_card("50.00"),
                        category=shelf.category,
                    ),
                    partner_id=shop.partner.partner_id if is_seat else None,
                    brand_id=brand.brand_id,
                    now=NOW,
                )
                await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
                ids[f"{shelf.key}.{number}"] = made.reward_id
    return Stocked(database, shop, ids)
