"""The bars of the console: exact parts of counts and amounts, full when all of it arrived."""

from typing import Any

from tests.api.console.looking import tell


def money(minor: int) -> dict[str, str]:
    return {"minor": str(minor), "currency": "SAR", "formatted": f"SAR {minor}"}


def progress(**given: Any) -> dict[str, Any]:
    """Ten statements: five are paid, three collected, two carried."""
    outcomes = {"PAY": 5, "COLLECT": 3, "CARRIED": 2}
    return {
        "state": "EXECUTING",
        "statementsCount": 10,
        "statements": [{"outcome": name, "count": count} for name, count in outcomes.items()],
        "payouts": [],
        "collections": [],
        "money": [],
        **given,
    }


def rows(**given: Any) -> dict[str, tuple[Any, Any, int]]:
    (found,) = tell(progress=[progress(**given)])["rows"]
    return {one["name"]: (one["done"], one["total"], one["part"]) for one in found}


def test_nothing_is_done_before_it_is_approved() -> None:
    for state in ("IN_REVIEW", "ABANDONED"):
        assert rows(state=state) == {
            "statements": (0, 10, 0),
            "payouts": (0, 5, 0),
            "collections": (0, 3, 0),
        }


def test_a_statement_is_done_when_its_money_arrived_or_none_moves() -> None:
    # Two that carry, two of five paid, one of three collected: 5 of 10.
    payouts = [
        {"state": "PAID", "count": 2},
        {"state": "UNKNOWN", "count": 1},
        {"state": "RETURNED", "count": 2},
    ]
    collections = [{"state": "SUCCEEDED", "count": 1}, {"state": "FAILED", "count": 2}]
    assert rows(payouts=payouts, collections=collections) == {
        "statements": (5, 10, 500),
        "payouts": (2, 5, 400),
        "collections": (1, 3, 333),
    }


def test_money_is_divided_in_minor_units_however_large_and_never_rounded_to_all() -> None:
    large = 9_007_199_254_740_993_000  # beyond what a float counts in ones
    one = {
        "toPay": money(large),
        "paid": money(large - 1),
        "toCollect": money(0),
        "collected": money(0),
    }
    found = rows(money=[one])
    assert found["paid"] == (str(large - 1), str(large), 999)
    # What nothing is to be collected of has no bar.
    assert "collected" not in found
    all_of_it = {**one, "paid": money(large)}
    assert rows(money=[all_of_it])["paid"][2] == 1000


def test_a_cycle_of_several_currencies_has_bars_for_each() -> None:
    both = [
        {
            "toPay": {**money(200), "currency": currency},
            "paid": {**money(50), "currency": currency},
            "toCollect": money(0),
            "collected": money(0),
        }
        for currency in ("SAR", "USD")
    ]
    (found,) = tell(progress=[progress(money=both)])["rows"]
    assert [(one["name"], one["unit"], one["part"]) for one in found[3:]] == [
        ("paid", "SAR", 250),
        ("paid", "USD", 250),
    ]


def test_a_line_is_matched_when_the_books_or_two_persons_explain_it() -> None:
    side = {"leg": "bank", "count": 8, "matchedCount": 5, "resolvedCount": 1}
    (row,) = tell(sides=[side])["sides"]
    assert (row["name"], row["done"], row["total"], row["part"]) == ("bank", 6, 8, 750)
    (none,) = tell(sides=[{**side, "count": 0, "matchedCount": 0, "resolvedCount": 0}])["sides"]
    assert none["part"] == 1000
