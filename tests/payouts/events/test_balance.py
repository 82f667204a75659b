"""Whatever the amounts, every template balances in each unit, and so does what takes it back."""

import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts.events import EVENTS, Event, Share, reversed_lines
from payouts.ledger import Account, Line
from payouts.money import Money, Points
from tests.payouts.events.cases import account

LARGEST = 2**62
OTHER_CURRENCY = {
    ("accrual.pending_exchanged", "owed"),
    ("redemption.supplier", "charged"),
}
"""Amounts that are in a currency of their own; all others of an event are in one."""

amounts = st.integers(-LARGEST, LARGEST).map(lambda minor: Money(minor, "EUR"))
foreign = st.integers(-LARGEST, LARGEST).map(lambda minor: Money(minor, "USD"))
ids = st.integers(1, 4).map(lambda number: UUID(int=number))
shares = st.lists(st.builds(Share, st.none() | ids, amounts), max_size=4)
results = st.lists(
    st.one_of(
        st.builds(Line, st.just(account("platform_fee")), amounts),
        st.builds(Line, st.just(account("processing_fee USD")), foreign),
    ),
    max_size=5,
)
STRATEGIES: Mapping[Any, st.SearchStrategy[Any]] = {
    Money: amounts,
    Points: st.integers(-LARGEST, LARGEST).map(Points),
    UUID: ids,
    UUID | None: st.none() | ids,
    Sequence[Share]: shares,
    Sequence[Line]: results,
    Sequence[tuple[int, Money]]: st.lists(st.tuples(st.integers(0, 4), amounts), min_size=1),
    Account: st.sampled_from([account("bank_cash"), account("suspense")]),
    Account | None: st.none() | st.just(account("settle_recv P")),
    str: st.sampled_from(["US-DE", "gold"]),
    bool: st.booleans(),
    int: st.integers(1, 8),
}


def drawn(data: st.DataObject, event: Event) -> dict[str, Any]:
    values = {}
    for name, parameter in inspect.signature(event.build).parameters.items():
        strategy = STRATEGIES[parameter.annotation]
        if (event.name, name) in OTHER_CURRENCY:
            strategy = amounts | foreign
        values[name] = data.draw(strategy, label=name)
    if event.name == "provider.movement" and values["counter"] is None:
        values["ordered"] = Money.zero("EUR")  # without an order nothing was ordered
    if event.name == "redemption.supplier" and values["charged"].currency == "EUR":
        values["worth"] = values["charged"]  # worth in the same currency is what was charged
    return values


def sums(lines: Sequence[Line]) -> dict[str, int]:
    total = Counter[str]()
    for line in lines:
        total[line.amount.unit] += line.amount.minor
    return dict(total)


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_lines_balance_in_every_unit(event: Event, data: st.DataObject) -> None:
    lines = event.build(**drawn(data, event))
    assert set(sums(lines).values()) <= {0}
    for line in lines:
        assert line.account.unit == line.amount.unit


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_an_exact_inverse_leaves_no_account_moved(event: Event, data: st.DataObject) -> None:
    lines = event.build(**drawn(data, event))
    moved = Counter[Account]()
    for line in (*lines, *reversed_lines(lines)):
        moved[line.account] += line.amount.minor
    assert set(moved.values()) <= {0}
