"""A partner's operations and what the world says their answers are."""

from datetime import datetime, timedelta
from typing import Any

from tests.benchmarks.catalogue import money
from tests.benchmarks.load import FRESH
from tests.benchmarks.operation import Asked, Operation, global_id
from tests.benchmarks.world import (
    CURRENCY,
    FEE_BPS,
    NOW,
    RATE_BPS,
    RETURN_WINDOW_DAYS,
    SPAN_DAYS,
    World,
    share,
)

LISTED = 50
CALLERS_MAX = 16
_MONEY = "{ minor decimal currency }"

BALANCE_DOCUMENT = f"""
query Balance($since: DateTime!, $until: DateTime!, $first: Int!) {{
  partnerBalance {{
    balances {{
      currency
      receivablePending {_MONEY}
      receivable {_MONEY}
      payable {_MONEY}
      net {_MONEY}
    }}
  }}
  accruals(since: $since, until: $until, first: $first) {{
    edges {{
      node {{
        state
        rateBps
        cashback {_MONEY}
        fee {_MONEY}
        earnedAt
        availableAt
        purchase {{ id externalId amount {_MONEY} }}
      }}
    }}
    pageInfo {{ hasNextPage }}
    totals {_MONEY}
  }}
}}
"""

RECORD_DOCUMENT = f"""
mutation Record($input: RecordPurchaseInput!) {{
  recordPurchase(input: $input) {{
    purchase {{
      externalId
      amount {_MONEY}
      purchasedAt
      accrual {{ state rateBps cashback {_MONEY} fee {_MONEY} availableAt }}
    }}
    problems {{ code message path retryable }}
    replayed
  }}
}}
"""


def partner_balance(world: World) -> Operation:
    """Where a partner stands, and its last 50 purchases with what they earned."""
    since, until = NOW - timedelta(days=SPAN_DAYS + 1), NOW
    variables = {"since": _text(since), "until": _text(until), "first": LISTED}
    asked = [
        Asked(("partner", world.partners[number]), variables, _standing(world, number))
        for number in range(min(CALLERS_MAX, world.sizes.partners))
    ]
    return Operation("partner balance", BALANCE_DOCUMENT, asked)


def record_purchase(world: World) -> Operation:
    """A purchase is booked with what it earns: durable when it is acknowledged."""
    asked = []
    for number in range(CALLERS_MAX):
        partner = number % world.sizes.partners
        amount = 5_000 + 137 * number
        given = {
            "idempotencyKey": FRESH,
            "externalId": FRESH,
            "memberId": global_id("Member", world.network_id, world.members[number]),
            "amount": {"minor": str(amount), "currency": CURRENCY},
            "purchasedAt": _text(NOW),
        }
        expected = {"recordPurchase": _recorded(amount)}
        asked.append(Asked(("partner", world.partners[partner]), {"input": given}, expected))
    return Operation(
        "recordPurchase",
        RECORD_DOCUMENT,
        asked,
        is_write=True,
        must_contain='"problems":[],"replayed":false',
        normalise=_without_external_id,
    )


def _standing(world: World, partner: int) -> dict[str, Any]:
    mine = world.purchases_of(partner)
    owed = sum(one.cashback + one.fee for one in mine if one.is_confirmed)
    pending = sum(one.cashback + one.fee for one in mine if not one.is_confirmed)
    newest = sorted(mine, key=lambda one: one.purchased_at, reverse=True)[:LISTED]
    return {
        "partnerBalance": {
            "balances": [
                {
                    "currency": CURRENCY,
                    "receivablePending": money(pending),
                    "receivable": money(owed),
                    "payable": money(0),
                    "net": money(-owed),
                }
            ]
        },
        "accruals": {
            "edges": [
                {
                    "node": {
                        "state": "AVAILABLE" if one.is_confirmed else "PENDING",
                        "rateBps": RATE_BPS,
                        "cashback": money(one.cashback),
                        "fee": money(one.fee),
                        "earnedAt": _text(one.purchased_at),
                        "availableAt": _text(one.available_at),
                        "purchase": {
                            "id": global_id("Purchase", world.network_id, one.known_id),
                            "externalId": one.external_id,
                            "amount": money(one.amount),
                        },
                    }
                }
                for one in newest
            ],
            "pageInfo": {"hasNextPage": len(mine) > LISTED},
            "totals": [money(sum(one.cashback for one in mine))],
        },
    }


def _recorded(amount: int) -> dict[str, Any]:
    return {
        "purchase": {
            "amount": money(amount),
            "purchasedAt": _text(NOW),
            "accrual": {
                "state": "PENDING",
                "rateBps": RATE_BPS,
                "cashback": money(share(amount, RATE_BPS)),
                "fee": money(share(amount, FEE_BPS)),
                "availableAt": _text(NOW + timedelta(days=RETURN_WINDOW_DAYS)),
            },
        },
        "problems": [],
        "replayed": False,
    }


def _without_external_id(data: dict[str, Any]) -> dict[str, Any]:
    purchase = (data.get("recordPurchase") or {}).get("purchase") or {}
    purchase.pop("externalId", None)
    return data


def _text(instant: datetime) -> str:
    return instant.isoformat()
