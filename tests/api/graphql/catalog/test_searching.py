"""Searching as the schema shows it: reasons, facets and total in one answer, pages that meet."""

import pytest

from catalog.brands import create_brand
from catalog.rewards import RewardDraft, RewardText, create_reward, publish_reward
from tests.api.graphql.catalog.asking import World
from tests.conftest import NOW
from tests.factories.catalog import experience, make_reward, own_card, statements_of

SEARCH = """
query Search($query: String!, $country: String, $kinds: [RewardKind!], $categories: [String!],
             $brands: [ID!], $priceBands: [PriceBand!], $delivery: [RewardDelivery!],
             $first: Int, $after: String, $last: Int, $before: String, $locale: Locale) {
  searchRewards(query: $query, country: $country, kinds: $kinds, categories: $categories,
                brands: $brands, priceBands: $priceBands, delivery: $delivery, first: $first,
                after: $after, last: $last, before: $before, locale: $locale) {
    totalCount
    facets {
      kind { value count } category { value count } brand { value count brand { name } }
      priceBand { value count } country { value count } delivery { value count }
    }
    edges { cursor score reasons { word field how } node { __typename id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def texts(english: str, arabic: str) -> dict[str, RewardText]:
    return {"en": RewardText(english), "ar": RewardText(arabic)}


async def fill(world: World) -> str:
    """Two cards of a brand, an experience, and a draft that nobody sees; gives the brand's id."""
    network_id = world.network_id
    async with world.database.writing(network_id) as db:
        brand = await create_brand(
            db, network_id=network_id, slug="lantern", name={"en": "Lantern"}, now=NOW
        )
        for rank, (title, face) in enumerate(
            [
                (texts("Amber card", "بطاقة العنبر"), "75.00"),
                (texts("Jade card", "بطاقة اليشم"), "20.00"),
            ]
        ):
            draft = RewardDraft(
                texts=title, countries=("SA", "AE")[rank:], terms=own_card(face), category="Home"
            )
            made = await create_reward(
                db, network_id=network_id, draft=draft, brand_id=brand.brand_id, rank=rank, now=NOW
            )
            await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
        await make_reward(
            db,
            network_id=network_id,
            terms=experience(),
            texts=texts("Amber evening", "أمسية العنبر"),
            partner_id=world.shop.partner.partner_id,
        )
        await make_reward(
            db,
            network_id=network_id,
            terms=own_card(),
            texts=texts("Amber draft", "مسودة"),
            is_published=False,
        )
    return world.id_of("Brand", brand.brand_id)


async def test_one_answer_has_the_page_its_reasons_facets_and_total(world: World) -> None:
    brand = await fill(world)
    with statements_of(world.database) as seen:
        answer = await world.ask(world.member, SEARCH, query="عنبر", first=1, locale="AR")
    found = answer["searchRewards"]

    assert found["totalCount"] == 2
    assert [
        (e["node"]["__typename"], e["node"]["title"], e["score"], e["reasons"])
        for e in found["edges"]
    ] == [
        (
            "GiftCardReward",
            "بطاقة العنبر",
            425,
            [{"word": "عنبر", "field": "TITLE", "how": "NORMALISED"}],
        )
    ]
    assert found["facets"] == {
        "kind": [{"value": "EXPERIENCE", "count": 1}, {"value": "GIFT_CARD", "count": 1}],
        "category": [{"value": "Home", "count": 1}],
        "brand": [{"value": brand, "count": 1, "brand": {"name": "Lantern"}}],
        "priceBand": [{"value": "FROM_250", "count": 1}, {"value": "FROM_50", "count": 1}],
        "country": [{"value": "SA", "count": 2}, {"value": "AE", "count": 1}],
        "delivery": [{"value": "BOOKING", "count": 1}, {"value": "CARD", "count": 1}],
    }
    assert found["pageInfo"]["hasNextPage"] is True
    assert len(seen) == 8, seen  # words, search, three of the rewards with brands, and brands again


