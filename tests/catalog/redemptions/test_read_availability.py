"""Cards, codes and seats are counted as of now, for everybody the same, what quotes hold included."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import WHOLE_NETWORK, Database, Scope
from catalog.availability import Availability, count_left
from catalog.experiences import add_slot
from catalog.redemptions import (
    QUOTE_LIFE,
    OutOfStock,
    cancel_redemption,
    list_unavailable,
    read_availability,
)
from catalog.rewards import OfferTerms, get_rewards, import_feed, retire_reward
from catalog.stocks import CardsSoldOut, set_card_stock
from catalog.suppliers import Feed
from tests.catalog.pools.conftest import Pool, item
from tests.catalog.pools.conftest import pool as pool
from tests.conftest import NOW
from tests.factories.catalog import make_reward, offer, own_card, statements_of
from tests.factories.small_network import SmallNetwork, found_network

IN_STOCK, LOW, OUT, UNKNOWN = (
    Availability.IN_STOCK,
    Availability.LOW,
    Availability.OUT,
    Availability.UNKNOWN,
)


@pytest.fixture
async def souq(pool: Pool) -> SmallNetwork:
    return pool.souq


async def levels(
    souq: SmallNetwork, *ids: UUID, now: datetime = NOW, scope: Scope = WHOLE_NETWORK
) -> list[Availability]:
    async with souq.database.reading(souq.network_id, scope) as db:
        rewards = await get_rewards(db, network_id=souq.network_id, reward_ids=ids)
        found = await read_availability(
            db, network_id=souq.network_id, rewards=rewards.values(), now=now
        )
        out = await list_unavailable(db, network_id=souq.network_id, now=now)
    assert {one for one in ids if found[one] is OUT} == out.intersection(ids)
    return [found[one] for one in ids]


async def stock(souq: SmallNetwork, reward_id: UUID, cards_left: int | None) -> None:
    async with souq.database.writing(souq.network_id) as db:
        await set_card_stock(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            cards_left=cards_left,
            actor="staff:operator-1",
            now=NOW,
        )


async def slot(souq: SmallNetwork, reward_id: UUID, seats: int, *, days: int = 3) -> UUID:
    async with souq.database.writing(souq.network_id) as db:
        made = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=days),
            capacity=seats,
            now=NOW,
        )
    return made.slot_id


async def test_limited_cards_are_counted_less_those_of_quotes(souq: SmallNetwork) -> None:
    card = await souq.own_card_reward(100)
    assert await levels(souq, card) == [IN_STOCK]
    for left, level in ((6, IN_STOCK), (5, LOW), (0, OUT), (None, IN_STOCK), (1, LOW)):
        await stock(souq, card, left)
        assert await levels(souq, card) == [level]
    quote = await souq.quote(card, souq.money(100))
    assert await levels(souq, card) == [OUT]
    with pytest.raises(CardsSoldOut):
        await souq.quote(card, souq.money(100))
    # It is free again when the quote expires, without anybody's doing.
    almost = NOW + QUOTE_LIFE - timedelta(microseconds=1)
    assert await levels(souq, card, now=almost) == [OUT]
    assert await levels(souq, card, now=NOW + QUOTE_LIFE) == [LOW]
    await souq.place(quote)
    assert await levels(souq, card, now=NOW + QUOTE_LIFE) == [OUT]


async def test_codes_of_a_pool_are_counted_by_the_faces_on_sale(pool: Pool) -> None:
    souq, card = pool.souq, pool.reward_id
    assert await levels(souq, card) == [OUT]
    await pool.load("other", face=souq.money(7_500))  # a face that is not on sale
    await pool.load("another", sku="J-51")
    assert await levels(souq, card) == [OUT]
    await pool.load("1")
    assert await levels(souq, card) == [LOW]
    quote = await pool.quote()
    assert await levels(souq, card) == [OUT]
    assert await levels(souq, card, now=NOW + QUOTE_LIFE) == [LOW]
    await souq.place(quote)
    assert await levels(souq, card, now=NOW + QUOTE_LIFE) == [OUT]
    await pool.load(*(f"more {number}" for number in range(6)), face=souq.money(10_000))
    assert await levels(souq, card) == [IN_STOCK]


async def test_a_feed_speaks_beside_the_count_of_its_codes(pool: Pool) -> None:
    souq, card = pool.souq, pool.reward_id
    await pool.load(*(str(number) for number in range(6)))

    async def say(said: Availability | None, at: datetime) -> None:
        async with souq.database.writing(souq.network_id) as db:
            await import_feed(
                db,
                network_id=souq.network_id,
                supplier_id=pool.supplier_id,
                feed=Feed((replace(item(), availability=said),), (), is_complete=True),
                actor="test",
                now=at,
            )

    for hour, (said, level) in enumerate(
        ((IN_STOCK, IN_STOCK), (LOW, LOW), (UNKNOWN, IN_STOCK), (OUT, OUT)), start=1
    ):
        await say(said, NOW + timedelta(hours=hour))
        assert await levels(souq, card) == [level]
    # The brand's word goes before our count: what it says is out is not sold.
    with pytest.raises(OutOfStock):
        await pool.quote()
    assert await pool.counts() == [(6, 0, 0)]
    await say(None, NOW + timedelta(hours=5))
    assert await levels(souq, card) == [IN_STOCK]
    await pool.quote()


async def test_seats_that_can_still_be_booked_are_counted(souq: SmallNetwork) -> None:
    show = await souq.experience_reward(100)
    assert await levels(souq, show) == [OUT]
    first = await slot(souq, show, 1)
    assert await levels(souq, show) == [IN_STOCK]
    quote = await souq.quote(show, slot_id=first)
    assert await levels(souq, show) == [OUT]
    await slot(souq, show, 3, days=4)
    assert await levels(souq, show) == [IN_STOCK]
    one = await souq.place(quote)
    assert await levels(souq, show) == [IN_STOCK]  # 3 of 4
    await slot(souq, show, 20, days=1)
    assert await levels(souq, show, now=NOW + timedelta(days=2)) == [IN_STOCK]
    # When the second has begun none is left but in the first, which is full.
    assert await levels(souq, show, now=NOW + timedelta(days=2, hours=25)) == [IN_STOCK]
    assert await levels(souq, show, now=NOW + timedelta(days=4)) == [OUT]
    async with souq.database.writing(souq.network_id) as db:
        await cancel_redemption(
            db, network_id=souq.network_id, redemption_id=one.redemption_id, actor="m", now=NOW
        )
    assert await levels(souq, show) == [IN_STOCK]


async def test_a_small_share_of_the_seats_is_low(souq: SmallNetwork) -> None:
    show = await souq.experience_reward(100)
    at = await slot(souq, show, 5)
    for expected in (IN_STOCK, IN_STOCK, IN_STOCK, LOW, OUT):
        await souq.place(await souq.quote(show, slot_id=at))
        assert await levels(souq, show) == [expected]


async def test_an_offer_is_always_there(souq: SmallNetwork) -> None:
    terms: OfferTerms = offer(souq.partner_id)
    assert await levels(souq, await souq.reward(terms, partner_id=souq.partner_id)) == [IN_STOCK]


async def test_everybody_is_told_the_same(pool: Pool) -> None:
    """Codes, and the quotes of others, are behind walls; how many there are is not."""
    souq, now = pool.souq, NOW + timedelta(minutes=1)
    card, show = await souq.own_card_reward(100), await souq.experience_reward(100)
    await stock(souq, card, 1)
    at = await slot(souq, show, 1)
    await souq.quote(card, souq.money(100))
    await souq.quote(show, slot_id=at)
    await pool.load("1")
    await pool.quote()
    ids = (card, show, pool.reward_id)
    for scope in (
        WHOLE_NETWORK,
        Scope("member", souq.member_id),
        Scope("member", souq.other_member_id),
        Scope("partner", souq.other_partner_id),
    ):
        assert await levels(souq, *ids, now=now, scope=scope) == [OUT, OUT, OUT]
        later = NOW + QUOTE_LIFE
        assert await levels(souq, *ids, now=later, scope=scope) == [LOW, IN_STOCK, LOW]


async def test_other_networks_are_not_counted(pool: Pool, database: Database) -> None:
    other = await found_network(database, slug="other")
    ids = [pool.reward_id]
    async with database.reading(other.network_id) as db:
        assert await count_left(db, network_id=other.network_id, reward_ids=ids, now=NOW) == {}
        assert await list_unavailable(db, network_id=other.network_id, now=NOW) == frozenset()
    async with database.reading(other.network_id) as db:
        with pytest.raises(DBAPIError) as caught:
            await count_left(db, network_id=pool.souq.network_id, reward_ids=ids, now=NOW)
    assert caught.value.orig.sqlstate == "MZ001"  # type: ignore[union-attr]


async def test_the_counting_role_may_not_read_what_a_code_is_made_of(
    superuser: AsyncConnection,
) -> None:
    rows = await superuser.execute(
        text(
            "SELECT table_name, string_agg(column_name, ' ' ORDER BY column_name)"
            " FROM information_schema.column_privileges WHERE grantee = 'mizan_counter'"
            " AND privilege_type = 'SELECT' GROUP BY 1 ORDER BY 1"
        )
    )
    granted = {row[0]: row[1] for row in rows}
    assert granted["pool_code"] == (
        "face face_currency free_again_at network_id state supplier_id supplier_sku"
    )
    assert granted["quote"] == "expires_at kind network_id quote_id reward_id slot_id"
    assert granted["redemption"] == "network_id quote_id"
    assert set(granted) == {
        "card_stock",
        "experience_slot",
        "feed_source",
        "pool_code",
        "quote",
        "redemption",
        "reward",
        "reward_denomination",
    }
    others = await superuser.execute(
        text(
            "SELECT count(*) FROM information_schema.column_privileges"
            " WHERE grantee = 'mizan_counter' AND privilege_type <> 'SELECT'"
        )
    )
    assert others.scalar_one() == 0


async def test_what_is_off_sale_is_not_listed_as_unavailable(souq: SmallNetwork) -> None:
    card = await souq.own_card_reward(100)
    await stock(souq, card, 0)
    async with souq.database.writing(souq.network_id) as db:
        assert card in await list_unavailable(db, network_id=souq.network_id, now=NOW)
        await retire_reward(db, network_id=souq.network_id, reward_id=card, now=NOW)
        assert card not in await list_unavailable(db, network_id=souq.network_id, now=NOW)


async def test_a_page_takes_three_statements_however_long(souq: SmallNetwork) -> None:
    cards = [await souq.own_card_reward(100) for _ in range(12)]
    for ids in (cards[:1], cards):
        async with souq.database.reading(souq.network_id) as db:
            rewards = await get_rewards(db, network_id=souq.network_id, reward_ids=ids)
            with statements_of(souq.database) as seen:
                await read_availability(
                    db, network_id=souq.network_id, rewards=rewards.values(), now=NOW
                )
        assert len(seen) == 1


async def changes(souq: SmallNetwork, reward_id: UUID) -> int:
    """How often it was told that there is more or less of a reward."""
    async with souq.database.reading(souq.network_id) as db:
        count = await db.execute(
            text(
                "SELECT count(*) FROM catalog.reward_change"
                " WHERE kind = 'availability' AND reward_id = :id"
            ),
            {"id": reward_id},
        )
    return int(count.scalar_one())


async def test_what_changes_the_level_of_cards_is_told(souq: SmallNetwork) -> None:
    card = await souq.own_card_reward(100)
    for left, told in ((100, 0), (7, 0), (5, 1), (4, 1), (None, 2), (6, 2)):
        await stock(souq, card, left)
        assert await changes(souq, card) == told
    quotes = []
    for told in (3, 3, 3, 3, 3, 4):  # five left, four, three, two, one, none
        quotes.append(await souq.quote(card, souq.money(100)))
        assert await changes(souq, card) == told
    with pytest.raises(CardsSoldOut):
        await souq.quote(card, souq.money(100))
    # To use what a quote holds takes nothing more.
    await souq.place(quotes[0])
    assert await changes(souq, card) == 4


async def test_what_changes_the_level_of_seats_is_told(souq: SmallNetwork) -> None:
    show = await souq.experience_reward(100)
    at = await slot(souq, show, 1)
    assert await changes(souq, show) == 1
    await slot(souq, show, 4, days=5)
    assert await changes(souq, show) == 1
    one = await souq.place(await souq.quote(show, slot_id=at))
    assert await changes(souq, show) == 1
    async with souq.database.writing(souq.network_id) as db:
        await cancel_redemption(
            db, network_id=souq.network_id, redemption_id=one.redemption_id, actor="m", now=NOW
        )
    assert await changes(souq, show) == 1
    for seats in range(5):
        await souq.quote(show, slot_id=at if seats == 0 else await _second(souq, show))
    assert await levels(souq, show) == [OUT]
    assert await changes(souq, show) == 3  # little, then none


async def _second(souq: SmallNetwork, reward_id: UUID) -> UUID:
    async with souq.database.reading(souq.network_id) as db:
        rows = await db.execute(
            text(
                "SELECT slot_id FROM catalog.experience_slot WHERE reward_id = :id"
                " ORDER BY starts_at DESC LIMIT 1"
            ),
            {"id": reward_id},
        )
        found: UUID = rows.scalar_one()
    return found


async def test_every_change_of_the_last_codes_is_told(pool: Pool) -> None:
    await pool.load("1", "2")
    assert await changes(pool.souq, pool.reward_id) == 1
    await pool.load("1", "2")  # known
    assert await changes(pool.souq, pool.reward_id) == 1
    await pool.quote()
    assert await changes(pool.souq, pool.reward_id) == 2
    quote = await pool.quote()
    assert await changes(pool.souq, pool.reward_id) == 3
    await pool.souq.place(quote)
    assert await changes(pool.souq, pool.reward_id) == 3
    await pool.load(*(f"more {number}" for number in range(20)))
    assert await changes(pool.souq, pool.reward_id) == 4
    await pool.quote()  # of many it is not
    assert await changes(pool.souq, pool.reward_id) == 4


async def test_of_a_draft_nothing_is_told(souq: SmallNetwork) -> None:
    async with souq.database.writing(souq.network_id) as db:
        made = await make_reward(
            db, network_id=souq.network_id, terms=own_card("50.00"), is_published=False
        )
    await stock(souq, made.reward_id, 1)
    await stock(souq, made.reward_id, 0)
    assert await changes(souq, made.reward_id) == 0
