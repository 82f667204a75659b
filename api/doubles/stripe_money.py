"""Top-ups, transfers, reversals and payouts at the Stripe double."""

from api.doubles.stripe_banks import destination_of
from api.doubles.stripe_call import Call, amount_of, as_list
from api.doubles.stripe_contract import Json, StripeError, missing
from api.doubles.stripe_people import require_platform
from api.doubles.stripe_store import PLATFORM, make_id

_DAY = 86_400


def _insufficient(message: str) -> StripeError:
    return StripeError(message, code="balance_insufficient")


def create_topup(call: Call) -> Json:
    """Ask the platform's bank for money; it arrives when the top-up succeeds."""
    require_platform(call)
    amount, currency = amount_of(call.params)
    topup: Json = {
        "id": make_id("tu"),
        "object": "topup",
        "amount": amount,
        "balance_transaction": None,
        "created": call.now,
        "currency": currency,
        "description": call.params.get("description"),
        "expected_availability_date": call.now,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": call.params.get("metadata", {}),
        "source": None,
        "statement_descriptor": call.params.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": call.params.get("transfer_group"),
    }
    call.store.put(topup)
    call.emit("topup.created", topup)
    call.store.plan("topup", topup["id"])
    return topup


def get_topup(call: Call) -> Json:
    """Read a top-up."""
    return call.store.get("topup", call.ids["topup"])


def list_topups(call: Call) -> Json:
    """List top-ups."""
    return call.list("topup", "/v1/topups", equal=("status", "amount"))


def cancel_topup(call: Call) -> Json:
    """Call a top-up off before its money arrives."""
    topup = call.store.get("topup", call.ids["topup"])
    if topup["status"] != "pending":
        raise StripeError("Only a pending top-up can be canceled.")
    topup["status"] = "canceled"
    call.store.put(topup)
    call.emit("topup.canceled", topup)
    return topup


def create_transfer(call: Call) -> Json:
    """Move money at once from the platform's balance to a connected account's."""
    require_platform(call)
    amount, currency = amount_of(call.params)
    destination = call.store.get("account", call.params["destination"])
    if destination["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers.",
            code="insufficient_capabilities_for_transfer",
        )
    if amount > call.store.available(PLATFORM, currency, call.now):
        raise _insufficient("You have insufficient available funds in your Stripe account.")
    object_id = make_id("tr")
    transfer: Json = {
        "id": object_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": call.book("transfer", -amount, currency, source=object_id),
        "created": call.now,
        "currency": currency,
        "description": call.params.get("description"),
        "destination": destination["id"],
        "destination_payment": _arrive(call, destination["id"], amount, currency),
        "livemode": False,
        "metadata": call.params.get("metadata", {}),
        "reversals": as_list(f"/v1/transfers/{object_id}/reversals"),
        "reversed": False,
        "source_transaction": call.params.get("source_transaction"),
        "source_type": "card",
        "transfer_group": call.params.get("transfer_group"),
    }
    call.store.put(transfer)
    call.emit("transfer.created", transfer)
    return transfer


def _arrive(call: Call, account: str, amount: int, currency: str) -> str:
    object_id = make_id("py")
    transaction = call.book("payment", amount, currency, source=object_id, account=account)
    payment = charge_of(
        call,
        object_id=object_id,
        amount=amount,
        currency=currency,
        transaction=transaction,
        status="succeeded",
    )
    call.store.put(payment, account)
    return object_id


def charge_of(
    call: Call,
    *,
    object_id: str,
    amount: int,
    currency: str,
    transaction: str | None,
    status: str,
) -> Json:
    """Lay out a charge."""
    return {
        "id": object_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": transaction,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": call.now,
        "currency": currency,
        "customer": None,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "paid": status == "succeeded",
        "payment_intent": None,
        "payment_method": None,
        "refunded": False,
        "status": status,
        "transfer_group": None,
    }


def get_transfer(call: Call) -> Json:
    """Read a transfer."""
    return call.store.get("transfer", call.ids["transfer"])


def list_transfers(call: Call) -> Json:
    """List transfers, of one group or destination if asked."""
    return call.list("transfer", "/v1/transfers", equal=("transfer_group", "destination"))


