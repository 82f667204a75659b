"""What a supplier has none of is not quoted, and others are asked, until it is offered again."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.tango_shop import TangoShop
from catalog.availability import Availability, Said, SaidBy
from catalog.redemptions import (
    Exclusion,
    OutOfStock,
    RedemptionState,
    list_unavailable,
    read_availability,
)
from catalog.rewards import get_rewards, import_feed, tell_availability
from catalog.suppliers import Feed, read_reloadly_feed, register_supplier
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.shopping import SHOPS
from tests.catalog.redemptions.shopping import shopping as shopping
from tests.catalog.redemptions.test_supplier_messages import Post, arrived
from tests.catalog.redemptions.test_supplier_messages import post as post
from tests.catalog.redemptions.trading import CARD, Trading
from tests.catalog.redemptions.trading import trading as trading
from tests.conftest import NOW
from tests.factories.catalog import card_item
from tests.factories.small_network import found_network

FIRST, SECOND = True, False
FULFILLED, FAILED = RedemptionState.FULFILLED, RedemptionState.FAILED
IN_STOCK, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT, Availability.UNKNOWN
SEEN = text(
    "SELECT (SELECT count(*) FROM catalog.quote), (SELECT count(*) FROM catalog.quote_source),"
    " (SELECT count(*) FROM catalog.redemption), (SELECT count(*) FROM catalog.reward_change)"
)
AVAILABILITIES = text(
    "SELECT count(*) FROM catalog.reward_change WHERE kind = 'availability' AND reward_id = :id"
)


async def level(buying: Buying, sku: str = CARD) -> Availability:
    reward_id, network_id = buying.rewards[sku], buying.souq.network_id
    async with buying.souq.database.reading(network_id) as db:
        found = await get_rewards(db, network_id=network_id, reward_ids=[reward_id])
        levels = await read_availability(
            db, network_id=network_id, rewards=found.values(), now=buying.now
        )
        out = await list_unavailable(db, network_id=network_id, now=buying.now)
    assert (reward_id in out) is (levels[reward_id] is OUT)
    return levels[reward_id]


async def say(buying: Buying, supplier_id: object, said: Availability) -> None:
    network_id = buying.souq.network_id
    async with buying.souq.database.writing(network_id) as db:
        rows = await db.execute(
            text("SELECT reward_id FROM catalog.reward WHERE supplier_id = :id"),
            {"id": supplier_id},
        )
        told = [Said(one, said, buying.now) for one in rows.scalars()]
        await tell_availability(
            db, network_id=network_id, said=told, said_by=SaidBy.MESSAGE, now=buying.now
        )


async def test_a_refused_order_makes_its_item_out_until_the_next_import_lists_it(
    buying: Buying, superuser: AsyncConnection
) -> None:
    assert await level(buying) is UNKNOWN
    buying.double.fault("out_of_stock")
    one = await buying.work_until_done(await buying.place())
    assert (one.state, one.failure_code) == (FAILED, "PRODUCT_OUT_OF_STOCK")
    assert await level(buying) is OUT
    reward = {"id": buying.rewards[CARD]}
    assert (await superuser.execute(AVAILABILITIES, reward)).scalar_one() == 1
    before = (await superuser.execute(SEEN)).one()
    balance = await buying.souq.balance(buying.souq.wallet())

    with pytest.raises(OutOfStock):
        await buying.place()

    assert (await superuser.execute(SEEN)).one() == before
    assert await buying.souq.balance(buying.souq.wallet()) == balance == (20_000, 0)
    assert await level(buying, "7002") is UNKNOWN  # another item of the same supplier
    buying.pass_time(minutes=1)
    supplier = buying.world.suppliers["reloadly"]
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        await import_feed(
            db,
            network_id=buying.souq.network_id,
            supplier_id=buying.supplier_id,
            feed=read_reloadly_feed(await supplier.fetch_feed("SA")),
            actor="test",
            now=buying.now,
        )
    assert await level(buying) is UNKNOWN
    assert (await superuser.execute(AVAILABILITIES, reward)).scalar_one() == 2
    assert (await buying.work_until_done(await buying.place())).state is FULFILLED


async def test_another_refusal_says_nothing_of_stock(buying: Buying) -> None:
    buying.double.fault("withdrawn_item")
    assert (await buying.work_until_done(await buying.place())).state is FAILED
    assert await level(buying) is UNKNOWN


async def test_what_is_out_at_one_supplier_is_quoted_from_the_other(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying = trading.buying
    await trading.offer("2")
    trading.first.fault("out_of_stock")
    assert (await buying.work_until_done(await buying.place())).state is FULFILLED
    assert trading.orders() == (0, 1)
    assert await level(buying) is UNKNOWN

    quote = await trading.quote()

    # The first is cheaper, and not asked: the next one's price is the price.
    assert quote.total == Money(5_100, "SAR")
    assert await trading.sources(quote) == [
        (SECOND, 5_050, None),
        (FIRST, 4_950, "OUT_OF_STOCK"),
    ]
    assert (await buying.work_until_done(await buying.souq.place(quote, now=buying.now))).state is (
        FULFILLED
    )
    assert trading.orders() == (0, 2)
    await say(buying, trading.second_id, OUT)
    assert await level(buying) is OUT
    before = (await superuser.execute(SEEN)).one()
    with pytest.raises(OutOfStock):
        await trading.quote()
    assert (await superuser.execute(SEEN)).one() == before
    await trading.assert_books_hold(superuser)


async def test_an_unhealthy_supplier_is_asked_before_one_that_has_none(trading: Trading) -> None:
    buying = trading.buying
    await buying.souq.fund(60_000)
    trading.first.fault("withdrawn_item", count=5)
    for _ in range(5):
        assert (await buying.work_until_done(await buying.place())).state is FULFILLED
    await say(buying, trading.second_id, OUT)
    quote = await trading.quote()
    assert await trading.sources(quote) == [
        (FIRST, 4_950, "UNHEALTHY"),
        (SECOND, 4_950, "OUT_OF_STOCK"),
    ]
    assert await level(buying) is UNKNOWN


async def test_what_is_out_by_the_time_of_the_order_is_passed_over_and_back_again_is_asked(
    trading: Trading,
) -> None:
    buying = trading.buying
    first, second = await trading.quote(), await trading.quote()
    one = await buying.souq.place(first, now=buying.now)
    await say(buying, buying.supplier_id, OUT)
    assert (await buying.work_until_done(one)).state is FULFILLED
    (attempt,) = await trading.attempts(one)
    assert attempt.supplier_id == trading.second_id
    assert [(it.supplier_id, it.because) for it in attempt.passed_over] == [
        (buying.supplier_id, Exclusion.OUT_OF_STOCK)
    ]
    # All out, and yet promised: the quoted one is asked, and may have one after all.
    await say(buying, trading.second_id, OUT)
    two = await buying.souq.place(second, now=buying.now)
    assert (await buying.work_until_done(two)).state is FULFILLED
    assert trading.orders() == (1, 1)


async def test_what_was_out_at_the_quote_and_is_back_is_asked_when_the_other_refuses(
    trading: Trading,
) -> None:
    buying = trading.buying
    await say(buying, trading.second_id, OUT)
    quote = await trading.quote()
    one = await buying.souq.place(quote, now=buying.now)
    buying.pass_time(seconds=1)
    await say(buying, trading.second_id, IN_STOCK)
    trading.first.fault("out_of_stock")
    assert (await buying.work_until_done(one)).state is FULFILLED
    assert await trading.tries(one) == [
        (FIRST, "failed", "PRODUCT_OUT_OF_STOCK"),
        (SECOND, "succeeded", None),
    ]


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_a_message_counts_at_once_in_whatever_order_it_comes(
    post: Post, superuser: AsyncConnection
) -> None:
    buying, sku = post.buying, post.shop.sku
    assert await level(buying, sku) is IN_STOCK
    listen = {"url": f"{post.url}/webhooks/suppliers/tango", "copies": 2}
    buying.double.control("POST", "webhooks", listen)
    sent = 0
    for change, expected in (("out_of_stock", OUT), (None, IN_STOCK), ("withdraw", OUT)):
        buying.pass_time(seconds=1)
        buying.double.control("POST", "catalogue", {"sku": sku, "change": change})
        sent += 2
        await arrived(post, sent)
        assert await level(buying, sku) is expected
    before = (await superuser.execute(SEEN)).one()
    with pytest.raises(OutOfStock):
        await buying.place(sku, post.shop.face.minor, post.shop.face.currency)
    # All of it once more, the oldest last or first: what is newest stays.
    buying.double.control("POST", "webhooks/resend")
    await arrived(post, sent + 3)
    assert await level(buying, sku) is OUT
    assert (await superuser.execute(SEEN)).one() == before
    reward = {"id": buying.rewards[sku]}
    assert (await superuser.execute(AVAILABILITIES, reward)).scalar_one() == 3


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_of_one_instant_the_later_message_counts(post: Post) -> None:
    """The double's clock stands still: the places of its messages alone tell them apart."""
    buying, sku = post.buying, post.shop.sku
    buying.pass_time(seconds=1)
    listen = {"url": f"{post.url}/webhooks/suppliers/tango", "copies": 1}
    buying.double.control("POST", "webhooks", listen)
    for number, (change, expected) in enumerate(
        (("out_of_stock", OUT), (None, IN_STOCK), ("out_of_stock", OUT)), start=1
    ):
        buying.double.control("POST", "catalogue", {"sku": sku, "change": change})
        await arrived(post, number)
        assert await level(buying, sku) is expected


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_a_forged_message_about_an_item_changes_nothing(
    post: Post, superuser: AsyncConnection
) -> None:
    buying, sku = post.buying, post.shop.sku
    buying.pass_time(seconds=1)
    body = json.dumps(
        {
            "eventId": "event-1",
            "revision": 1,
            "eventType": "ItemAvailability",
            "eventOccurredAt": buying.now.isoformat(),
            "eventData": {"utid": sku, "availabilityStatus": "UNAVAILABLE"},
        }
    ).encode()
    before = (await superuser.execute(SEEN)).one()
    for headers in ({}, TangoShop().sign(body, "b3RoZXI="), TangoShop().sign(b"", WEBHOOK_SECRET)):
        refused = await post.send(headers, body)
        assert (refused.status_code, refused.json()) == (
            401,
            {"error": "The message is not authentic."},
        )
    assert await level(buying, sku) is IN_STOCK
    assert (await superuser.execute(SEEN)).one() == before
    assert (await post.send(TangoShop().sign(body, WEBHOOK_SECRET), body)).status_code == 200
    assert await level(buying, sku) is OUT


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_a_message_counts_in_every_network_that_sells_the_item(
    post: Post, superuser: AsyncConnection
) -> None:
    buying, sku = post.buying, post.shop.sku
    database = buying.souq.database
    others = [await found_network(database, slug=slug) for slug in ("second", "third", "fourth")]
    # The second sells the item, the third another one, the fourth buys from somebody else.
    for souq, name, item in (
        (others[0], "tango", card_item(sku, "Amber")),
        (others[1], "tango", card_item("U700199", "Jade")),
        (others[2], "reloadly", card_item(sku, "Onyx")),
    ):
        async with database.writing(souq.network_id) as db:
            made = await register_supplier(db, network_id=souq.network_id, name=name, now=NOW)
            await import_feed(
                db,
                network_id=souq.network_id,
                supplier_id=made.supplier_id,
                feed=Feed((item,), (), is_complete=True),
                actor="test",
                now=NOW,
            )
    buying.pass_time(seconds=1)
    listen = {"url": f"{post.url}/webhooks/suppliers/tango", "copies": 1}
    buying.double.control("POST", "webhooks", listen)
    buying.double.control("POST", "catalogue", {"sku": sku, "change": "out_of_stock"})
    await arrived(post, 1)
    rows = await superuser.execute(
        text(
            "SELECT network_id, said_by FROM catalog.reward_availability"
            " WHERE availability = 'out' ORDER BY 1"
        )
    )
    told = [(buying.souq.network_id, "message"), (others[0].network_id, "message")]
    assert [tuple(row) for row in rows] == told


async def test_quotes_of_before_keep_their_place(trading: Trading) -> None:
    """A word between the quote and its expiry takes nothing away from who has the quote."""
    buying = trading.buying
    quote = await trading.quote()
    await say(buying, buying.supplier_id, OUT)
    await say(buying, trading.second_id, OUT)
    buying.pass_time(minutes=1)
    assert quote.expires_at > buying.now + timedelta(minutes=1)
    one = await buying.souq.place(quote, now=buying.now)
    assert (await buying.work_until_done(one)).state is FULFILLED
