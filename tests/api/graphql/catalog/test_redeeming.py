"""Members redeem, merchants accept cards: as each caller, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.experiences import ExperienceSlot, add_slot
from catalog.giftcards import GUESSES_MAX
from catalog.vouchers import new_card_code
from tests.api.graphql.catalog.redeeming import AUTHORIZATION, Redeeming, start_redeeming
from tests.conftest import NOW

CARD = (
    "query($id: ID!) { giftCard(id: $id) { id balance { minor } held { minor } voucher { id } } }"
)
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
LIST = """query($first: Int, $after: String, $last: Int) {
  redemptions(first: $first, after: $after, last: $last) {
    edges { node { id state total { minor } charged { minor } member { id } } }
    pageInfo { hasNextPage endCursor } totals { minor currency } } }"""
SLOTS = """query($id: ID!) { reward(id: $id) { ... on ExperienceReward {
  slots(first: 5) { id startsAt capacity left reward { id } } } } }"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


async def test_value_becomes_a_card_whose_code_is_shown_once(world: Redeeming) -> None:
    await world.souq.fund(15_000)
    reward_id = await world.souq.own_card_reward(10_000)
    quote = await world.quoted(reward_id, face=world.money(10_000))
    assert quote["total"] == {"minor": "10000"}
    assert quote["lines"] == [{"kind": "FACE", "amount": {"minor": "10000"}}]
    first = await world.placed(quote["id"], idempotencyKey="place")
    again = await world.placed(quote["id"], idempotencyKey="place")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["redemption"] == again["redemption"]
    redemption = first["redemption"]
    assert (redemption["state"], redemption["kind"]) == ("FULFILLED", "OWN_CARD")
    assert redemption["giftCard"]["balance"] == {"minor": "10000"}
    (voucher,) = redemption["vouchers"]
    given = {"idempotencyKey": "show", "voucherId": voucher["id"]}
    shown = await world.member.mutate("revealVoucher", given, "code pin voucher { revealedAt }")
    replay = await world.member.mutate("revealVoucher", given, "code pin voucher { revealedAt }")
    assert "".join(one for one in shown["code"] if one.isalnum())[-4:] == voucher["last4"]
    assert (shown["pin"], shown["replayed"]) == (None, False)
    assert (replay["code"], replay["replayed"]) == (None, True)
    assert replay["voucher"] == shown["voucher"]
    third = await world.member.mutate("revealVoucher", {"voucherId": voucher["id"]}, "code")
    assert (third["code"], codes(third)) == (None, ["ALREADY_REVEALED"])
    used = await world.placed(quote["id"])
    assert (used["redemption"], codes(used)) == (None, ["QUOTE_USED"])
    assert await world.souq.balance(world.souq.wallet()) == (5_000, 0)


async def test_a_balance_that_is_too_low_can_be_tried_again(world: Redeeming) -> None:
    reward_id = await world.souq.own_card_reward(10_000)
    quote = await world.quoted(reward_id, face=world.money(10_000))
    refused = await world.placed(quote["id"], idempotencyKey="k")
    assert codes(refused) == ["INSUFFICIENT_BALANCE"]
    assert refused["problems"][0]["retryable"] is True
    await world.souq.fund(10_000)
    done = await world.placed(quote["id"], idempotencyKey="k")
    assert (codes(done), done["replayed"]) == ([], False)


async def test_a_quote_expires(world: Redeeming) -> None:
    await world.souq.fund(10_000)
    reward_id = await world.souq.own_card_reward(10_000)
    quote = await world.quoted(reward_id, face=world.money(10_000))
    world.app.clock.advance(minutes=15)
    late = await world.member.mutate(
        "placeRedemption", {"quoteId": quote["id"]}, "redemption { id }", locale="ar"
    )
    assert codes(late) == ["QUOTE_EXPIRED"]
    assert late["problems"][0]["message"].startswith("انتهت صلاحية عرض السعر")


async def test_what_is_anothers_is_not_there(world: Redeeming) -> None:
    await world.souq.fund(20_000)
    redemption = await world.own_card()
    reward_id = await world.souq.own_card_reward(5_000)
    quote = await world.quoted(reward_id, face=world.money(5_000))
    (voucher,) = redemption["vouchers"]
    card_id = redemption["giftCard"]["id"]
    things = [redemption["id"], quote["id"], voucher["id"], card_id]
    for client in (world.other_member, world.merchant, world.seller):
        for thing in things:
            assert (await client.data(NODE, {"id": thing}))["node"] is None
        assert (await client.data(CARD, {"id": card_id}))["giftCard"] is None
    for thing in things:
        assert (await world.staff("auditor").data(NODE, {"id": thing}))["node"]["id"] == thing
        assert (await world.member.data(NODE, {"id": thing}))["node"]["id"] == thing
    for client in (world.other_member, world.merchant):
        stolen = await client.mutate("revealVoucher", {"voucherId": voucher["id"]}, "code")
        assert (stolen["code"], codes(stolen)) == (None, ["NOT_FOUND"])
    placed = await world.other_member.mutate(
        "placeRedemption", {"quoteId": quote["id"]}, "redemption { id }"
    )
    assert codes(placed) == ["QUOTE_NOT_FOUND"]
    cancelled = await world.other_member.mutate(
        "cancelRedemption", {"redemptionId": redemption["id"]}, "redemption { id }"
    )
    assert codes(cancelled) == ["NOT_FOUND"]
    seen = await world.staff().mutate("revealVoucher", {"voucherId": voucher["id"]}, "code")
    assert (seen["code"], codes(seen)) == (None, ["FORBIDDEN"])
    assert (await world.member.data(CARD, {"id": card_id}))["giftCard"]["voucher"]["id"] == (
        voucher["id"]
    )


