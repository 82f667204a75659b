"""What the banks do at the Stripe double: top-ups, debits and payouts come to their end."""

import asyncio
import time

from api.clock import Clock
from api.doubles.stripe_banks import note_refusal, refusal_of
from api.doubles.stripe_call import Call
from api.doubles.stripe_collection import FAILING_AMOUNT, debit_error
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_refunds import fail_refund
from api.doubles.stripe_reports import finish_run
from api.doubles.stripe_store import PLATFORM, Store

KINDS = ("topup", "payment_intent", "payout", "report_run")
_POLL_SECONDS = 0.05
_BATCH = 100


def fee_of(store: Store, amount: int) -> int:
    """Compute the provider's fee for a debit: a share in basis points, capped."""
    points = int(store.setting("fee_basis_points", 80))
    return min(amount * points // 10_000, int(store.setting("fee_max", 500)))


def _available_on(call: Call) -> int:
    return call.now + int(call.store.setting("available_delay_seconds", 0))


def _announce(call: Call, available_on: int) -> None:
    if available_on <= call.now:
        call.emit("balance.available", _balance(call))
    else:
        call.store.plan("balance", "platform", not_before=available_on)


def _balance(call: Call) -> Json:
    sums = call.store.balances(PLATFORM, call.now)
    return {
        "object": "balance",
        "available": [{"amount": ready, "currency": c} for c, (ready, _) in sums.items()],
        "livemode": False,
        "pending": [{"amount": waiting, "currency": c} for c, (_, waiting) in sums.items()],
    }


def settle_topup(call: Call, topup: Json, failure: str | None = None) -> None:
    """Let the money of a pending top-up arrive, or not."""
    if topup["status"] != "pending":
        return
    if failure:
        topup.update(status="failed", failure_code=failure, failure_message=failure)
        call.store.put(topup)
        call.emit("topup.failed", topup)
        return
    topup["status"] = "succeeded"
    topup["balance_transaction"] = call.book(
        "topup", topup["amount"], topup["currency"], source=topup["id"]
    )
    call.store.put(topup)
    call.emit("topup.succeeded", topup)
    _announce(call, call.now)


def settle_intent(call: Call, intent: Json, failure: str | None = None) -> None:
    """Let the bank honour or refuse the debit of a processing payment intent."""
    if intent["status"] != "processing":
        return
    if intent["amount"] == FAILING_AMOUNT:
        failure = failure or "insufficient_funds"
    charge = call.store.get("charge", intent["latest_charge"])
    if failure:
        error = debit_error(failure)
        charge.update(status="failed", failure_code=error["code"], failure_message=error["message"])
        intent.update(
            status="requires_payment_method",
            last_payment_error={"type": "card_error", "charge": charge["id"], **error},
            payment_method=None,
        )
        call.store.put(charge)
        call.store.put(intent)
        call.emit("charge.failed", charge)
        call.emit("payment_intent.payment_failed", intent)
        return
    available_on = _available_on(call)
    charge.update(status="succeeded", paid=True)
    charge["balance_transaction"] = call.book(
        "payment",
        charge["amount"],
        charge["currency"],
        source=charge["id"],
        fee=fee_of(call.store, charge["amount"]),
        available_on=available_on,
    )
    intent.update(status="succeeded", amount_received=intent["amount"])
    call.store.put(charge)
    call.store.put(intent)
    call.emit("charge.succeeded", charge)
    call.emit("payment_intent.succeeded", intent)
    _announce(call, available_on)


def _return_debit(call: Call, intent: Json, code: str) -> None:
    """Let the bank take back a debit that it had honoured: the money leaves the balance again."""
    error = debit_error(code)
    charge = call.store.get("charge", intent["latest_charge"])
    charge.update(status="failed", paid=False)
    charge.update(failure_code=error["code"], failure_message=error["message"])
    charge["failure_balance_transaction"] = call.book(
        "payment_failure_refund",
        -charge["amount"],
        charge["currency"],
        source=charge["id"],
        fee=int(call.store.setting("return_fee", 400)),
    )
    intent.update(
        status="requires_payment_method",
        amount_received=0,
        last_payment_error={"type": "card_error", "charge": charge["id"], **error},
        payment_method=None,
    )
    call.store.put(charge)
    call.store.put(intent)
    call.emit("charge.failed", charge)
    call.emit("payment_intent.payment_failed", intent)


def _reverse_topup(call: Call, topup: Json, code: str) -> None:
    """Let the platform's bank take back the money of a top-up."""
    topup.update(status="reversed", failure_code=code, failure_message=code)
    call.store.put(topup)
    call.book("topup_reversal", -topup["amount"], topup["currency"], source=topup["id"])
    call.emit("topup.reversed", topup)


def take_back(call: Call, object_id: str, code: str) -> Json:
    """Let a bank undo what had succeeded: a debit, a top-up, a refund or a paid payout."""
    body, account = call.store.find(object_id)
    kind, status = body["object"], body.get("status")
    if (kind, status) == ("payment_intent", "succeeded"):
        _return_debit(call, body, code)
    elif (kind, status) == ("topup", "succeeded"):
        _reverse_topup(call, body, code)
    elif (kind, status) == ("refund", "succeeded"):
        fail_refund(call, body, code)
    elif (kind, status) == ("payout", "paid"):
        fail_payout(call, body, account, code)
    else:
        raise StripeError(f"A {kind} that is {status} is not taken back.")
    return call.store.find(object_id)[0]


def _fault_of(call: Call, account: str) -> Json | None:
    queued: list[Json] = call.store.setting("fail_payouts", [])
    for index, fault in enumerate(queued):
        if fault.get("account") in (None, account):
            call.store.set_setting("fail_payouts", queued[:index] + queued[index + 1 :])
            return fault
    return None


def fail_payout(call: Call, payout: Json, account: str, code: str) -> None:
    """Let the bank send a payout back; the money returns to the balance it came from."""
    payout["status"] = "failed"
    payout["failure_code"] = code
    payout["failure_message"] = f"The bank returned the payout ({code})."
    payout["failure_balance_transaction"] = call.book(
        "payout_failure", payout["amount"], payout["currency"], source=payout["id"], account=account
    )
    call.store.put(payout)
    call.emit("payout.failed", payout, account)


def step_payout(call: Call, payout: Json, account: str) -> None:
    """Take a payout one step on: pending, in transit, then paid or failed."""
    if payout["status"] == "pending":
        payout["status"] = "in_transit"
        call.store.put(payout)
        call.emit("payout.updated", payout, account)
        call.store.plan("payout", payout["id"])
    elif payout["status"] == "in_transit":
        fault = _fault_of(call, account)
        if fault and not fault.get("after_paid"):
            fail_payout(call, payout, account, fault["failure_code"])
            return
        code = refusal_of(call, payout["destination"])
        if code and not fault:
            fail_payout(call, payout, account, code)
            note_refusal(call, account, payout["destination"])
            return
        payout["status"] = "paid"
        call.store.put(payout)
        call.emit("payout.paid", payout, account)
        if fault:
            call.store.set_setting(f"fails_after_paid:{payout['id']}", fault["failure_code"])
            call.store.plan("payout", payout["id"])
    elif payout["status"] == "paid":
        code = call.store.setting(f"fails_after_paid:{payout['id']}", None)
        if code:
            fail_payout(call, payout, account, code)


def settle(call: Call, object_id: str, failure: str | None = None) -> Json:
    """Bring an object to its end now, held or not."""
    body, account = call.store.find(object_id)
    if body["object"] == "topup":
        settle_topup(call, body, failure)
    elif body["object"] == "payment_intent":
        settle_intent(call, body, failure)
    elif body["object"] == "payout":
        _finish_payout(call, body, account, failure)
    elif body["object"] == "reporting.report_run":
        finish_run(call, body)
    else:
        raise StripeError(f"A {body['object']} does not progress.")
    return call.store.find(object_id)[0]


def _finish_payout(call: Call, payout: Json, account: str, failure: str | None) -> None:
    if failure and payout["status"] not in ("failed", "canceled"):
        fail_payout(call, payout, account, failure)
        return
    while payout["status"] in ("pending", "in_transit"):
        step_payout(call, payout, account)


def progress(call: Call, kind: str, object_id: str) -> None:
    """Do one planned step."""
    if kind == "balance":
        call.emit("balance.available", _balance(call))
        return
    body, account = call.store.find(object_id)
    if kind == "topup":
        settle_topup(call, body)
    elif kind == "payment_intent":
        settle_intent(call, body)
    elif kind == "report_run":
        finish_run(call, body)
    else:
        step_payout(call, body, account)


def do_due(store: Store, now: int) -> int:
    """Do what is due and not held; tells how many steps it did."""
    held = store.setting("held", [])
    marks = ", ".join("?" for _ in held)
    # The selection repeats the hold so that held steps cannot fill the batch.
    rows = store.rows(
        "SELECT seq, kind, object FROM progress WHERE due <= ? AND not_before <= ?"  # noqa: S608
        f" AND kind NOT IN ({marks}) ORDER BY seq LIMIT ?",
        time.time(),
        now,
        *held,
        _BATCH,
    )
    if not rows:
        return 0
    with store.transaction():
        for seq, kind, object_id in rows:
            store.write("DELETE FROM progress WHERE seq = ?", seq)
            progress(Call(store=store, now=now), kind, object_id)
    return len(rows)


async def progress_forever(store: Store, clock: Clock, wake: asyncio.Event) -> None:
    """Play the banks until cancelled."""
    while True:
        if do_due(store, int(clock.now().timestamp())):
            wake.set()
        await asyncio.sleep(_POLL_SECONDS)
