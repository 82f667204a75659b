"""Staff set the catalogue up through the schema, members switch offers on."""

from typing import Any

from catalog.rewards import RewardText
from tests.api.graphql.catalog.asking import World
from tests.conftest import NOW
from tests.factories.catalog import make_reward, make_supplier, offer, own_card

CREATE = """mutation($input: CreateRewardInput!) { createReward(input: $input) {
  reward { __typename id state version countries brand { slug name }
    ... on GiftCardReward { denominations { face { minor } } range { step { minor } } }
    ... on ExperienceReward { cost: price { decimal } }
    ... on OfferReward { rateBps } }
  problems { code path message } replayed } }"""
PUBLISH = """mutation($input: PublishRewardInput!) { publishReward(input: $input) {
  reward { id state version } problems { code } replayed } }"""
ACTIVATE = """mutation($input: ActivateOfferInput!) { activateOffer(input: $input) {
  offer { activated } problems { code } replayed } }"""
BRAND = """mutation($input: CreateBrandInput!) { createBrand(input: $input) {
  brand { id slug name } problems { code path } } }"""
RATE = """mutation($input: PublishFxRateInput!) { publishFxRate(input: $input) {
  fxRate { base quote value source observedAt expiresAt } problems { code path } replayed } }"""
SUPPLIER = """mutation($input: RegisterSupplierInput!) { registerSupplier(input: $input) {
  supplier { name discountShareBps fxMarginBps } problems { code } } }"""

TEXTS = [{"locale": "EN", "title": "Falcon card"}, {"locale": "AR", "title": "بطاقة الصقر"}]
CARD = {
    "texts": TEXTS,
    "countries": ["SA"],
    "giftCard": {"faces": [{"decimal": "100.00", "currency": "SAR"}]},
}


def money(decimal: str) -> dict[str, str]:
    return {"decimal": decimal, "currency": "SAR"}


async def created(world: World, reward: dict[str, Any], key: str = "k1", **more: Any) -> Any:
    made = await world.ask(
        world.operator, CREATE, input={"idempotencyKey": key, "reward": reward, **more}
    )
    return made["createReward"]


async def test_a_card_is_created_once_and_published(world: World) -> None:
    brand = await world.ask(
        world.operator,
        BRAND,
        input={
            "idempotencyKey": "b1",
            "slug": "falcon",
            "name": [{"locale": "en", "text": "Falcon"}, {"locale": "ar", "text": "صقر"}],
        },
    )
    brand_id = brand["createBrand"]["brand"]["id"]
    made = await created(world, CARD, brandId=brand_id)
    again = await created(world, CARD, brandId=brand_id)

    assert made["problems"] == []
    assert made["reward"] | {"id": None} == {
        "__typename": "GiftCardReward",
        "id": None,
        "state": "DRAFT",
        "version": 1,
        "countries": ["SA"],
        "brand": {"slug": "falcon", "name": "Falcon"},
        "denominations": [{"face": {"minor": "10000"}}],
        "range": None,
    }
    assert again == made | {"replayed": True}
    key = {"idempotencyKey": "p1", "rewardId": made["reward"]["id"]}
    published = await world.ask(world.operator, PUBLISH, input=key)
    assert published["publishReward"] == {
        "reward": {"id": made["reward"]["id"], "state": "ACTIVE", "version": 1},
        "problems": [],
        "replayed": False,
    }
    listed = await world.ask(
        world.member,
        '{ rewards(country: "SA", first: 5) { edges { node { id } } }'
        " brands(first: 5) { edges { node { slug name(locale: AR) } } } }",
    )
    assert [one["node"]["id"] for one in listed["rewards"]["edges"]] == [made["reward"]["id"]]
    assert [one["node"] for one in listed["brands"]["edges"]] == [{"slug": "falcon", "name": "صقر"}]


async def test_other_kinds_are_created(world: World) -> None:
    partner_id = world.id_of("Partner", world.shop.partner.partner_id)
    usual = {"texts": TEXTS, "countries": ["SA"]}
    bounds = {"min": money("50.00"), "max": money("500.00"), "step": money("50.00")}
    ranged = await created(world, usual | {"giftCard": {"range": bounds}}, "k1")
    evening = await created(
        world,
        usual | {"experience": {"price": money("250.00"), "freeUntilHours": 24}},
        "k2",
        partnerId=partner_id,
    )
    promise = await created(
        world,
        usual
        | {
            "offer": {
                "rateBps": 1000,
                "funding": [{"partnerId": partner_id, "weight": 3}, {"weight": 1}],
                "startsAt": NOW.isoformat(),
                "endsAt": "2026-06-01T00:00:00Z",
            }
        },
        "k3",
        partnerId=partner_id,
    )

    assert ranged["reward"]["range"] == {"step": {"minor": "5000"}}
    assert evening["reward"]["cost"] == {"decimal": "250.00"}
    assert (promise["problems"], promise["reward"]["rateBps"]) == ([], 1000)