async def test_a_partner_sells_a_card_and_another_accepts_it(world: Redeeming) -> None:
    given = {"amount": world.money(5_000), "externalId": "till 1"}
    sold = await world.seller.mutate(
        "issueGiftCard", given, "giftCard { id state balance { minor } voucher { id } }"
    )
    card = sold["giftCard"]
    assert (card["state"], card["balance"]) == ("ACTIVE", {"minor": "5000"})
    twice = await world.seller.mutate("issueGiftCard", given, "giftCard { id }")
    assert codes(twice) == ["ALREADY_EXISTS"]
    code = await world.code_of(card["voucher"]["id"], world.seller)
    held = (await world.authorized(2_000, code=code.lower()))["authorization"]
    assert (held["state"], held["card"]) == ("AUTHORIZED", None)
    assert (await world.merchant.data(CARD, {"id": card["id"]}))["giftCard"] is None
    seen = (await world.seller.data(CARD, {"id": card["id"]}))["giftCard"]
    assert (seen["balance"], seen["held"]) == ({"minor": "5000"}, {"minor": "2000"})

    async def act(name: str, minor: int | None = None, client: Any = None) -> dict[str, Any]:
        amount = {} if minor is None else {"amount": world.money(minor)}
        return await (client or world.merchant).mutate(
            name, {"authorizationId": held["id"], **amount}, AUTHORIZATION
        )

    assert codes(await act("captureGiftCard", 2_001)) == ["CAPTURE_EXCEEDS_HOLD"]
    assert codes(await act("captureGiftCard", 1, world.seller)) == ["NOT_FOUND"]
    taken = (await act("captureGiftCard", 1_800))["authorization"]
    assert (taken["state"], taken["captured"], taken["fee"]) == (
        "CAPTURED",
        {"minor": "1800"},
        {"minor": "54"},
    )
    assert codes(await act("voidGiftCard")) == ["HOLD_RESOLVED"]
    back = (await act("refundGiftCard", 500))["authorization"]
    assert back["refunds"] == [{"amount": {"minor": "500"}, "fee": {"minor": "15"}}]
    assert codes(await act("refundGiftCard", 1_301)) == ["AMOUNT_OUT_OF_RANGE"]
    assert (await world.seller.data(NODE, {"id": held["id"]}))["node"] is None
    assert (await world.merchant.data(NODE, {"id": held["id"]}))["node"]["id"] == held["id"]


async def test_a_members_card_is_accepted_by_its_code_alone(world: Redeeming) -> None:
    await world.souq.fund(10_000)
    redemption = await world.own_card()
    (voucher,) = redemption["vouchers"]
    by_id = await world.authorized(1_000, cardId=redemption["giftCard"]["id"])
    assert codes(by_id) == ["CODE_REFUSED"]
    code = await world.code_of(voucher["id"])
    held = (await world.authorized(1_000, code=code))["authorization"]
    voided = await world.merchant.mutate(
        "voidGiftCard", {"authorizationId": held["id"]}, AUTHORIZATION
    )
    assert voided["authorization"]["state"] == "VOIDED"
    both = await world.authorized(1, code=code, cardId=redemption["giftCard"]["id"])
    assert codes(both) == ["INVALID_INPUT"]


async def test_wrong_codes_are_answered_alike_and_limited(
    world: Redeeming, superuser: AsyncConnection
) -> None:
    await world.souq.fund(10_000)
    redemption = await world.own_card()
    (voucher,) = redemption["vouchers"]
    right = await world.code_of(voucher["id"])
    wrong = new_card_code(world.souq.network_id).reveal()
    frozen = await world.staff().mutate(
        "freezeGiftCard", {"cardId": redemption["giftCard"]["id"]}, "giftCard { state }"
    )
    assert frozen["giftCard"] == {"state": "FROZEN"}
    answers = [await world.authorized(1_000, code=code) for code in (wrong, right, "x", "")]
    assert answers[0]["problems"][0]["code"] == "CODE_REFUSED"
    assert answers == [answers[0]] * 4
    rest = await asyncio.gather(*(world.authorized(1, code=wrong) for _ in range(GUESSES_MAX)))
    told = [codes(one)[0] for one in rest]
    assert (told.count("CODE_REFUSED"), told.count("LIMIT_EXCEEDED")) == (GUESSES_MAX - 4, 4)
    counted = await superuser.execute(text("SELECT count(*) FROM payouts.hold"))
    assert counted.scalar_one() == 0


