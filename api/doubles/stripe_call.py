"""One request at the Stripe double: what a handler sees, and the two things all of them do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.doubles.stripe_contract import Json, StripeError, api_version
from api.doubles.stripe_store import PLATFORM, Store, make_id

_PAGE_MAX = 100

CATEGORIES = {
    "adjustment": "other_adjustment",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "charge": "charge",
    "connect_collection_transfer": "connect_collection_transfer",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "payment_refund": "refund",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "payout_minimum_balance_hold": "payout_minimum_balance_hold",
    "payout_minimum_balance_release": "payout_minimum_balance_release",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "reserve_hold": "risk_reserved_funds",
    "reserve_release": "risk_reserved_funds",
    "reserve_transaction": "connect_reserved_funds",
    "reserved_funds": "risk_reserved_funds",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
    "transfer": "transfer",
    "transfer_cancel": "transfer_reversal",
    "transfer_failure": "transfer_reversal",
    "transfer_refund": "transfer_reversal",
}
"""The types of balance transactions that Mizan maps, and what reports call each."""


@dataclass
class Call:
    """A checked request, inside the transaction that answers it."""

    store: Store
    now: int
    params: Json = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    account: str = PLATFORM
    origin: str = ""
    key: str | None = None
    request_id: str | None = None

    def emit(self, kind: str, body: Json, account: str = PLATFORM) -> None:
        """Record an event and queue its webhook."""
        event: Json = {
            "id": make_id("evt"),
            "object": "event",
            "api_version": api_version(),
            "created": self.now,
            "data": {"object": body},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": self.request_id, "idempotency_key": self.key},
            "type": kind,
        }
        if account != PLATFORM:
            event["account"] = account
        self.store.put(event, account)
        state = "pending" if self.store.setting("webhook_url", None) else "skipped"
        self.store.write(
            "INSERT INTO delivery (event, state, due) VALUES (?, ?, 0)", event["id"], state
        )

    def book(
        self,
        kind: str,
        amount: int,
        currency: str,
        *,
        source: str | None,
        account: str = PLATFORM,
        fee: int = 0,
        available_on: int | None = None,
        category: str | None = None,
        description: str | None = None,
    ) -> str:
        """Move money on an account's balance; returns the id of the balance transaction."""
        ready = self.now if available_on is None else available_on
        details = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
        transaction: Json = {
            "id": make_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": ready,
            "balance_type": "payments",
            "created": self.now,
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [details] if fee else [],
            "net": amount - fee,
            "reporting_category": category or CATEGORIES.get(kind, kind),
            "source": source,
            "status": "available" if ready <= self.now else "pending",
            "type": kind,
        }
        self.store.put(transaction, account)
        self.store.write(
            "INSERT INTO movement VALUES (?, ?, ?, ?)", account, currency, amount - fee, ready
        )
        return str(transaction["id"])

    def list(
        self,
        kind: str,
        url: str,
        *,
        equal: Sequence[str] = (),
        where: Sequence[tuple[str, Any]] = (),
    ) -> Json:
        """Answer a list, newest first, filtered by `created` and by fields that must be equal."""
        params = self.params
        limit = params.get("limit", 10)
        if not 1 <= limit <= _PAGE_MAX:
            raise StripeError("Invalid integer: limit must be 1 to 100.", param="limit")
        conditions = [*_created(params.get("created")), *where]
        conditions += [
            (f"json_extract(body, '$.{name}') = ?", params[name])
            for name in equal
            if name in params
        ]
        found, has_more = self.store.page(
            kind,
            self.account,
            conditions,
            limit=limit,
            starting_after=params.get("starting_after"),
            ending_before=params.get("ending_before"),
        )
        return {"object": "list", "data": found, "has_more": has_more, "url": url}


def _created(value: Any) -> list[tuple[str, Any]]:
    if value is None:
        return []
    if isinstance(value, int):
        return [("created = ?", value)]
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    return [(f"created {signs[name]} ?", bound) for name, bound in value.items()]


def amount_of(params: Json) -> tuple[int, str]:
    """Read a positive amount and its currency, or refuse as Stripe does."""
    amount = params.get("amount")
    if amount is None:
        raise StripeError(
            "Missing required param: amount.", code="parameter_missing", param="amount"
        )
    if amount <= 0:
        raise StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount",
        )
    currency = params.get("currency", "")
    if not (len(currency) == 3 and currency.isascii() and currency.islower()):
        raise StripeError(f"Invalid currency: {currency}", param="currency")
    return int(amount), currency


def as_list(url: str, data: Sequence[Json] = ()) -> Json:
    """Wrap what an object contains of others."""
    return {"object": "list", "data": list(data), "has_more": False, "url": url}
