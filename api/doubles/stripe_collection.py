"""Payment intents (bank debits off session), charges and events at the Stripe double."""

from api.doubles.stripe_call import Call, amount_of
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_money import charge_of
from api.doubles.stripe_people import require_platform
from api.doubles.stripe_store import make_id

DECLINED_AMOUNT = 40_002
"""A debit of this amount is refused at once."""

FAILING_AMOUNT = 40_003
"""A debit of this amount is taken on and fails at the bank later."""

_MESSAGES = {
    "insufficient_funds": "The customer's account has insufficient funds.",
    "debit_not_authorized": "The customer has notified the bank that the debit is unauthorized.",
}


def debit_error(code: str) -> Json:
    """Lay out why a bank refused a debit."""
    message = _MESSAGES.get(code, "The payment was refused by the customer's bank.")
    return {"code": "payment_method_provider_decline", "decline_code": code, "message": message}


def create_payment_intent(call: Call) -> Json:
    """Debit a customer's bank account; the bank answers later."""
    require_platform(call)
    params = call.params
    amount, currency = amount_of(params)
    customer = (
        call.store.get("customer", params["customer"])["id"] if "customer" in params else None
    )
    intent: Json = {
        "id": make_id("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "capture_method": "automatic",
        "client_secret": make_id("secret"),
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": currency,
        "customer": customer,
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "payment_method": params.get("payment_method"),
        "payment_method_types": params.get("payment_method_types", ["us_bank_account"]),
        "status": "requires_payment_method",
        "transfer_group": params.get("transfer_group"),
    }
    call.store.put(intent)
    call.emit("payment_intent.created", intent)
    if params.get("confirm"):
        _confirm(call, intent)
    elif params.get("payment_method"):
        intent["status"] = "requires_confirmation"
        call.store.put(intent)
    return intent


def _confirm(call: Call, intent: Json) -> None:
    if not intent["payment_method"]:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    method = call.store.get("payment_method", intent["payment_method"])
    if method["customer"] != intent["customer"]:
        raise StripeError(
            "The PaymentMethod does not belong to the Customer you supplied.",
            param="payment_method",
        )
    queued = call.store.setting("decline_intents", [])
    if queued or intent["amount"] == DECLINED_AMOUNT:
        code = queued.pop(0) if queued else "insufficient_funds"
        call.store.set_setting("decline_intents", queued)
        _decline(call, intent, code)
    intent["status"] = "processing"
    charge = charge_of(
        call,
        object_id=make_id("py"),
        amount=intent["amount"],
        currency=intent["currency"],
        transaction=None,
        status="pending",
    )
    for name in ("customer", "payment_method", "transfer_group", "metadata"):
        charge[name] = intent[name]
    charge["payment_intent"] = intent["id"]
    intent["latest_charge"] = charge["id"]
    call.store.put(charge)
    call.store.put(intent)
    call.emit("payment_intent.processing", intent)
    call.emit("charge.pending", charge)
    call.store.plan("payment_intent", intent["id"])


def _decline(call: Call, intent: Json, code: str) -> None:
    error = debit_error(code)
    intent["last_payment_error"] = {"type": "card_error", **error}
    intent["payment_method"] = None
    call.store.put(intent)
    call.emit("payment_intent.payment_failed", intent)
    raise StripeError(
        error["message"],
        status=402,
        kind="card_error",
        code=error["code"],
        decline_code=code,
        payment_intent=intent,
        keeps=True,
    )


def get_payment_intent(call: Call) -> Json:
    """Read a payment intent."""
    return call.store.get("payment_intent", call.ids["intent"])


def list_payment_intents(call: Call) -> Json:
    """List payment intents, of one customer if asked."""
    return call.list("payment_intent", "/v1/payment_intents", equal=("customer",))


def confirm_payment_intent(call: Call) -> Json:
    """Debit for a payment intent that was made without, or that was declined."""
    require_platform(call)
    intent = call.store.get("payment_intent", call.ids["intent"])
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise _unexpected(intent, "confirm")
    intent["payment_method"] = call.params.get("payment_method", intent["payment_method"])
    _confirm(call, intent)
    return intent


def cancel_payment_intent(call: Call) -> Json:
    """Call a payment intent off while the bank does not have it."""
    require_platform(call)
    intent = call.store.get("payment_intent", call.ids["intent"])
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise _unexpected(intent, "cancel")
    intent.update(
        status="canceled",
        canceled_at=call.now,
        cancellation_reason=call.params.get("cancellation_reason"),
    )
    call.store.put(intent)
    call.emit("payment_intent.canceled", intent)
    return intent


def _unexpected(intent: Json, verb: str) -> StripeError:
    return StripeError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )


def list_charges(call: Call) -> Json:
    """List charges, of one customer or payment intent if asked."""
    return call.list("charge", "/v1/charges", equal=("customer", "payment_intent"))


def get_charge(call: Call) -> Json:
    """Read a charge."""
    return call.store.get("charge", call.ids["charge"], call.account)


def get_event(call: Call) -> Json:
    """Read an event."""
    return call.store.get("event", call.ids["id"], call.account)


def list_events(call: Call) -> Json:
    """List events, of some types if asked."""
    types = tuple(call.params.get("types", []))
    marks = ", ".join("?" for _ in types)
    where = [(f"json_extract(body, '$.type') IN ({marks})", types)] if types else []
    return call.list("event", "/v1/events", equal=("type",), where=where)
