"""A card that is sold from a pool, as its member gets it over HTTP."""

from collections.abc import AsyncIterator

import pytest

from api.database.transaction import Database
from tests.api.graphql.catalog.redeeming import QUOTE, Redeeming, start_redeeming
from tests.catalog.pools.conftest import Pool, open_pool
from tests.conftest import NOW

SUPPLIER = """query($id: ID!) { node(id: $id) { ... on Supplier {
  pool { sku face { minor } available reserved delivered }
  feed { version kind url pullHours outcome remark } } } }"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


async def test_the_last_code_is_one_members_and_sold_out_for_others(world: Redeeming) -> None:
    pool: Pool = await open_pool(world.souq)
    await world.souq.fund(15_000)
    await pool.load("0099-1234-5678", pins=["0042"])
    quote = await world.quoted(pool.reward_id, face=world.money(5_000))
    assert quote["total"] == {"minor": "4900"}
    given = {"rewardId": world.id("Reward", pool.reward_id), "face": world.money(5_000)}
    refused = await world.member.mutate("quoteReward", given, QUOTE)
    assert (refused["quote"], [one["code"] for one in refused["problems"]]) == (None, ["SOLD_OUT"])

    placed = await world.placed(quote["id"], idempotencyKey="place")
    again = await world.placed(quote["id"], idempotencyKey="place")
    assert (placed["problems"], again["replayed"]) == ([], True)
    redemption = placed["redemption"]
    assert (redemption["state"], redemption["kind"]) == ("FULFILLED", "SUPPLIER_CARD")
    assert redemption == again["redemption"]
    (voucher,) = redemption["vouchers"]
    shown = await world.member.mutate("revealVoucher", {"voucherId": voucher["id"]}, "code pin")
    assert (shown["code"], shown["pin"]) == ("0099-1234-5678", "0042")
    second = await world.member.mutate("revealVoucher", {"voucherId": voucher["id"]}, "code pin")
    assert [one["code"] for one in second["problems"]] == ["ALREADY_REVEALED"]
    assert await world.souq.balance(world.souq.wallet()) == (10_100, 0)


async def test_staff_sees_how_many_codes_are_left_and_nobody_else_does(world: Redeeming) -> None:
    pool: Pool = await open_pool(world.souq)
    await world.souq.fund(15_000)
    await pool.load("0001", "0002", "0003", now=NOW)
    await world.quoted(pool.reward_id, face=world.money(5_000))
    asked = {"id": world.id("Supplier", pool.supplier_id)}
    shown = await world.staff().data(SUPPLIER, asked)
    assert shown["node"]["pool"] == [
        {
            "sku": "J-50",
            "face": {"minor": "5000"},
            "available": 2,
            "reserved": 1,
            "delivered": 0,
        }
    ]
    feed = shown["node"]["feed"]
    assert (feed["version"], feed["kind"], feed["url"], feed["outcome"]) == (1, "feed", None, None)
    for caller in (world.member, world.merchant):
        assert (await caller.data(SUPPLIER, asked))["node"] is None