async def test_values_of_facets_are_sent_back_as_choices(world: World) -> None:
    brand = await fill(world)
    everything = await world.ask(world.partner, SEARCH, query="", first=10)
    facets = everything["searchRewards"]["facets"]

    def choice(fact: str, place: int) -> list[str]:
        return [facets[fact][place]["value"]]

    async def ids(**chosen) -> list[str]:
        answer = await world.ask(world.partner, SEARCH, query="", first=10, **chosen)
        edges = answer["searchRewards"]["edges"]
        assert answer["searchRewards"]["totalCount"] == len(edges)
        return [edge["node"]["title"] for edge in edges]

    assert everything["searchRewards"]["totalCount"] == 3
    assert await ids(kinds=choice("kind", 0)) == ["Amber card", "Jade card"]
    assert await ids(categories=choice("category", 0)) == ["Amber card", "Jade card"]
    assert await ids(brands=[brand]) == ["Amber card", "Jade card"]
    assert await ids(priceBands=["UNDER_50", "FROM_250"]) == ["Jade card", "Amber evening"]
    assert await ids(delivery=["BOOKING"]) == ["Amber evening"]
    assert await ids(country="SA") == ["Amber card", "Amber evening"]
    assert await ids(country="KW") == []


async def test_pages_meet_in_both_directions(world: World) -> None:
    await fill(world)

    async def page(**arguments) -> tuple[list[str], dict]:
        answer = (await world.ask(world.member, SEARCH, query="card amber", **arguments))[
            "searchRewards"
        ]
        return [edge["node"]["title"] for edge in answer["edges"]], answer["pageInfo"]

    async with world.database.writing(world.network_id) as db:
        for rank in (2, 3, 4):
            await make_reward(
                db,
                network_id=world.network_id,
                terms=own_card(),
                texts=texts(f"Amber card {rank}", "بطاقة"),
                rank=rank,
            )
    first, info = await page(first=2)
    second, end = await page(first=2, after=info["endCursor"])
    last, start = await page(last=3)
    before, beginning = await page(last=3, before=start["startCursor"])

    assert first + second == ["Amber card", "Amber card 2", "Amber card 3", "Amber card 4"]
    assert (info["hasNextPage"], end["hasNextPage"], end["hasPreviousPage"]) == (True, False, True)
    assert before + last == first + second
    assert (start["hasPreviousPage"], beginning["hasPreviousPage"]) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"query": "a" * 201}, ["query"]),
        ({"query": "x", "country": "Saudi"}, ["country"]),
        ({"query": "x", "categories": ["c" * 201]}, ["categories"]),
        ({"query": "x", "kinds": ["OFFER"] * 51}, ["kinds"]),
        ({"query": "x", "brands": ["nonsense"]}, ["brands"]),
    ],
)
async def test_what_cannot_be_searched_for_is_an_error_with_its_place(
    world: World, arguments, path
) -> None:
    answer = await world.try_asking(world.member, SEARCH, first=5, **arguments)

    assert [one.extensions for one in answer.errors] == [{"code": "BAD_ARGUMENT", "path": path}]


async def test_a_brand_of_another_network_is_as_absent_as_none(world: World) -> None:
    brand = await fill(world)
    foreign = world.id_of("Reward", world.shop.partner.partner_id)
    for wrong in (brand[:-2], foreign):
        answer = await world.try_asking(world.member, SEARCH, query="", first=5, brands=[wrong])
        assert answer.errors[0].extensions == {"code": "BAD_ARGUMENT", "path": ["brands"]}


async def test_nobody_without_a_token_searches(world: World) -> None:
    await fill(world)
    answer = await world.try_asking(None, SEARCH, query="amber", first=5)

    assert answer.data is None
    assert answer.errors[0].extensions["code"] == "UNAUTHENTICATED"


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    await fill(world)
    document = '{ rewards(country: "SA", first: 1) { pageInfo { endCursor } } }'
    listed = await world.ask(world.member, document)
    cursor = listed["rewards"]["pageInfo"]["endCursor"]
    answer = await world.try_asking(world.member, SEARCH, query="amber", first=5, after=cursor)

    assert answer.errors[0].extensions["code"] == "BAD_ARGUMENT"
