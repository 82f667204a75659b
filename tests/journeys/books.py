"""How a story ended: what every account holds, what was stated, and what the outside was asked for.

Read through the public API and the doubles' own lists, never from our rows. Names that differ from
run to run (ids of what was made, times) are left out; names of who was there before are kept.
"""

import json
from collections import Counter
from typing import Any

from tests.journeys.driver import Driver

MONEY = "{ decimal currency }"
TRIAL = f"{{ trialBalance {{ rows {{ accountType debit {MONEY} credit {MONEY} }} }} }}"
WALLETS = (
    f"{{ wallet {{ balances {{ currency available {MONEY} held {MONEY} pending {MONEY}"
    f" debt {MONEY} }} }} }}"
)
PARTNERS = (
    "query ($id: ID!) { partnerBalance(partnerId: $id) { balances { currency"
    f" receivablePending {MONEY} receivable {MONEY} payablePending {MONEY} payable {MONEY}"
    f" billed {MONEY} due {MONEY} net {MONEY} }} }} }}"
)
STATEMENTS = (
    "{ statements(first: 100) { edges { node { number state outcome linesCount"
    f" opening {MONEY} receivable {MONEY} payable {MONEY} net {MONEY} carriedForward {MONEY}"
    f" partner {{ id }} payout {{ state amount {MONEY} }} collection {{ state amount {MONEY} }}"
    " settlementCycle { number state } } } } }"
)
PAYOUTS = f"{{ payouts(first: 100) {{ edges {{ node {{ kind state round amount {MONEY} }} }} }} }}"
REDEMPTIONS = (
    f"{{ redemptions(first: 100) {{ edges {{ node {{ kind state total {MONEY} charged {MONEY}"
    f" giftCard {{ state balance {MONEY} held {MONEY} }} }} }} }} }}"
)
ITEMS = (
    "{ reconciliationItems(first: 100) { edges { node { leg state reason"
    f" amount {MONEY} openAmount {MONEY} }} }} }} }}"
)
OPEN_ENDS = f"{{ openEnds {{ items clearing {{ accountType amount {MONEY} }} }} }}"

# What a run of the story asks of the outside, object by object, and what identifies it there.
_STRIPE = {
    "topups": ("amount", "currency", "status"),
    "transfers": ("amount", "amount_reversed", "currency", "destination", "reversed"),
    "reversals": ("amount", "currency"),
    "payouts": ("_account", "amount", "currency", "status", "failure_code"),
    "payment_intents": ("amount", "currency", "customer", "status"),
    "balance_transactions": ("_account", "type", "amount", "fee", "net", "currency"),
}
_ORDER = ("sku", "quantity", "faceMinor", "costMinor", "currency", "status")


def read_outcome(driver: Driver) -> dict[str, Any]:
    """Everything that must not depend on who died when."""
    return {
        "trial balance": _sorted(driver.ask(driver.maker, TRIAL)["trialBalance"]["rows"]),
        "wallets": {
            person.name: driver.ask(person, WALLETS) for person in (driver.layla, driver.omar)
        },
        "partners": {
            label: driver.ask(driver.maker, PARTNERS, id=one["id"])
            for label, one in driver.partners.items()
        },
        "statements": _nodes(driver, STATEMENTS),
        "payouts": _nodes(driver, PAYOUTS),
        "redemptions": _nodes(driver, REDEMPTIONS, person=driver.operator),
        "provider": _nodes(driver, ITEMS),
        "open ends": driver.ask(driver.maker, OPEN_ENDS),
        **outside(driver),
    }


def outside(driver: Driver) -> dict[str, Any]:
    """What the doubles themselves say they were asked for."""
    state = driver.look_at("stripe", "state")
    orders = driver.look_at("reloadly", "orders")
    told: dict[str, Any] = {
        f"stripe {kind}": _sorted({name: one.get(name) for name in names} for one in state[kind])
        for kind, names in _STRIPE.items()
    }
    told["stripe balances"] = state["balances"]
    told["supplier orders"] = _sorted({name: one[name] for name in _ORDER} for one in orders)
    return told


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Where two outcomes differ, row by row."""
    told = []
    for name in expected:
        before, after = (Counter(_rows(one[name])) for one in (expected, found))
        told += [f"{name}: is missing {row}" for row in before - after]
        told += [f"{name}: has instead {row}" for row in after - before]
    return told


def _rows(value: Any) -> list[str]:
    rows = value if isinstance(value, list) else value.items()
    return [json.dumps(row, sort_keys=True) for row in rows]


def _nodes(driver: Driver, document: str, *, person: Any = None) -> list[Any]:
    (connection,) = driver.ask(person or driver.maker, document).values()
    return _sorted(edge["node"] for edge in connection["edges"])


def _sorted(rows: Any) -> list[Any]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
