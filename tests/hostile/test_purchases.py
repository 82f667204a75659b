"""Purchases and returns that cannot be: each is refused with its code and path, and books nothing."""

from typing import Any

import pytest

from tests.hostile.conftest import Attack

SAR = "SAR"


def amount(**given: Any) -> dict[str, Any]:
    return {"amount": {"currency": SAR, **given}}


AMOUNTS = {
    "negative": (amount(decimal="-1.00"), "INVALID_AMOUNT"),
    "negative minor units": (amount(minor="-100"), "INVALID_AMOUNT"),
    "zero": (amount(decimal="0.00"), "INVALID_AMOUNT"),
    "negative zero": (amount(decimal="-0"), "INVALID_AMOUNT"),
    "beyond 64 bits": (amount(minor="9223372036854775808"), "AMOUNT_OUT_OF_RANGE"),
    "beyond 64 bits in decimals": (amount(decimal="99999999999999999999"), "INVALID_AMOUNT"),
    "of a thousand digits": (amount(decimal="9" * 1000), "INVALID_AMOUNT"),
    "a fraction of a minor unit": (amount(decimal="1.001"), "INVALID_AMOUNT"),
    "fractional minor units": (amount(minor="1.5"), "INVALID_AMOUNT"),
    "with an exponent": (amount(decimal="1e3"), "INVALID_AMOUNT"),
    "not a number": (amount(decimal="NaN"), "INVALID_AMOUNT"),
    "infinite": (amount(decimal="Infinity"), "INVALID_AMOUNT"),
    "in Arabic digits": (amount(decimal="١٠٫٠٠"), "INVALID_AMOUNT"),
    "in Arabic minor units": (amount(minor="١٠٠"), "INVALID_AMOUNT"),
    "with a comma": (amount(decimal="1,00"), "INVALID_AMOUNT"),
    "with spaces": (amount(decimal=" 1.00"), "INVALID_AMOUNT"),
    "empty": (amount(decimal=""), "INVALID_AMOUNT"),
    "both minor and decimal": (amount(minor="100", decimal="1.00"), "INVALID_INPUT"),
    "neither": (amount(), "INVALID_INPUT"),
    "of an unknown currency": ({"amount": {"currency": "XYZ", "decimal": "1"}}, "UNKNOWN_CURRENCY"),
    "of another currency": ({"amount": {"currency": "USD", "decimal": "1"}}, "CURRENCY_MISMATCH"),
    "of a currency in small letters": (
        {"amount": {"currency": "sar", "decimal": "1"}},
        "UNKNOWN_CURRENCY",
    ),
    "of a currency of 10,000 letters": (
        {"amount": {"currency": "S" * 10_000, "decimal": "1"}},
        "UNKNOWN_CURRENCY",
    ),
}


def purchase(attack: Attack, **given: Any) -> dict[str, Any]:
    base = {
        "externalId": "hostile",
        "memberId": attack.id_of("Member"),
        "purchasedAt": "2026-03-15T08:00:00Z",
        **amount(decimal="10.00"),
    }
    return {**base, **given}


@pytest.mark.parametrize("name", AMOUNTS)
async def test_purchase_of_an_impossible_amount_is_refused(attack: Attack, name: str) -> None:
    given, code = AMOUNTS[name]
    async with attack.nothing_changes():
        found = await attack.problems("partner", "recordPurchase", purchase(attack, **given))
    assert found == [(code, "amount")]


@pytest.mark.parametrize("name", AMOUNTS)
async def test_return_of_an_impossible_amount_is_refused(attack: Attack, name: str) -> None:
    given, code = AMOUNTS[name]
    bought = attack.id_of("Purchase", partner_id=attack.side.partners[0])
    async with attack.nothing_changes():
        found = await attack.problems(
            "partner", "recordReturn", {"purchaseId": bought, "externalId": "hostile", **given}
        )
    assert found == [(code, "amount")]


OTHERS = {
    "from the future": (
        {"purchasedAt": "2026-03-15T09:30:00Z"},
        "PURCHASE_IN_FUTURE",
        "purchasedAt",
    ),
    "of the year 9999": (
        {"purchasedAt": "9999-12-31T23:59:59Z"},
        "PURCHASE_IN_FUTURE",
        "purchasedAt",
    ),
    "before the agreement": (
        {"purchasedAt": "2020-01-01T00:00:00Z"},
        "NO_AGREEMENT",
        "purchasedAt",
    ),
    "of the year 1": ({"purchasedAt": "0001-01-01T00:00:00Z"}, "NO_AGREEMENT", "purchasedAt"),
    "without a time zone": ({"purchasedAt": "2026-03-15T08:00:00"}, "INVALID_INPUT", "purchasedAt"),
    "with a long own id": ({"externalId": "x" * 10_000}, "INVALID_INPUT", "externalId"),
    "without an own id": ({"externalId": ""}, "INVALID_INPUT", "externalId"),
    "with a long category": ({"category": "x" * 10_000}, "INVALID_INPUT", "category"),
    "with a long key": ({"idempotencyKey": "x" * 10_000}, "INVALID_INPUT", "idempotencyKey"),
    "without a key": ({"idempotencyKey": ""}, "INVALID_INPUT", "idempotencyKey"),
    "of nobody": ({"memberId": None}, "INVALID_INPUT", "memberId"),
    "of two names": ({"memberExternalId": "x"}, "INVALID_INPUT", "memberId"),
    "of a stranger": (
        {"memberId": None, "memberExternalId": "nobody"},
        "NOT_FOUND",
        "memberExternalId",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
async def test_purchase_that_cannot_be_is_refused(attack: Attack, name: str) -> None:
    given, code, path = OTHERS[name]
    async with attack.nothing_changes():
        found = await attack.problems("partner", "recordPurchase", purchase(attack, **given))
    assert found == [(code, path)]


async def test_return_of_more_than_was_bought_is_refused(attack: Attack) -> None:
    bought = attack.id_of("Purchase", partner_id=attack.side.partners[0])
    given = {"purchaseId": bought, "externalId": "hostile", **amount(decimal="1000.00")}
    async with attack.nothing_changes():
        found = await attack.problems("partner", "recordReturn", given)
    assert found == [("RETURN_EXCEEDS_PURCHASE", "amount")]


@pytest.mark.parametrize("whose", ["another partner's", "another network's"])
async def test_return_of_a_foreign_purchase_is_refused_like_one_of_nothing(
    attack: Attack, whose: str
) -> None:
    side = attack.side if whose == "another partner's" else attack.other
    bought = attack.id_of("Purchase", side=side, partner_id=side.partners[1])
    given = {"purchaseId": bought, "externalId": "hostile", **amount(decimal="1.00")}
    async with attack.nothing_changes():
        found = await attack.problems("partner", "recordReturn", given)
    assert found == [("NOT_FOUND", "purchaseId")]


async def test_the_purchase_that_the_others_are_made_from_is_good(attack: Attack) -> None:
    good = purchase(attack, externalId="good-after-all")
    assert await attack.problems("partner", "recordPurchase", good) == []
    again = await attack.problems("partner", "recordPurchase", {**good, **amount(decimal="11.00")})
    assert [code for code, _ in again] == ["ALREADY_EXISTS"]
