"""A card that a member got and a merchant took from, explained to each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.database.transaction import Database
from tests.api.graphql.catalog.redeeming import AUTHORIZATION, Redeeming, start_redeeming
from tests.api.graphql.explain.asking import DOCUMENT, Told


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


async def told(client: Any, text: str) -> Told | None:
    answer = (await client.data(DOCUMENT, {"id": text}))["explain"]
    return None if answer is None else Told(answer)


async def test_a_redemption_is_explained_from_its_price_to_the_card(world: Redeeming) -> None:
    await world.souq.fund(20_000)
    redemption = await world.own_card()
    found = await told(world.staff("auditor"), redemption["id"])
    assert found is not None
    assert {
        ("Redemption", "priced_by", "Quote", None),
        ("GiftCard", "got_by", "Redemption", None),
        ("Journal", "caused_by", "Redemption", None),
    } <= found.edges
    assert any(edge[:3] == ("Journal", "took_from", "Lot") for edge in found.edges)
    (quote,) = found.facts("Quote")
    assert {"face", "fee", "discount", "fx", "rewardVersion"} == quote.keys()
    mine = await told(world.member, redemption["id"])
    assert mine is not None
    assert {"Redemption", "Quote", "GiftCard", "Journal", "Lot"} <= set(mine.kinds)
    assert [one for one in mine.sentences if "supplier" in one or "margin" in one] == []
    for client in (world.other_member, world.merchant, world.seller):
        assert await told(client, redemption["id"]) is None


async def test_what_a_merchant_took_from_a_card_is_reckoned(world: Redeeming) -> None:
    given = {"amount": world.money(5_000), "externalId": "till 1"}
    sold = await world.seller.mutate("issueGiftCard", given, "giftCard { id voucher { id } }")
    code = await world.code_of(sold["giftCard"]["voucher"]["id"], world.seller)
    held = (await world.authorized(2_000, code=code))["authorization"]
    taken = {"authorizationId": held["id"], "amount": world.money(1_850)}
    await world.merchant.mutate("captureGiftCard", taken, AUTHORIZATION)
    found = await told(world.staff("auditor"), held["id"])
    assert found is not None
    (facts,) = found.facts("CardAuthorization")
    assert (facts["feeExact"], facts["fee"]) == ("0.555 SAR", "0.56 SAR")
    assert {
        ("CardAuthorization", "held_on", "GiftCard", None),
        ("Journal", "caused_by", "CardAuthorization", None),
        ("Journal", "caused_by", "GiftCard", None),
    } <= found.edges
    mine = await told(world.merchant, held["id"])
    assert mine is not None
    assert set(mine.kinds) == {"CardAuthorization", "Journal"}
    assert await told(world.seller, held["id"]) is None
