"""Refunds of charges at the Stripe double."""

from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_people import require_platform
from api.doubles.stripe_store import make_id


def create_refund(call: Call) -> Json:
    """Give money of a charge back, named by itself or by its payment intent."""
    require_platform(call)
    params = call.params
    named = params.get("charge")
    if named is None and "payment_intent" in params:
        named = call.store.get("payment_intent", params["payment_intent"])["latest_charge"]
    if named is None:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            code="parameter_missing",
        )
    refund = refund_charge(call, named, params.get("amount"))
    refund.update(metadata=params.get("metadata") or {}, reason=params.get("reason"))
    return call.store.put(refund)


def refund_charge(call: Call, object_id: str, amount: int | None) -> Json:
    """Give money of a charge back, in full unless an amount is given."""
    charge = call.store.get("charge", object_id)
    rest = charge["amount"] - charge["amount_refunded"]
    amount = rest if amount is None else amount
    if rest == 0 and charge["status"] == "succeeded":
        raise StripeError(
            f"Charge {object_id} has already been refunded.", code="charge_already_refunded"
        )
    if charge["status"] != "succeeded" or not 1 <= amount <= rest:
        raise StripeError("The charge cannot be refunded by this amount.", param="amount")
    refund_id = make_id("pyr")
    refund: Json = {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": call.book(
            "payment_refund", -amount, charge["currency"], source=refund_id
        ),
        "charge": object_id,
        "created": call.now,
        "currency": charge["currency"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    call.store.put(refund)
    _count(call, charge, amount)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return refund


def _count(call: Call, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.put(charge)


def fail_refund(call: Call, refund: Json, code: str) -> None:
    """Let a refund come back from the customer's bank: the money is ours again."""
    if refund["status"] != "succeeded":
        raise StripeError("Only a refund that succeeded can fail.")
    refund["status"] = "failed"
    refund["failure_reason"] = code
    refund["failure_balance_transaction"] = call.book(
        "refund_failure", refund["amount"], refund["currency"], source=refund["id"]
    )
    call.store.put(refund)
    _count(call, call.store.get("charge", refund["charge"]), -refund["amount"])
    call.emit("refund.failed", refund)


def get_refund(call: Call) -> Json:
    """Read a refund."""
    return call.store.get("refund", call.ids["refund"])


def list_refunds(call: Call) -> Json:
    """List refunds, of one charge or payment intent if asked."""
    return call.list("refund", "/v1/refunds", equal=("charge", "payment_intent"))