def reverse_transfer(call: Call) -> Json:
    """Take a transfer back, in full or in part, as far as the destination still has the money."""
    transfer = call.store.get("transfer", call.ids["id"])
    rest = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", rest)
    if rest == 0 or not 1 <= amount <= rest:
        raise StripeError(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({rest}).",
            code="transfer_already_reversed" if rest == 0 else None,
            param="amount",
        )
    currency, destination = transfer["currency"], transfer["destination"]
    if amount > call.store.available(destination, currency, call.now):
        raise _insufficient("The recipient's balance is lower than the amount to reverse.")
    object_id, back = make_id("trr"), make_id("pyr")
    reversal: Json = {
        "id": object_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": call.book("transfer_refund", amount, currency, source=object_id),
        "created": call.now,
        "currency": currency,
        "destination_payment_refund": back,
        "metadata": call.params.get("metadata", {}),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    call.store.put(reversal)
    call.book("payment_refund", -amount, currency, source=back, account=destination)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    call.store.put(transfer)
    call.emit("transfer.reversed", transfer)
    return reversal


def list_reversals(call: Call) -> Json:
    """List the reversals of a transfer."""
    transfer = call.store.get("transfer", call.ids["id"])
    return call.list(
        "transfer_reversal",
        f"/v1/transfers/{transfer['id']}/reversals",
        where=[("json_extract(body, '$.transfer') = ?", transfer["id"])],
    )


def get_reversal(call: Call) -> Json:
    """Read a reversal of a transfer."""
    reversal = call.store.get("transfer_reversal", call.ids["id"])
    if reversal["transfer"] != call.ids["transfer"]:
        raise missing("transfer_reversal", call.ids["id"])
    return reversal


def create_payout(call: Call) -> Json:
    """Send money of a balance to its bank account; the bank answers later."""
    amount, currency = amount_of(call.params)
    destination = "ba_platform"
    if call.account != PLATFORM:
        account = call.store.get("account", call.account)
        if not account["payouts_enabled"]:
            raise StripeError("Cannot create payouts.", code="payouts_not_allowed")
        destination = destination_of(account, currency, call.params.get("destination"))
    if amount > call.store.available(call.account, currency, call.now):
        raise _insufficient("You have insufficient funds in your Stripe account.")
    object_id = make_id("po")
    transaction = call.book("payout", -amount, currency, source=object_id, account=call.account)
    payout: Json = {
        "id": object_id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": (call.now // _DAY + 1) * _DAY,
        "automatic": False,
        "balance_transaction": transaction,
        "created": call.now,
        "currency": currency,
        "description": call.params.get("description"),
        "destination": destination,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": call.params.get("metadata", {}),
        "method": call.params.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": call.params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    call.store.put(payout, call.account)
    call.emit("payout.created", payout, call.account)
    call.store.plan("payout", object_id)
    return payout


def cancel_payout(call: Call) -> Json:
    """Call a payout off before the bank has it; the money stays on the balance it is of."""
    payout = call.store.get("payout", call.ids["payout"], call.account)
    if payout["status"] != "pending":
        raise StripeError("Only a pending payout can be canceled.")
    payout["status"] = "canceled"
    payout["failure_balance_transaction"] = call.book(
        "payout_cancel",
        payout["amount"],
        payout["currency"],
        source=payout["id"],
        account=call.account,
    )
    call.store.put(payout, call.account)
    call.emit("payout.canceled", payout, call.account)
    return payout


def get_payout(call: Call) -> Json:
    """Read a payout."""
    return call.store.get("payout", call.ids["payout"], call.account)


def list_payouts(call: Call) -> Json:
    """List the payouts of an account."""
    return call.list("payout", "/v1/payouts", equal=("status", "destination"))


def get_balance(call: Call) -> Json:
    """Tell what an account has, per currency."""
    sums = call.store.balances(call.account, call.now)
    return {
        "object": "balance",
        "available": [{"amount": ready, "currency": c} for c, (ready, _) in sums.items()],
        "livemode": False,
        "pending": [{"amount": waiting, "currency": c} for c, (_, waiting) in sums.items()],
    }


def get_balance_transaction(call: Call) -> Json:
    """Read one balance transaction."""
    return _shown(
        call, call.store.get("balance_transaction", call.ids["id"], call.account), expanded=False
    )


def list_balance_transactions(call: Call) -> Json:
    """List what moved an account's balance, with each source in full if asked."""
    page = call.list(
        "balance_transaction", "/v1/balance_transactions", equal=("type", "source", "currency")
    )
    if "payout" in call.params:
        raise StripeError("Balance transaction history is only of automatic payouts.")
    expanded = "data.source" in call.params.get("expand", [])
    page["data"] = [_shown(call, item, expanded=expanded) for item in page["data"]]
    return page


def _shown(call: Call, transaction: Json, *, expanded: bool) -> Json:
    ready = transaction["available_on"] <= call.now
    shown = {**transaction, "status": "available" if ready else "pending"}
    if expanded and shown["source"]:
        shown["source"] = call.store.find(shown["source"])[0]
    return shown
