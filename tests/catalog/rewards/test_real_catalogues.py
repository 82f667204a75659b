"""A real file of one supplier beside the catalogues of three others: each product is listed once.

The file is named by MIZAN_SUPPLIER_FILE and is not ours to keep; the catalogues of the others are
those of their doubles in its country. Every pair below was looked up by hand in both catalogues.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from api.clock import Clock
from api.database.transaction import Database
from api.doubles.standing import standing
from api.doubles.suppliers_server import DOUBLES, account_at
from api.supply import OPENERS
from catalog.rewards import (
    ImportReport,
    MatchState,
    RewardState,
    get_rewards,
    import_feed,
    list_matches,
    list_rewards,
    list_sources,
)
from catalog.search import Wanted, search_rewards
from catalog.suppliers import Feed, read_reloadly_feed, register_supplier
from tests.conftest import NOW
from tests.factories.partners import make_network

pytestmark = pytest.mark.skipif(
    "MIZAN_SUPPLIER_FILE" not in os.environ, reason="no real file is named"
)
COUNTRY = "ZA"
OTHERS = ("tango", "tremendous", "xoxoday")

# The same brand, thing, currency and face. By sku: as what it is sold.
SAME = {
    "U710101": "16557",  # Jawaker, any face from 5 to 100 USD; the file has 7.50 to 84.00
    "U710102": "16094",  # Huawei, written HUAWEI in the file, any face from 2 to 100 EUR
    "U710103": "15924",  # Xbox Game Pass Ultimate, 38.99 EUR
    "U710105": "8775",  # PUBG Mobile 60 UC, 0.99 USD; not the file's PUBG Mobile UC of any count
    "OBUCKS000001-USD": "8277",  # OBucks, written Obucks in the file
    "NETDRAGON001-USD": "14271",  # NetDragon Universal, 10 USD
    "BINANCE00001-USD": "16216",  # Binance, 50 and 100 USD; not its Bitcoin, Dogecoin, Ethereum
    "RAZERGOLD001-USD": "U710107",  # Razer Gold, 50 USD, as the other supplier has it
    "52010": "11950",  # Infinifactory, 24.99 USD
    "52013": "12551",  # TIS 100, written TIS-100 in the file
}
# What a buyer would have to look into. By sku and what it may be: what is not quite alike.
DOUBTFUL = {
    ("U710104", "16023"): ("title",),  # Xbox Game Pass Core, Xbox Live Gold: 59.99 EUR each
    ("U710106", "15534"): ("title",),  # PUBG Mobile 325 UC, and UC of any count for 4.99 USD
    ("U710107", "10277"): ("title",),  # Razer Gold, and Razer Gold Global: another region
    ("MOBLEGENDS01-USD", "15329"): ("brand", "title"),  # Mobile Legends: Bang Bang, and Diamonds
    ("FREEFIREMAX1-USD", "3450"): ("brand", "title", "several"),  # Free Fire Max is another game
    ("FREEFIREMAX1-USD", "14933"): ("brand", "title", "several"),
    ("52011", "12251"): ("brand",),  # SHENZHEN I/O, of a brand SHENZHEN in the file
    ("52012", "4961"): ("title",),  # Riot Access, and Riot Access Latam America
    ("52014", "14552"): ("brand",),  # ArcheAge 2 may be no ArcheAge
    ("52016", "8277"): ("account",),  # Obucks that wants the member's telephone number
}
# Nearly alike, and certainly something else.
ANOTHER = (
    "U710108",  # Fortnite 2,800 V-Bucks for 11.99 USD; in the file 1000 V-Bucks cost as much
    "U710109",  # Jawaker in AED
    "RAZERSILVER1-USD",  # Razer Silver is no Razer Gold
    "52015",  # MOLEK-SYNTEZ for 19.99 USD, which the file has for 9.99
)


@dataclass(slots=True)
class Market:
    """A network that sells what these suppliers do."""

    database: Database
    network_id: int
    feeds: dict[str, Feed]
    loads: int = 0
    listed: dict[str, list[str]] = field(default_factory=dict)
    """What is listed by itself, by sku, and all that it is bought as."""

    async def load(self, *names: str) -> list[ImportReport]:
        """Import the catalogues of these suppliers, one after another."""
        reports = []
        for name in names:
            self.loads += 1
            now = NOW + timedelta(minutes=self.loads)
            async with self.database.writing(self.network_id) as db:
                terms = await register_supplier(db, network_id=self.network_id, name=name, now=NOW)
                report = await import_feed(
                    db,
                    network_id=self.network_id,
                    supplier_id=terms.supplier_id,
                    feed=self.feeds[name],
                    actor="test",
                    now=now,
                )
            reports.append(report)
        await self._look()
        return reports

    async def _look(self) -> None:
        async with self.database.reading(self.network_id) as db:
            page = await list_rewards(db, network_id=self.network_id, country=COUNTRY, limit=100)
            sources = await list_sources(db, network_id=self.network_id, shown=page.rewards)
        assert not page.has_more
        self.listed = {
            group[0].supplier.sku: [one.supplier.sku for one in group if one.supplier]
            for group in sources.values()
            if group[0].supplier
        }

    async def pairs(self, state: MatchState) -> dict[tuple[str, str], tuple[str, ...]]:
        """Tell the pairs in a state by their skus, with the reasons."""
        async with self.database.reading(self.network_id) as db:
            found = await list_matches(db, network_id=self.network_id, state=state, limit=100)
            ids = {key for one in found for key in (one.source_id, one.reward_id)}
            rewards = await get_rewards(db, network_id=self.network_id, reward_ids=ids)
        skus = {key: one.supplier.sku for key, one in rewards.items() if one.supplier}
        return {(skus[one.source_id], skus[one.reward_id]): one.reasons for one in found}

    async def found(self, query: str = "") -> tuple[int, list[str]]:
        """Search, and tell how many there are in all and which of them came first."""
        async with self.database.reading(self.network_id) as db:
            page = await search_rewards(
                db, network_id=self.network_id, wanted=Wanted(query, country=COUNTRY), limit=100
            )
            ids = [hit.reward_id for hit in page.hits]
            rewards = await get_rewards(db, network_id=self.network_id, reward_ids=ids)
        assert {one.state for one in rewards.values()} <= {RewardState.ACTIVE}
        return page.total, [one.supplier.sku for one in rewards.values() if one.supplier]


@pytest.fixture
async def market(database: Database, tmp_path: Path) -> Market:
    feeds = {"reloadly": read_reloadly_feed(Path(os.environ["MIZAN_SUPPLIER_FILE"]).read_bytes())}
    clock = Clock()
    with ExitStack() as stack:
        for name in OTHERS:
            url = stack.enter_context(standing(DOUBLES[name](tmp_path / name, clock)))
            supplier = OPENERS[name](account_at(name, url), clock.now)
            feeds[name] = supplier.read_feed(await supplier.fetch_feed(COUNTRY))
            await supplier.aclose()
    network = await make_network(database)
    return Market(database, network.network_id, feeds)


def skus_of(market: Market, names: Sequence[str]) -> list[str]:
    return sorted(item.supplier_sku for name in names for item in market.feeds[name].items)


async def test_each_product_is_listed_once(market: Market) -> None:
    reports = await market.load("reloadly", *OTHERS)
    assert [(one.added, one.refused) for one in reports] == [(38, 0), (9, 0), (7, 0), (7, 0)]
    assert await market.pairs(MatchState.MATCHED) == dict.fromkeys(SAME.items(), ())
    assert await market.pairs(MatchState.DOUBTFUL) == DOUBTFUL
    # 38 of the file, and of the 23 others those that are not the same: each item has one place.
    assert len(market.listed) == 38 + 23 - 10
    places = sorted(sku for skus in market.listed.values() for sku in skus)
    assert places == skus_of(market, ("reloadly", *OTHERS))
    assert all(market.listed[lead][1:] == [sku] for sku, lead in SAME.items())
    assert all(market.listed[sku] == [sku] for sku in ANOTHER)


async def test_totals_of_the_search_agree_with_what_is_listed(market: Market) -> None:
    await market.load("reloadly", *OTHERS)
    total, skus = await market.found()
    assert (total, sorted(skus)) == (51, sorted(market.listed))
    # Of three items with this name the file's, and one of the two that are one.
    assert await market.found("razer gold") == (2, ["10277", "U710107"])
    assert await market.found("jawaker") == (2, ["16557", "U710109"])
    assert await market.found("infinifactory") == (1, ["11950"])


async def test_importing_everything_again_changes_nothing(market: Market) -> None:
    await market.load("reloadly", *OTHERS)
    listed = market.listed
    pairs = [await market.pairs(state) for state in MatchState]
    reports = await market.load("reloadly", *OTHERS, "reloadly")
    assert [(one.added, one.changed, one.withdrawn) for one in reports] == [(0, 0, 0)] * 5
    assert [one.unchanged for one in reports] == [38, 9, 7, 7, 38]
    assert market.listed == listed
    assert [await market.pairs(state) for state in MatchState] == pairs


async def test_whose_catalogue_came_first_decides_only_what_is_listed(market: Market) -> None:
    await market.load(*reversed(OTHERS), "reloadly")
    groups = {frozenset(skus) for skus in market.listed.values() if len(skus) > 1}
    assert groups == {frozenset(pair) for pair in SAME.items()}
    assert len(market.listed) == 51