async def slot_of(world: Redeeming, reward_id: UUID, capacity: int = 1) -> ExperienceSlot:
    async with world.souq.database.writing(world.souq.network_id) as db:
        return await add_slot(
            db,
            network_id=world.souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=2),
            capacity=capacity,
            now=NOW,
        )


async def test_a_seat_is_offered_booked_and_cancelled(world: Redeeming) -> None:
    await world.souq.fund(10_000)
    reward_id = await world.souq.experience_reward(8_000)
    starts_at = (NOW + timedelta(days=2)).isoformat()
    given = {"rewardId": world.id("Reward", reward_id), "startsAt": starts_at, "capacity": 1}
    foreign = await world.merchant.mutate("createExperienceSlot", given, "slot { id }")
    assert codes(foreign) == ["NOT_FOUND"]
    offered = await world.seller.mutate("createExperienceSlot", given, "slot { id left }")
    slot = offered["slot"]
    shown = await world.member.data(SLOTS, {"id": given["rewardId"]})
    assert shown["reward"]["slots"] == [
        {
            "id": slot["id"],
            "startsAt": starts_at,
            "capacity": 1,
            "left": 1,
            "reward": {"id": given["rewardId"]},
        }
    ]
    quote = await world.quoted(reward_id, slotId=slot["id"])
    redemption = (await world.placed(quote["id"]))["redemption"]
    assert redemption["state"] == "PLACED"
    booking = redemption["booking"]
    assert (booking["state"], booking["slot"]) == ("BOOKED", {"left": 0})
    second = await world.member.mutate(
        "quoteReward", {"rewardId": given["rewardId"], "slotId": slot["id"]}, "quote { id }"
    )
    assert codes(second) == ["SOLD_OUT"]
    assert (await world.seller.data(NODE, {"id": booking["id"]}))["node"]["id"] == booking["id"]
    for client in (world.merchant, world.other_member):
        assert (await client.data(NODE, {"id": booking["id"]}))["node"] is None
    world.app.clock.advance(days=1, seconds=1)
    back = await world.member.mutate(
        "cancelRedemption",
        {"redemptionId": redemption["id"]},
        "redemption { state booking { state penalty { minor } slot { left } } }",
    )
    assert back["redemption"] == {
        "state": "CANCELLED",
        "booking": {"state": "CANCELLED", "penalty": {"minor": "1600"}, "slot": {"left": 1}},
    }
    assert await world.souq.balance(world.souq.wallet()) == (8_400, 0)


async def test_two_requests_for_the_last_seat(world: Redeeming, superuser: AsyncConnection) -> None:
    await world.souq.fund(20_000)
    reward_id = await world.souq.experience_reward(8_000)
    slot = await slot_of(world, reward_id, capacity=2)
    quotes = [
        await world.quoted(reward_id, slotId=world.id("ExperienceSlot", slot.slot_id))
        for _ in range(2)
    ]
    # Two seats were reserved; one of them is gone.
    await superuser.execute(text("UPDATE catalog.experience_slot SET capacity = 1"))
    answers = await asyncio.gather(*(world.placed(one["id"]) for one in quotes))
    assert sorted(codes(one) for one in answers) == [[], ["SOLD_OUT"]]
    assert await world.souq.balance(world.souq.wallet()) == (12_000, 0)


async def test_redemptions_are_listed_newest_first_with_totals(world: Redeeming) -> None:
    await world.souq.fund(30_000)
    ids = []
    for _ in range(3):
        ids.append((await world.own_card(5_000))["id"])
        world.app.clock.advance(seconds=1)
    page = (await world.member.data(LIST, {"first": 2}))["redemptions"]
    assert [one["node"]["id"] for one in page["edges"]] == [ids[2], ids[1]]
    assert page["totals"] == [{"minor": "15000", "currency": "SAR"}]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await world.member.data(LIST, {"first": 2, "after": page["pageInfo"]["endCursor"]})
    assert [one["node"]["id"] for one in rest["redemptions"]["edges"]] == [ids[0]]
    last = await world.member.data(LIST, {"last": 1})
    assert [one["node"]["id"] for one in last["redemptions"]["edges"]] == [ids[0]]
    nobody = (await world.other_member.data(LIST, {"first": 5}))["redemptions"]
    assert (nobody["edges"], nobody["totals"]) == ([], [])
    everybody = (await world.staff("finance_maker").data(LIST, {"first": 5}))["redemptions"]
    assert len(everybody["edges"]) == 3
    refused = await world.merchant.run(LIST, {"first": 5})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
