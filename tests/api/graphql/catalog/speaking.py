"""A network whose rewards speak several languages, asked over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from api.database.transaction import Database
from tests.factories.partners import Shop, open_shop
from tests.graphql_client import GraphQLClient, RunningApp, running_app

TITLES = {
    "en": "Falcon card",
    "ar": "بطاقة الصقر",
    "fr": "Carte Faucon",
    "pt": "Cartão Falcão",
    "zh-Hant": "獵鷹卡",
    "he": "כרטיס הבז",
}
SHOWN = "reward { id texts { locale direction title instructions } }"
READ = "query Read($id: ID!, $l: Locale) { reward(id: $id) { title(locale: $l) } }"
SEARCH = """query Search($words: String!, $l: Locale) {
  searchRewards(query: $words, first: 5, locale: $l) { edges { node { title } reasons { how } } } }"""


@dataclass(frozen=True)
class Office:
    """A network whose own language is Arabic, its application, and those who ask it."""

    shop: Shop
    app: RunningApp

    @property
    def operator(self) -> GraphQLClient:
        return self.app.as_staff("operator")

    @property
    def member(self) -> GraphQLClient:
        return self.app.as_member(self.shop.member.member_id)

    async def create(self, titles: Mapping[str, str], **fields: Any) -> dict[str, Any]:
        reward = {
            "texts": [{"locale": one, "title": title} for one, title in titles.items()],
            "countries": ["SA"],
            "giftCard": {"faces": [{"decimal": "100.00", "currency": "SAR"}]},
        }
        return await self.operator.mutate("createReward", {"reward": reward, **fields}, SHOWN)

    async def publish(self, titles: Mapping[str, str] = TITLES) -> str:
        made = await self.create(titles)
        assert made["problems"] == []
        reward_id: str = made["reward"]["id"]
        done = await self.operator.mutate("publishReward", {"rewardId": reward_id})
        assert done["problems"] == []
        return reward_id

    async def title(self, reward_id: str, locale: str | None = None, **options: Any) -> str:
        answer = await self.member.data(READ, {"id": reward_id, "l": locale}, **options)
        title: str = answer["reward"]["title"]
        return title


@asynccontextmanager
async def open_languages(database: Database) -> AsyncIterator[Office]:
    shop = await open_shop(database)
    async with running_app(database, network_id=shop.network_id) as app:
        yield Office(shop, app)
