"""The catalogue's operations and what the world says their answers are."""

import base64
import json
from typing import Any

from tests.benchmarks.operation import Asked, Operation, global_id
from tests.benchmarks.world import CURRENCY, RewardPlan, World, brand_name

PAGE = 20
PAGES_MAX = 8
DETAILS_MAX = 16

_CARD = """
    __typename
    id
    kind
    title
    description
    imageUrls
    brand { id name }
    ... on GiftCardReward { denominations { face { minor decimal currency } } }
    ... on ExperienceReward { price { minor decimal currency } }
"""

PAGE_DOCUMENT = f"""
query Catalogue($country: String!, $first: Int!, $after: String) {{
  rewards(country: $country, first: $first, after: $after) {{
    edges {{ cursor node {{ {_CARD} }} }}
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
  }}
}}
"""

DETAIL_DOCUMENT = f"""
query Detail($id: ID!) {{
  reward(id: $id) {{
    {_CARD}
    version
    countries
    category
    terms
    ... on GiftCardReward {{ faces: denominations {{ price {{ total {{ minor currency }} }} }} }}
    ... on ExperienceReward {{ cancellation {{ freeUntilHours penaltyBps }} }}
  }}
}}
"""


def money(minor: int) -> dict[str, str]:
    """An amount as the contract shows it."""
    whole, cents = divmod(abs(minor), 100)
    sign = "-" if minor < 0 else ""
    return {"minor": str(minor), "decimal": f"{sign}{whole}.{cents:02}", "currency": CURRENCY}


def catalogue_page(world: World) -> Operation:
    """One screen of an app: 20 rewards in Arabic, from several places of two countries' lists."""
    asked = []
    for country in ("SA", "AE"):
        listed = world.listed(country)
        for start in range(0, min(len(listed), PAGE * PAGES_MAX), PAGE):
            after = _cursor(listed[start - 1]) if start else None
            variables = {"country": country, "first": PAGE, "after": after}
            expected = {"rewards": _page(world, listed, start)}
            asked.append(Asked(("member", world.members[0]), variables, expected))
    return Operation("catalogue page", PAGE_DOCUMENT, asked)


def reward_detail(world: World) -> Operation:
    """One reward with its prices, in Arabic."""
    step = max(1, len(world.rewards) // DETAILS_MAX)
    asked = [
        Asked(
            ("member", world.members[0]),
            {"id": _reward_id(world, one)},
            {"reward": _detail(world, one)},
        )
        for one in world.rewards[::step]
    ]
    return Operation("reward detail", DETAIL_DOCUMENT, asked)


def _page(world: World, listed: list[RewardPlan], start: int) -> dict[str, Any]:
    shown = listed[start : start + PAGE]
    return {
        "edges": [{"cursor": _cursor(one), "node": _card(world, one)} for one in shown],
        "pageInfo": {
            "hasNextPage": start + PAGE < len(listed),
            "hasPreviousPage": start > 0,
            "startCursor": _cursor(shown[0]),
            "endCursor": _cursor(shown[-1]),
        },
    }


def _card(world: World, one: RewardPlan) -> dict[str, Any]:
    prices: dict[str, Any] = (
        {"price": money(one.faces[0])}
        if one.is_experience
        else {"denominations": [{"face": money(face)} for face in one.faces]}
    )
    return {
        "__typename": "ExperienceReward" if one.is_experience else "GiftCardReward",
        "id": _reward_id(world, one),
        "kind": "EXPERIENCE" if one.is_experience else "GIFT_CARD",
        "title": one.title["ar"],
        "description": one.description["ar"],
        "imageUrls": [one.image_url],
        "brand": {
            "id": global_id("Brand", world.network_id, world.brands[one.partner]),
            "name": brand_name(one.partner)["ar"],
        },
        **prices,
    }


def _detail(world: World, one: RewardPlan) -> dict[str, Any]:
    more: dict[str, Any] = (
        {"cancellation": {"freeUntilHours": 24, "penaltyBps": 5_000}}
        if one.is_experience
        else {
            "faces": [
                {"price": {"total": {"minor": str(face), "currency": CURRENCY}}}
                for face in one.faces
            ]
        }
    )
    return {
        **_card(world, one),
        "version": 1,
        "countries": sorted(one.countries),
        "category": None,
        "terms": "",
        **more,
    }


def _reward_id(world: World, one: RewardPlan) -> str:
    return global_id("Reward", world.network_id, one.known_id)


def _cursor(one: RewardPlan) -> str:
    plain = json.dumps([one.rank, one.known_id.hex], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")
