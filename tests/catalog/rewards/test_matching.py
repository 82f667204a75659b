"""What two suppliers sell is one reward when it certainly is; what may be waits for people."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    ImportReport,
    MatchState,
    Reward,
    RewardMatch,
    RewardMatchConflict,
    RewardMatchNotFound,
    RewardState,
    confirm_match,
    file_next_rewards,
    get_reward,
    import_feed,
    list_matches,
    list_rewards,
    list_sources,
    publish_reward,
    retire_reward,
    separate_match,
)
from catalog.suppliers import Feed, FeedItem, SupplierTerms
from tests.conftest import NOW
from tests.factories.catalog import card_item as sold
from tests.factories.catalog import make_supplier
from tests.factories.partners import make_network


@dataclass(slots=True)
class Shelves:
    """A network and two suppliers whose catalogues a test writes."""

    database: Database
    network_id: int
    first: SupplierTerms
    second: SupplierTerms
    now: datetime = NOW

    async def load(self, supplier: SupplierTerms, *items: FeedItem) -> ImportReport:
        self.now += timedelta(minutes=1)
        async with self.database.writing(self.network_id) as db:
            return await import_feed(
                db,
                network_id=self.network_id,
                supplier_id=supplier.supplier_id,
                feed=Feed(items, (), is_complete=True),
                actor="test",
                now=self.now,
            )

    async def listed(self) -> list[Reward]:
        async with self.database.reading(self.network_id) as db:
            page = await list_rewards(db, network_id=self.network_id, country="SA", limit=100)
        return sorted(page.rewards, key=lambda one: one.reward_id)

    async def skus(self) -> list[str]:
        return sorted(one.supplier.sku for one in await self.listed() if one.supplier)

    async def sources(self, shown: Reward) -> list[str]:
        async with self.database.reading(self.network_id) as db:
            found = await list_sources(db, network_id=self.network_id, shown=[shown])
        return [one.supplier.sku for one in found[shown.reward_id] if one.supplier]

    async def matches(self, state: MatchState = MatchState.DOUBTFUL) -> list[RewardMatch]:
        async with self.database.reading(self.network_id) as db:
            return await list_matches(db, network_id=self.network_id, state=state, limit=100)

    async def decide(self, decision: object, one: RewardMatch, network_id: int = 0) -> None:
        async with self.database.writing(network_id or self.network_id) as db:
            await decision(  # type: ignore[operator]
                db,
                network_id=network_id or self.network_id,
                match_id=one.reward_match_id,
                actor="operator",
                now=self.now,
            )

    async def find(self, reward_id: UUID) -> Reward:
        async with self.database.reading(self.network_id) as db:
            return await get_reward(db, network_id=self.network_id, reward_id=reward_id)

    async def changes(self) -> list[tuple[UUID, str]]:
        async with self.database.reading(self.network_id) as db:
            rows = await db.execute(
                text("SELECT reward_id, kind FROM catalog.reward_change ORDER BY reward_change_id")
            )
        return [(row.reward_id, row.kind) for row in rows]


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    network = await make_network(database)
    async with database.writing(network.network_id) as db:
        names = ("first", "second")
        made = [await make_supplier(db, network_id=network.network_id, name=one) for one in names]
    return Shelves(database, network.network_id, *made)


async def test_the_same_product_is_one_reward(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    (shown,) = await shelves.listed()
    seen = await shelves.changes()
    report = await shelves.load(shelves.second, sold("b", "CARREFOUR KSA", 100, 200))
    assert (report.added, report.changed, report.unchanged) == (1, 0, 0)
    assert await shelves.listed() == [shown]
    assert await shelves.sources(shown) == ["a", "b"]
    # It was never listed, so nobody is told that it is not.
    assert await shelves.changes() == seen
    (match,) = await shelves.matches(MatchState.MATCHED)
    assert (match.reward_id, match.decided_by, match.reasons) == (shown.reward_id, "rule", ())
    source = await shelves.find(match.source_id)
    assert (source.state, source.fills_id) == (RewardState.MATCHED, shown.reward_id)


async def test_importing_again_changes_nothing(
    shelves: Shelves, superuser: AsyncConnection
) -> None:
    async def everything() -> list[tuple[object, ...]]:
        rows = await superuser.execute(
            text("SELECT r.*, m.* FROM catalog.reward r LEFT JOIN catalog.reward_match m"
                 " ON m.source_id = r.reward_id ORDER BY r.reward_id, m.reward_match_id")
        )  # fmt: skip
        return [tuple(row) for row in rows]

    items = [sold("a", "Carrefour"), sold("c", "Xbox")]
    others = [sold("b", "Carrefour"), sold("d", "Xbox Game Pass")]
    await shelves.load(shelves.first, *items)
    await shelves.load(shelves.second, *others)
    known, seen = await everything(), await shelves.changes()
    for _ in range(2):
        assert (await shelves.load(shelves.first, *items)).unchanged == 2
        assert (await shelves.load(shelves.second, *others)).unchanged == 2
    assert (await everything(), await shelves.changes()) == (known, seen)


async def test_what_was_there_before_matching_is_matched_by_the_next_import(
    shelves: Shelves, superuser: AsyncConnection
) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await superuser.execute(text("UPDATE catalog.reward SET match_key = NULL"))
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    assert await shelves.skus() == ["a", "b"]
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    assert await shelves.skus() == ["a", "b"]  # the earlier one does not follow the later one
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    (shown,) = await shelves.listed()
    assert await shelves.sources(shown) == ["a", "b"]
    assert [kind for _, kind in await shelves.changes()] == ["published", "published", "withdrawn"]


async def test_one_suppliers_items_are_never_matched_with_each_other(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("b", "Carrefour"))
    assert await shelves.skus() == ["a", "b"]
    assert await shelves.matches() == []
    # Of two that are equally the same nobody but a person can choose.
    await shelves.load(shelves.second, sold("c", "Carrefour"))
    assert await shelves.skus() == ["a", "b", "c"]
    found = await shelves.matches()
    assert [one.reasons for one in found] == [("several",), ("several",)]
    await shelves.decide(confirm_match, found[0])
    assert await shelves.skus() == ["a", "b"]
    with pytest.raises(RewardMatchConflict):
        await shelves.decide(confirm_match, found[1])
    assert [one.state for one in await shelves.matches()] == [MatchState.DOUBTFUL]


async def test_several_items_of_a_supplier_may_fill_one_reward(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour", 50, 100))
    await shelves.load(
        shelves.second,
        sold("b", "Carrefour", 50, title="Carrefour 50 SAR"),
        sold("c", "Carrefour", 100, title="Carrefour 100 SAR"),
        sold("d", "Carrefour", 500),
    )
    assert await shelves.skus() == ["a", "d"]  # no face of the last can be had of the first
    assert await shelves.sources((await shelves.listed())[0]) == ["a", "b", "c"]


async def test_a_doubtful_one_is_listed_until_it_is_confirmed(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carefour"))
    assert await shelves.skus() == ["a", "b"]
    (match,) = await shelves.matches()
    assert (match.reasons, match.decided_by, match.decided_at) == (("brand",), None, None)
    await shelves.decide(confirm_match, match)
    await shelves.decide(confirm_match, match)
    (shown,) = await shelves.listed()
    assert await shelves.sources(shown) == ["a", "b"]
    (decided,) = await shelves.matches(MatchState.MATCHED)
    assert (decided.decided_by, decided.decided_at) == ("operator", shelves.now)
    assert (await shelves.changes())[-1] == (match.source_id, "withdrawn")
    await shelves.load(shelves.second, sold("b", "Carefour", title="Carefour card"))
    assert await shelves.skus() == ["a"]


async def test_a_separation_survives_every_import(shelves: Shelves) -> None:
    third = replace(shelves.second)
    async with shelves.database.writing(shelves.network_id) as db:
        third = await make_supplier(db, network_id=shelves.network_id, name="third")
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    await shelves.load(third, sold("c", "Carrefour"))
    found = await shelves.matches(MatchState.MATCHED)
    await shelves.decide(separate_match, found[0])
    await shelves.decide(separate_match, found[0])
    assert await shelves.skus() == ["a", "b"]
    assert (await shelves.changes())[-1] == (found[0].source_id, "published")
    # Nor does it come back by way of the third, which is the same as both.
    for brand in ("Carrefour", "Carrefour", "Carrefour Ltd"):
        await shelves.load(shelves.second, sold("b", brand))
        await shelves.load(shelves.first, sold("a", brand))
        await shelves.load(third, sold("c", brand))
    assert await shelves.skus() == ["a", "b"]
    assert await shelves.sources((await shelves.listed())[0]) == ["a", "c"]
    # A person may think better of it.
    await shelves.decide(confirm_match, found[0])
    assert await shelves.sources((await shelves.listed())[0]) == ["a", "b", "c"]


async def test_a_doubt_that_is_separated_is_not_raised_again(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carefour"))
    (match,) = await shelves.matches()
    await shelves.decide(separate_match, match)
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    assert (await shelves.skus(), await shelves.matches()) == (["a", "b"], [])


async def test_a_product_stays_on_sale_when_its_first_supplier_gives_it_up(
    shelves: Shelves,
) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("x", "Xbox"))
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    (shown, _) = await shelves.listed()
    await shelves.load(shelves.first, sold("x", "Xbox"))
    assert await shelves.skus() == ["b", "x"]
    (_, heir) = sorted(await shelves.listed(), key=lambda one: one.supplier.sku == "b")
    assert [kind for _, kind in (await shelves.changes())[-2:]] == ["withdrawn", "published"]
    assert (await shelves.changes())[-2:] == [
        (shown.reward_id, "withdrawn"),
        (heir.reward_id, "published"),
    ]
    # Coming back it follows the one that stayed.
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("x", "Xbox"))
    assert await shelves.sources(heir) == ["b", "a"]
    # And leads again when that one is given up.
    await shelves.load(shelves.second, sold("y", "Yelo"))
    assert await shelves.skus() == ["a", "x", "y"]


async def test_when_all_gave_it_up_whoever_returns_first_sells_it(shelves: Shelves) -> None:
    other = sold("x", "Xbox")
    await shelves.load(shelves.first, sold("a", "Carrefour"), other)
    await shelves.load(shelves.second, sold("b", "Carrefour"), sold("y", "Yelo"))
    await shelves.load(shelves.second, sold("y", "Yelo"))
    await shelves.load(shelves.first, other)
    assert await shelves.skus() == ["x", "y"]
    await shelves.load(shelves.second, sold("b", "Carrefour"), sold("y", "Yelo"))
    assert await shelves.skus() == ["b", "x", "y"]


async def test_what_the_network_retires_is_not_sold_by_another(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    (shown,) = await shelves.listed()
    async with shelves.database.writing(shelves.network_id) as db:
        await retire_reward(
            db, network_id=shelves.network_id, reward_id=shown.reward_id, now=shelves.now
        )
    await shelves.load(shelves.second, sold("b", "Carrefour", title="Carrefour card"))
    await shelves.load(shelves.first, sold("a", "Carrefour", title="Carrefour card"))
    assert await shelves.listed() == []


async def test_a_source_that_the_network_retires_is_bought_no_more(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    (match,) = await shelves.matches(MatchState.MATCHED)
    network_id = shelves.network_id
    async with shelves.database.writing(network_id) as db:
        await retire_reward(
            db, network_id=network_id, reward_id=match.source_id, now=shelves.now
        )  # fmt: skip
    (shown,) = await shelves.listed()
    assert await shelves.sources(shown) == ["a"]
    async with shelves.database.writing(network_id) as db:
        again = await publish_reward(
            db, network_id=network_id, reward_id=match.source_id, now=shelves.now
        )
    assert again.state is RewardState.MATCHED
    assert await shelves.listed() == [shown]
    assert await shelves.sources(shown) == ["a", "b"]


async def test_networks_do_not_meet(shelves: Shelves, database: Database) -> None:
    other = await make_network(database, slug="other")
    async with database.writing(other.network_id) as db:
        supplier = await make_supplier(db, network_id=other.network_id, name="second")
    elsewhere = Shelves(database, other.network_id, supplier, supplier)
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await elsewhere.load(supplier, sold("b", "Carrefour"))
    assert (await shelves.skus(), await elsewhere.skus()) == (["a"], ["b"])
    await shelves.load(shelves.second, sold("c", "Carefour"))
    (match,) = await shelves.matches()
    for decision in (confirm_match, separate_match):
        with pytest.raises(RewardMatchNotFound):
            await elsewhere.decide(decision, match)
    assert await shelves.matches() == [match]
    assert await shelves.skus() == ["a", "c"]


async def test_two_who_decide_at_once_leave_one_decision(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carefour"))
    (match,) = await shelves.matches()
    decisions: Sequence[object] = (confirm_match, separate_match) * 3
    await asyncio.gather(*(shelves.decide(one, match) for one in decisions))
    separate = await shelves.matches(MatchState.SEPARATE)
    assert await shelves.skus() == (["a", "b"] if separate else ["a"])
    assert len(separate) + len(await shelves.matches(MatchState.MATCHED)) == 1


async def test_of_many_names_that_begin_alike_the_one_that_is_like_is_found(
    shelves: Shelves,
) -> None:
    many = [sold(f"m{n}", f"Star {chr(97 + n // 26)}{chr(97 + n % 26)} Store") for n in range(120)]
    await shelves.load(shelves.first, *many, sold("a", "Starbucks"), sold("z", "Starzplay"))
    await shelves.load(shelves.second, sold("b", "Starbuck"), sold("c", "STARZPLAY"))
    (doubt,) = await shelves.matches()
    assert doubt.reasons == ("brand",)
    (sure,) = await shelves.matches(MatchState.MATCHED)
    pairs = [(one.reward_id, one.source_id) for one in (doubt, sure)]
    found = [[(await shelves.find(each)).supplier for each in pair] for pair in pairs]
    assert [[one.sku for one in pair if one] for pair in found] == [["a", "b"], ["z", "c"]]


async def test_what_is_imported_is_found_as_what_is_read_again(
    shelves: Shelves, superuser: AsyncConnection
) -> None:
    """New items are filed from the file, others from what is kept of them."""

    async def filed() -> list[tuple[object, ...]]:
        rows = await superuser.execute(text("SELECT * FROM catalog.reward_search ORDER BY 2"))
        return [tuple(row) for row in rows]

    await shelves.load(shelves.first, sold("a", "كارفور"), sold("b", "Noon", 5))
    await shelves.load(shelves.second, sold("c", "Noon", 5), sold("d", "Ikea"))
    of_import = await filed()
    async with shelves.database.writing(shelves.network_id) as db:
        found = await file_next_rewards(db, network_id=shelves.network_id, now=shelves.now)
    assert len(found) == 3  # c is sold as b
    assert [row[1] for row in of_import] == found
    assert await filed() == of_import
