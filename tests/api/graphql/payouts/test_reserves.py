"""An operator has a share of payments held back; finance and the partner see where it is."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.api.graphql.payouts.test_settlement import CYCLE, closed, codes
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW

POLICY = """reservePolicy { id currency shareBps holdDays partner { id } publishedBy }"""
STATEMENTS = """{ statements(first: 9) { edges { node { number net { minor }
  reserveWithheld { minor currency } reserveReleased { minor }
  reserve { amount { minor } releaseAt releasedAt partner { id }
    settlementCycle { number } policy { shareBps } }
  payout { amount { minor } } } } } }"""
RESERVES = """query($released: Boolean, $partner: ID) {
  reserves(first: 9, released: $released, partnerId: $partner) {
    edges { node { id amount { minor } releasedAt } } } }"""
NODE = "query($id: ID!) { node(id: $id) { id } }"


async def publish(settling: Settling, **given: Any) -> dict[str, Any]:
    return await settling.door.do(
        settling.operator,
        "publishReservePolicy",
        POLICY,
        **{"currency": "SAR", "shareBps": 1_000, "holdDays": 30, **given},
    )


async def settle(settling: Settling, key: str) -> None:
    made = await settling.door.do(settling.maker, "closeSettlementCycle", CYCLE, idempotencyKey=key)
    approved = await settling.door.do(
        settling.checker,
        "approveSettlementCycle",
        CYCLE,
        idempotencyKey=key,
        settlementCycleId=made["settlementCycle"]["id"],
    )
    assert codes(made) == codes(approved) == []


async def statements(settling: Settling, caller: Any) -> list[dict[str, Any]]:
    found = await settling.door.read(caller, STATEMENTS)
    return [edge["node"] for edge in found["statements"]["edges"]]


async def test_what_is_held_back_is_seen_until_it_is_paid(settling: Settling) -> None:
    door, cafe = settling.door, settling.as_partner(settling.cafe)
    cafe_id = settling.id("Partner", settling.cafe)
    published = await publish(settling, partnerId=cafe_id)
    policy = published["reservePolicy"]
    assert codes(published) == []
    assert {key: value for key, value in policy.items() if key != "id"} == {
        "currency": "SAR",
        "shareBps": 1_000,
        "holdDays": 30,
        "partner": {"id": cafe_id},
        "publishedBy": "staff:omar",
    }
    await closed(settling)
    (before,) = await statements(settling, cafe)
    assert (before["reserve"], before["reserveWithheld"]) == (
        None,
        {"minor": "0", "currency": "SAR"},
    )
    await settle(settling, "closeSettlementCycle-1")
    (mine,) = await statements(settling, cafe)
    release_at = (NOW + timedelta(days=30)).isoformat()
    assert mine == {
        "number": mine["number"],
        "net": {"minor": "-8000"},
        "reserveWithheld": {"minor": "800", "currency": "SAR"},
        "reserveReleased": {"minor": "0"},
        "reserve": {
            "amount": {"minor": "800"},
            "releaseAt": release_at,
            "releasedAt": None,
            "partner": {"id": cafe_id},
            "settlementCycle": None,
            "policy": None,
        },
        "payout": {"amount": {"minor": "7200"}},
    }
    by_staff = {one["number"]: one for one in await statements(settling, settling.maker)}
    assert by_staff.pop(mine["number"])["reserve"]["policy"] == {"shareBps": 1_000}
    (shops,) = by_staff.values()
    assert (shops["reserve"], shops["reserveWithheld"]["minor"]) == (None, "0")

    door.set_clock(NOW + timedelta(days=30))
    await settling.work(seconds=1)
    await settle(settling, "second")
    later, first = await statements(settling, cafe)
    assert (later["net"], later["reserveReleased"]) == ({"minor": "-800"}, {"minor": "800"})
    assert (later["reserveWithheld"]["minor"], later["payout"]["amount"]["minor"]) == ("80", "720")
    assert first["reserve"]["releasedAt"] == release_at
    assert first["reserveReleased"] == {"minor": "0"}


async def test_reserves_are_seen_by_their_partner_and_staff_alone(settling: Settling) -> None:
    door = settling.door
    policy = (await publish(settling))["reservePolicy"]
    await settle(settling, "first")
    found = await door.read(settling.as_partner(settling.cafe), RESERVES)
    (edge,) = found["reserves"]["edges"]
    assert edge["node"]["amount"] == {"minor": "800"}
    for caller, expected in (
        (settling.as_partner(settling.cafe), 1),
        (settling.as_partner(settling.shop), 0),
        (settling.checker, 1),
    ):
        listed = await door.read(caller, RESERVES, released=False)
        assert len(listed["reserves"]["edges"]) == expected
        node = await door.read(caller, NODE, id=edge["node"]["id"])
        assert (node["node"] is not None) == bool(expected)
        assert (await door.read(caller, RESERVES, released=True))["reserves"]["edges"] == []
    of_shop = await door.read(
        settling.maker, RESERVES, partner=settling.id("Partner", settling.shop)
    )
    assert of_shop["reserves"]["edges"] == []
    assert await door.read(settling.as_partner(settling.cafe), NODE, id=policy["id"]) == {
        "node": None
    }


async def test_a_policy_is_published_by_an_operator_for_partners_there_are(
    settling: Settling, superuser: AsyncConnection
) -> None:
    given: dict[str, Any] = {"currency": "SAR", "shareBps": 1_000, "holdDays": 30}
    for caller, refused in (
        (settling.maker, "FORBIDDEN"),
        (settling.checker, "FORBIDDEN"),
        (settling.as_partner(settling.cafe), "FORBIDDEN"),
    ):
        payload = await settling.door.do(caller, "publishReservePolicy", POLICY, **given)
        assert codes(payload) == [refused]
    above = await publish(settling, shareBps=5_001)
    assert (codes(above), above["problems"][0]["path"]) == (["INVALID_INPUT"], ["shareBps"])
    nobody = await publish(
        settling, idempotencyKey="nobody", partnerId=settling.id("Partner", settling.member)
    )
    assert codes(nobody) == ["NOT_FOUND"]
    count = await superuser.execute(text("SELECT count(*) FROM payouts.reserve_policy"))
    assert count.scalar_one() == 0
