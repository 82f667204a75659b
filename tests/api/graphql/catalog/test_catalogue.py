"""The catalogue as the schema shows it: one interface, exact prices, pages that meet."""

from typing import Any

from catalog.rewards import RewardText
from tests.api.graphql.catalog.asking import World
from tests.conftest import NOW
from tests.factories.catalog import (
    experience,
    import_raw,
    make_rate,
    make_reward,
    make_supplier,
    offer,
    own_card,
    statements_of,
)

IN_TWO = {
    "en": RewardText("Falcon card", "For every shop", "No refunds"),
    "ar": RewardText("بطاقة الصقر", "لكل متجر", "غير قابلة للاسترداد"),
}
PAGE = """
query Page($country: String!, $kinds: [RewardKind!], $first: Int, $after: String,
           $last: Int, $before: String, $locale: Locale) {
  rewards(country: $country, kinds: $kinds, first: $first, after: $after,
          last: $last, before: $before, locale: $locale) {
    edges { cursor node {
      __typename id kind title description brand { name }
      ... on GiftCardReward {
        denominations { face { decimal currency }
          price { lines { kind amount { decimal } } total { decimal currency } fxRate } }
        range { min { decimal } max { decimal } step { decimal } }
      }
      ... on ExperienceReward {
        cost: price { decimal } cancellation { freeUntilHours penaltyBps } partner { id }
      }
      ... on OfferReward { rateBps purchaseCategory endsAt activated partner { id } }
    } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def fill(world: World) -> None:
    """The fixture's catalogue and one reward of each kind of the network's own."""
    network_id, partner_id = world.network_id, world.shop.partner.partner_id
    async with world.database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id)
        await import_raw(db, network_id=network_id, supplier_id=supplier.supplier_id)
        await make_reward(db, network_id=network_id, terms=own_card(), texts=IN_TWO, rank=1)
        await make_reward(
            db, network_id=network_id, terms=experience(), partner_id=partner_id, rank=2
        )
        await make_reward(
            db,
            network_id=network_id,
            terms=offer(partner_id, category="food"),
            partner_id=partner_id,
            rank=3,
        )


def nodes_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in answer["rewards"]["edges"]]


async def test_each_kind_shows_its_own_fields(world: World) -> None:
    await fill(world)
    async with world.database.writing(world.network_id) as db:
        await make_rate(db, network_id=world.network_id, base="KWD", quote="SAR", value="12.2013")
    answer = await world.ask(world.member, PAGE, country="SA", first=100)
    nodes = nodes_of(answer)
    partner = {"id": world.id_of("Partner", world.shop.partner.partner_id)}

    assert [one["__typename"] for one in nodes[:4]] == [
        "GiftCardReward",
        "ExperienceReward",
        "OfferReward",
        "GiftCardReward",
    ]
    own, evening, promise, imported = nodes[:4]
    assert (own["title"], own["brand"], own["range"]) == ("Falcon card", None, None)
    assert own["denominations"] == [
        {
            "face": {"decimal": "100.00", "currency": "SAR"},
            "price": {
                "lines": [{"kind": "FACE", "amount": {"decimal": "100.00"}}],
                "total": {"decimal": "100.00", "currency": "SAR"},
                "fxRate": "1",
            },
        }
    ]
    assert (evening["cost"], evening["partner"]) == ({"decimal": "250.00"}, partner)
    assert evening["cancellation"] == {"freeUntilHours": 24, "penaltyBps": 5000}
    assert (promise["rateBps"], promise["purchaseCategory"]) == (1000, "food")
    assert (promise["activated"], promise["partner"]) == (False, partner)
    assert imported["title"] == "Harbour Lane 20"
    assert imported["brand"] == {"name": "Harbour Lane"}
    price = imported["denominations"][0]["price"]
    assert [(one["kind"], one["amount"]["decimal"]) for one in price["lines"]] == [
        ("FACE", "75.00"),
        ("FEE", "3.75"),
        ("DISCOUNT", "-3.00"),
    ]
    assert price["total"] == {"decimal": "75.75", "currency": "SAR"}
    (ranged,) = [one for one in nodes if one.get("range")]
    assert ranged["denominations"] == []
    assert ranged["range"] == {
        "min": {"decimal": "5.00"},
        "max": {"decimal": "100.00"},
        "step": {"decimal": "0.01"},
    }
    (dinars,) = [one for one in nodes if one["title"] == "Kuwait-billed Credit"]
    assert [one["price"]["total"]["decimal"] for one in dinars["denominations"]] == [
        "38.99",
        "95.17",
    ]


async def test_without_a_fresh_rate_a_card_is_listed_without_a_price(world: World) -> None:
    await fill(world)
    nodes = nodes_of(await world.ask(world.member, PAGE, country="SA", first=100))
    (dinars,) = [one for one in nodes if one["title"] == "Kuwait-billed Credit"]

    assert [one["price"] for one in dinars["denominations"]] == [None, None]


async def test_a_page_with_all_prices_takes_a_fixed_number_of_statements(world: World) -> None:
    await fill(world)
    with statements_of(world.database) as seen:
        await world.ask(world.member, PAGE, country="SA", first=100)
    # assortments, ids, versions, faces, brands; then partners, activations, the network, sources,
    # terms, rates and margins.
    assert len(seen) == 12
    with statements_of(world.database) as seen:
        await world.ask(world.member, "{ rewards(country: \"SA\", first: 100) {"
                        " edges { node { title description terms brand { name } } } } }")  # fmt: skip
    assert len(seen) <= 5


async def test_pages_meet_forwards_and_backwards(world: World) -> None:
    await fill(world)
    whole = await world.ask(world.member, PAGE, country="SA", first=100)
    ids = [one["id"] for one in nodes_of(whole)]
    assert len(ids) == 9
    assert whole["rewards"]["pageInfo"]["hasNextPage"] is False

    forwards, cursor, has_next = [], None, True
    while has_next:
        page = await world.ask(world.member, PAGE, country="SA", first=4, after=cursor)
        forwards += [one["id"] for one in nodes_of(page)]
        cursor = page["rewards"]["pageInfo"]["endCursor"]
        has_next = page["rewards"]["pageInfo"]["hasNextPage"]
    backwards, cursor, has_previous = [], None, True
    while has_previous:
        page = await world.ask(world.member, PAGE, country="SA", last=4, before=cursor)
        backwards = [one["id"] for one in nodes_of(page)] + backwards
        cursor = page["rewards"]["pageInfo"]["startCursor"]
        has_previous = page["rewards"]["pageInfo"]["hasPreviousPage"]

    assert forwards == backwards == ids
    cards = await world.ask(world.member, PAGE, country="SA", first=100, kinds=["OFFER"])
    assert [one["kind"] for one in nodes_of(cards)] == ["OFFER"]


async def test_a_strange_cursor_is_a_request_error(world: World) -> None:
    for cursor in ("", "x", "W10", "WzFd", "WyJhIiwiYiJd", "WzEsMl0", "é"):
        answer = await world.try_asking(world.member, PAGE, country="SA", first=1, after=cursor)
        assert [one.extensions for one in answer.errors] == [{"code": "BAD_ARGUMENT"}]


async def test_texts_follow_the_request_the_argument_and_the_fallback(world: World) -> None:
    await fill(world)
    assert nodes_of(await world.ask(world.member, PAGE, "ar", country="SA", first=1))[0][
        "title"
    ] == "بطاقة الصقر"  # fmt: skip
    arabic = await world.ask(world.member, PAGE, country="SA", first=4, locale="AR")
    assert [one["title"] for one in nodes_of(arabic)] == [
        "بطاقة الصقر",
        "Desert evening",
        "Desert evening",
        "Harbour Lane 20",
    ]
    document = (
        "query($id: ID!) { reward(id: $id) { en: title(locale: EN) ar: title(locale: AR)"
        " terms(locale: AR) } node(id: $id) { ... on GiftCardReward { version } } }"
    )
    answer = await world.ask(world.member, document, id=nodes_of(arabic)[0]["id"])
    assert answer == {
        "reward": {
            "en": "Falcon card",
            "ar": "بطاقة الصقر",
            "terms": "غير قابلة للاسترداد",
        },
        "node": {"version": 1},
    }


async def test_drafts_are_for_staff_and_foreign_ids_for_nobody(world: World) -> None:
    async with world.database.writing(world.network_id) as db:
        draft = await make_reward(
            db, network_id=world.network_id, terms=own_card(), is_published=False
        )
    document = "query($id: ID!) { reward(id: $id) { state title } }"
    key = world.id_of("Reward", draft.reward_id)
    elsewhere = str(world.id_of("Reward", draft.reward_id))[:-3] + "AAA"

    assert await world.ask(world.operator, document, id=key) == {
        "reward": {"state": "DRAFT", "title": "Desert evening"}
    }
    for caller in (world.member, world.partner):
        assert await world.ask(caller, document, id=key) == {"reward": None}
    assert await world.ask(world.operator, document, id=elsewhere) == {"reward": None}
    anonymous = await world.try_asking(None, document, id=key)
    assert anonymous.errors[0].extensions == {"code": "UNAUTHENTICATED"}


async def test_the_price_of_a_chosen_face(world: World) -> None:
    await fill(world)
    nodes = nodes_of(await world.ask(world.member, PAGE, country="SA", first=100))
    (ranged,) = [one for one in nodes if one.get("range")]
    document = """query($id: ID!, $face: MoneyInput!) { reward(id: $id) {
      ... on GiftCardReward { price(face: $face) { total { decimal } } } } }"""

    def asked(decimal: str, currency: str = "USD") -> dict[str, Any]:
        return {"id": ranged["id"], "face": {"decimal": decimal, "currency": currency}}

    answer = await world.ask(world.member, document, **asked("33.33"))
    assert answer == {"reward": {"price": {"total": {"decimal": "128.74"}}}}
    for bad in (asked("4.99"), asked("0.00"), asked("10.00", "SAR"), asked("1.234")):
        refused = await world.try_asking(world.member, document, **bad)
        assert refused.errors[0].extensions == {"code": "BAD_ARGUMENT"}


async def test_a_partner_sees_offers_but_switches_none_on(world: World) -> None:
    await fill(world)
    nodes = nodes_of(await world.ask(world.partner, PAGE, country="SA", first=3))
    assert nodes[2]["activated"] is None
    assert nodes[2]["endsAt"] == NOW.replace(month=4, day=14).isoformat()