async def test_what_cannot_be_a_reward_is_a_problem_with_its_path(world: World) -> None:
    faces = {"faces": [{"decimal": "1.234", "currency": "SAR"}]}
    both = CARD | {"experience": {"price": money("1.00")}}
    partner_id = world.id_of("Partner", world.shop.partner.partner_id)
    refused = [
        (CARD | {"giftCard": {}}, {}, ("INVALID_INPUT", ["giftCard"])),
        (CARD | {"giftCard": faces}, {}, ("INVALID_AMOUNT", ["giftCard", "faces", "0"])),
        (both, {}, ("INVALID_INPUT", ["reward"])),
        (CARD | {"countries": []}, {}, ("INVALID_INPUT", ["countries"])),
        (CARD | {"texts": []}, {}, ("INVALID_INPUT", ["texts"])),
        (CARD, {"brandId": partner_id}, ("NOT_FOUND", ["brandId"])),
    ]
    for number, (reward, more, expected) in enumerate(refused):
        answer = await created(world, reward, f"k{number}", **more)
        assert answer["reward"] is None
        assert [(one["code"], one["path"]) for one in answer["problems"]] == [expected]
    empty = await world.ask(
        world.operator, '{ rewards(country: "SA", first: 1) { edges { cursor } } }'
    )
    assert empty == {"rewards": {"edges": []}}


async def test_only_operators_set_the_catalogue_up(world: World) -> None:
    for caller in (world.member, world.partner):
        answer = await world.ask(caller, CREATE, input={"idempotencyKey": "k", "reward": CARD})
        assert [one["code"] for one in answer["createReward"]["problems"]] == ["FORBIDDEN"]


async def test_a_member_switches_an_offer_on(world: World) -> None:
    partner_id = world.shop.partner.partner_id
    async with world.database.writing(world.network_id) as db:
        promise = await make_reward(
            db, network_id=world.network_id, terms=offer(partner_id), partner_id=partner_id
        )
        card = await make_reward(
            db, network_id=world.network_id, terms=own_card(), texts={"en": RewardText("Card")}
        )

    async def activated(key: str, reward: Any, caller: Any = None) -> Any:
        offer_id = world.id_of("Reward", reward.reward_id)
        answer = await world.ask(
            caller or world.member, ACTIVATE, input={"idempotencyKey": key, "offerId": offer_id}
        )
        return answer["activateOffer"]

    done = {"offer": {"activated": True}, "problems": [], "replayed": False}
    assert await activated("k1", promise) == done
    assert await activated("k1", promise) == done | {"replayed": True}
    assert await activated("k2", promise) == done
    refused = await activated("k3", card)
    assert (refused["offer"], refused["problems"]) == (None, [{"code": "NOT_FOUND"}])
    forbidden = await activated("k4", promise, world.operator)
    assert forbidden["problems"] == [{"code": "FORBIDDEN"}]


async def test_rates_and_suppliers_are_published_by_staff(world: World) -> None:
    rate = {
        "idempotencyKey": "r1",
        "base": "USD",
        "quote": "SAR",
        "value": "3.7500",
        "source": "central bank",
        "observedAt": NOW.isoformat(),
        "maxAgeSeconds": 3600,
    }
    answer = await world.ask(world.operator, RATE, input=rate)
    assert answer["publishFxRate"] == {
        "fxRate": {
            "base": "USD",
            "quote": "SAR",
            "value": "3.75",
            "source": "central bank",
            "observedAt": NOW.isoformat(),
            "expiresAt": NOW.replace(hour=10).isoformat(),
        },
        "problems": [],
        "replayed": False,
    }
    bad = await world.ask(
        world.operator, RATE, input=rate | {"idempotencyKey": "r2", "value": "-1"}
    )
    assert bad["publishFxRate"]["problems"] == [{"code": "INVALID_INPUT", "path": ["value"]}]
    async with world.database.writing(world.network_id) as db:
        await make_supplier(db, network_id=world.network_id)
    same = await world.ask(
        world.operator, SUPPLIER, input={"idempotencyKey": "s1", "name": "reloadly"}
    )
    assert same["registerSupplier"]["supplier"] == {
        "name": "reloadly",
        "discountShareBps": 5000,
        "fxMarginBps": 0,
    }
    other = await world.ask(
        world.operator,
        SUPPLIER,
        input={"idempotencyKey": "s2", "name": "reloadly", "fxMarginBps": 1},
    )
    assert other["registerSupplier"] == {"supplier": None, "problems": [{"code": "ALREADY_EXISTS"}]}
