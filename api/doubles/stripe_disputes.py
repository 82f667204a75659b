"""Disputes at the Stripe double: a customer's bank takes money of a charge back."""

from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_store import make_id

_ANSWER_SECONDS = 7 * 86_400
_OPEN = ("needs_response", "under_review")


def open_dispute(call: Call, charge_id: str, amount: int | None, reason: str) -> Json:
    """Let a customer's bank dispute a charge: amount and fee leave the balance at once."""
    charge = call.store.get("charge", charge_id)
    amount = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    if charge["status"] != "succeeded" or charge["disputed"] or not 1 <= amount <= charge["amount"]:
        raise StripeError("The charge cannot be disputed by this amount.", param="amount")
    object_id = make_id("du")
    dispute: Json = {
        "id": object_id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_id,
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + _ANSWER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    call.store.put(dispute)
    _move(call, dispute, -amount, fee=int(call.store.setting("dispute_fee", 1_500)))
    charge["disputed"] = True
    call.store.put(charge)
    call.emit("charge.dispute.created", dispute)
    call.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _move(call: Call, dispute: Json, amount: int, *, fee: int = 0) -> None:
    """Book what a dispute takes or gives, and keep it with the dispute."""
    booked = call.book(
        "adjustment",
        amount,
        dispute["currency"],
        source=dispute["id"],
        fee=fee,
        category="dispute" if amount < 0 else "dispute_reversal",
    )
    dispute["balance_transactions"].append(call.store.find(booked)[0])
    call.store.put(dispute)


def close_dispute(call: Call) -> Json:
    """Accept a dispute: it is lost."""
    dispute = call.store.get("dispute", call.ids["dispute"])
    _end(call, dispute, "lost")
    return dispute


def win_dispute(call: Call, object_id: str) -> Json:
    """Let a dispute be won: its amount comes back, its fee does not."""
    dispute = call.store.get("dispute", object_id)
    _end(call, dispute, "won")
    _move(call, dispute, dispute["amount"])
    call.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def _end(call: Call, dispute: Json, status: str) -> None:
    if dispute["status"] not in _OPEN:
        raise StripeError("This dispute is already closed.")
    dispute["status"] = status
    call.store.put(dispute)
    call.emit("charge.dispute.closed", dispute)


def get_dispute(call: Call) -> Json:
    """Read a dispute."""
    return call.store.get("dispute", call.ids["dispute"])


def list_disputes(call: Call) -> Json:
    """List disputes, of one charge or payment intent if asked."""
    return call.list("dispute", "/v1/disputes", equal=("charge", "payment_intent"))
