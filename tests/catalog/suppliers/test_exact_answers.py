"""Amounts out of answers are exact, charges are half up, and what is no amount is none."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.suppliers import Secret, SupplierAnswerInvalid
from catalog.suppliers.exact_answers import (
    card_secret,
    charged_money,
    exact_money,
    exact_object,
    opaque_key,
)
from payouts.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "exact", "charged"),
    [
        (50, "SAR", 5000, 5000),
        (Decimal("13.34"), "USD", 1334, 1334),
        (Decimal("13.340"), "USD", 1334, 1334),
        (Decimal("1.005"), "USD", None, 101),
        (Decimal("1.0049"), "USD", None, 100),
        (Decimal("4.5"), "KWD", 4500, 4500),
        (Decimal("0.5"), "JPY", None, 1),
        (0, "USD", 0, 0),
        (-1, "USD", None, None),
        (True, "USD", None, None),
        ("13.34", "USD", None, None),
        (None, "USD", None, None),
        (1, "XXX", None, None),
        (1, None, None, None),
        (10**14, "USD", None, None),
    ],
)
def test_an_amount_is_exact_or_none(
    amount: Any, currency: Any, exact: int | None, charged: int | None
) -> None:
    told = exact_money(amount, currency), charged_money(amount, currency)
    so = [None if one is None else Money(one, currency) for one in (exact, charged)]
    assert told == tuple(so)


@pytest.mark.parametrize(
    ("value", "key"),
    [("RA261129-1-01", "RA261129-1-01"), ("U7", "U7"), ("a_b", "a_b"), ("x" * 80, "x" * 80)]
    + [
        (value, None)
        for value in ("", "-a", "a-", "a/b", "a.b", "a\n", "\u0661", "x" * 81, 7, None)
    ],
)
def test_a_key_is_safe_in_an_address(value: Any, key: str | None) -> None:
    assert opaque_key(value) == key


def test_a_card_is_told_character_by_character() -> None:
    assert card_secret("00 12-\u00a0x") == Secret("00 12-\u00a0x")
    assert (card_secret(""), card_secret(None)) == (None, None)
    for value in (12, 1.5, True, ["1"], "1\n2", "\ud800", "x" * 2_001):
        with pytest.raises(SupplierAnswerInvalid):
            card_secret(value)


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_said(raw: bytes) -> None:
    with pytest.raises(SupplierAnswerInvalid):
        exact_object(raw)


def test_numbers_of_an_object_are_exact_or_no_numbers() -> None:
    told = exact_object(b'{"a":0.1,"b":NaN,"c":1e400,"d":12345678901234567890}')
    assert told["a"] == Decimal("0.1")
    assert told["d"] == 12345678901234567890
    assert [exact_money(told[name], "USD") for name in "bc"] == [None, None]
