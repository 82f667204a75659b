"""Reads Stripe's objects into the bank's values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payouts.money import AmountOutOfRange, InvalidAmount, Money, UnknownCurrency
from payouts.rails.port import (
    Balance,
    OnboardingLink,
    ProviderAccount,
    ProviderPaymentIntent,
    ProviderPayout,
    ProviderTopup,
    ProviderTransaction,
    ProviderTransfer,
    ProviderTransferReversal,
    TransactionPage,
    UnreadableTransaction,
)
from payouts.rails.stripe_amounts import of_stripe

Json = Mapping[str, Any]
ID_LENGTH_MAX = 255
SENSELESS = (
    AmountOutOfRange,
    AttributeError,
    InvalidAmount,
    KeyError,
    OverflowError,
    TypeError,
    UnknownCurrency,
    ValueError,
)
"""What reading an object raises that makes no sense."""


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _metadata(body: Json) -> dict[str, str]:
    return dict(body.get("metadata") or {})


def read_id(body: Json) -> str:
    """What an object is called; by anything else than a short text it could not be found again."""
    found = body["id"]
    if not isinstance(found, str) or not 0 < len(found) <= ID_LENGTH_MAX:
        raise TypeError("an object is named by text")
    return found


def _amount(body: Json, name: str = "amount") -> Money:
    """Read an amount; a fraction or a text is none."""
    found = body[name]
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError("an amount is a whole number")
    return of_stripe(found, body["currency"])


def _id_of(reference: Any) -> str | None:
    """A reference is an id, or the whole object where its expansion was asked for."""
    if reference is None:
        return None
    return str(reference["id"] if isinstance(reference, Mapping) else reference)


def read_account(body: Json) -> ProviderAccount:
    """Read an account: whether it can receive money, and what is missing."""
    requirements = body.get("requirements") or {}
    return ProviderAccount(
        id=read_id(body),
        transfers_active=(body.get("capabilities") or {}).get("transfers") == "active",
        requirements=tuple(requirements.get("currently_due") or ()),
        payouts_enabled=bool(body.get("payouts_enabled")),
        metadata=_metadata(body),
    )


def read_link(body: Json) -> OnboardingLink:
    """Read an onboarding link."""
    return OnboardingLink(url=body["url"], expires_at=_at(body["expires_at"]))


def read_transfer(body: Json) -> ProviderTransfer:
    """Read a transfer."""
    return ProviderTransfer(
        id=read_id(body),
        amount=_amount(body),
        amount_reversed=_amount(body, "amount_reversed"),
        destination=_id_of(body.get("destination")) or "",
        balance_transaction=_id_of(body.get("balance_transaction")),
        transfer_group=body.get("transfer_group"),
        metadata=_metadata(body),
    )


def read_reversal(body: Json) -> ProviderTransferReversal:
    """Read a transfer reversal."""
    return ProviderTransferReversal(
        id=read_id(body),
        amount=_amount(body),
        balance_transaction=_id_of(body.get("balance_transaction")),
        transfer_id=_id_of(body["transfer"]) or "",
    )


def read_payout(body: Json) -> ProviderPayout:
    """Read a payout."""
    return ProviderPayout(
        id=read_id(body),
        status=body["status"],
        failure_code=body.get("failure_code"),
        failure_message=body.get("failure_message"),
        amount=_amount(body),
        arrival_date=_at(body["arrival_date"]),
        metadata=_metadata(body),
    )


def read_intent(body: Json) -> ProviderPaymentIntent:
    """Read a payment intent and why its last attempt failed, if it did."""
    error = body.get("last_payment_error") or {}
    return ProviderPaymentIntent(
        id=read_id(body),
        status=body["status"],
        amount=_amount(body),
        latest_charge=_id_of(body.get("latest_charge")),
        metadata=_metadata(body),
        last_error=error.get("decline_code") or error.get("code"),
    )


def read_topup(body: Json) -> ProviderTopup:
    """Read a top-up."""
    return ProviderTopup(
        id=read_id(body),
        status=body["status"],
        amount=_amount(body),
        balance_transaction=_id_of(body.get("balance_transaction")),
        metadata=_metadata(body),
    )


def read_balance(body: Json) -> Balance:
    """Read the balance, one amount per currency."""
    return Balance(available=_sums(body["available"]), pending=_sums(body["pending"]))


def _sums(entries: list[Json]) -> dict[str, Money]:
    amounts = [_amount(entry) for entry in entries]
    return {amount.currency: amount for amount in amounts}


def read_transactions(body: Json) -> TransactionPage:
    """Read a page of balance transactions, and name those that make no sense."""
    read: list[ProviderTransaction] = []
    unreadable: list[UnreadableTransaction] = []
    for one in body["data"]:
        try:
            read.append(read_transaction(one))
        except SENSELESS:
            kind = str(one.get("type"))[:100]
            unreadable.append(UnreadableTransaction(read_id(one), kind, _at(one["created"])))
    last_id = read_id(body["data"][-1]) if body["data"] else None
    return TransactionPage(tuple(read), body["has_more"], last_id, tuple(unreadable))


def read_transaction(body: Json) -> ProviderTransaction:
    """Read a balance transaction and trace its source to a payment intent or a transfer."""
    source = body.get("source")
    whole: Json = source if isinstance(source, Mapping) else {}
    kind = whole.get("object")
    transfer = {
        "transfer": _id_of(whole.get("id")),
        "transfer_reversal": _id_of(whole.get("transfer")),
        "charge": _id_of(whole.get("transfer")),
    }.get(kind or "")
    amount, fee, net = _amount(body), _amount(body, "fee"), _amount(body, "net")
    if amount - fee != net:
        raise ValueError("a movement adds up")
    return ProviderTransaction(
        id=read_id(body),
        type=body["type"],
        amount=amount,
        fee=fee,
        net=net,
        source=_id_of(source),
        created=_at(body["created"]),
        available_on=_at(body["available_on"]),
        reporting_category=body["reporting_category"],
        source_type=kind,
        payment_intent=_id_of(whole.get("payment_intent")),
        transfer=transfer,
    )
