"""Control endpoints of the Stripe double: play the outside world, and look at its state."""

import json
import time
from collections.abc import Callable
from html import escape

from api.doubles.stripe_call import Call, amount_of
from api.doubles.stripe_capabilities import require_facts, set_capability
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_delivery import ALL, KNOBS, knobs_of
from api.doubles.stripe_disputes import open_dispute, win_dispute
from api.doubles.stripe_money import create_topup
from api.doubles.stripe_people import (
    attach_payment_method,
    complete_onboarding,
    restrict_account,
)
from api.doubles.stripe_progress import KINDS, settle, take_back
from api.doubles.stripe_refunds import refund_charge
from api.doubles.stripe_store import PLATFORM

FAULT_KINDS = frozenset(
    {
        "timeout_before",
        "timeout_after",
        "error_500_before",
        "error_500_after",
        "error_409",
        "error_429",
        "wrong_amount",
        "wrong_answer",
        "wrong_currency",
        "slow",
        "slow_after",
        "kill_before",
        "kill_after",
    }
)
_FAULT_FIELDS = ("kind", "seconds", "delta", "currency", "fields")
SETTINGS = frozenset(
    {
        "progress_seconds",
        "fee_basis_points",
        "fee_max",
        "available_delay_seconds",
        "dispute_fee",
        "return_fee",
        "webhook_url",
    }
)


def dump_state(call: Call) -> Json:
    """Show everything the double remembers, oldest first."""
    store = call.store
    accounts = [PLATFORM, *(account["id"] for account in store.all("account"))]
    balances = {
        account or "platform": {
            currency: {"available": ready, "pending": waiting}
            for currency, (ready, waiting) in store.balances(account, call.now).items()
        }
        for account in accounts
    }
    return {
        "accounts": store.all("account"),
        "customers": store.all("customer"),
        "payment_methods": store.all("payment_method"),
        "topups": store.all("topup"),
        "payment_intents": store.all("payment_intent"),
        "charges": store.all("charge"),
        "transfers": store.all("transfer"),
        "reversals": store.all("transfer_reversal"),
        "payouts": store.all("payout"),
        "refunds": store.all("refund"),
        "disputes": store.all("dispute"),
        "report_runs": store.all("reporting.report_run"),
        "balance_transactions": store.all("balance_transaction"),
        "balances": balances,
        "events": store.all("event"),
        "deliveries": [
            {"event": event, "state": state, "attempts": attempts}
            for event, state, attempts in store.rows(
                "SELECT event, state, attempts FROM delivery ORDER BY seq"
            )
        ],
        "faults": [
            {"operation": operation, "times": times}
            for operation, times in store.rows("SELECT operation, times FROM fault ORDER BY seq")
        ],
        "keys": store.rows("SELECT count(*) FROM answer")[0][0],
        "held": store.setting("held", []),
        "webhooks": {**knobs_of(store), "url": store.setting("webhook_url", None)},
    }


def queue_fault(call: Call) -> Json:
    """Queue a fault for the next requests of an operation (a port method's name, or *)."""
    fault = call.params
    if fault.get("kind") not in FAULT_KINDS:
        raise StripeError(f"kind is one of {', '.join(sorted(FAULT_KINDS))}")
    operation, times = str(fault.get("operation", "*")), int(fault.get("times", 1))
    if times < 1:
        raise StripeError("times is at least 1")
    text = {name: fault[name] for name in _FAULT_FIELDS if name in fault}
    if fault["kind"] == "wrong_answer" and not isinstance(fault.get("fields"), dict):
        raise StripeError("fields say what the answer is to claim")
    call.store.write(
        "INSERT INTO fault (operation, body, times) VALUES (?, json(?), ?)",
        operation,
        json.dumps(text),
        times,
    )
    return {"queued": {"operation": operation, "times": times, **text}}


def clear_faults(call: Call) -> Json:
    """Forget all queued faults, failures and declines."""
    call.store.write("DELETE FROM fault")
    call.store.set_setting("fail_payouts", [])
    call.store.set_setting("decline_intents", [])
    return {"cleared": True}


def fail_next_payout(call: Call) -> Json:
    """Let the next payout (of an account, if named) fail, before or after it was paid."""
    fault = {
        "failure_code": str(call.params.get("failure_code", "account_closed")),
        "after_paid": bool(call.params.get("after_paid", False)),
        "account": call.params.get("account"),
    }
    queued = [*call.store.setting("fail_payouts", []), fault]
    call.store.set_setting("fail_payouts", queued)
    return {"queued": queued}


def decline_next_intent(call: Call) -> Json:
    """Let the next debit be refused at once."""
    code = str(call.params.get("code", "insufficient_funds"))
    queued = [*call.store.setting("decline_intents", []), code]
    call.store.set_setting("decline_intents", queued)
    return {"queued": queued}


def hold(call: Call) -> Json:
    """Stop the automatic progress of some kinds, or of all."""
    held = sorted({*call.store.setting("held", []), *_kinds(call.params)})
    call.store.set_setting("held", held)
    return {"held": held}


def release(call: Call) -> Json:
    """Let held kinds progress again."""
    held = [kind for kind in call.store.setting("held", []) if kind not in _kinds(call.params)]
    call.store.set_setting("held", held)
    return {"held": held}


def _kinds(params: Json) -> list[str]:
    kinds = list(params.get("kinds", KINDS))
    if not set(kinds) <= set(KINDS):
        raise StripeError(f"kinds are {', '.join(KINDS)}")
    return kinds


def disturb_webhooks(call: Call) -> Json:
    """Duplicate, drop, reorder or delay webhooks; what is not named goes back to normal."""
    if not set(call.params) <= set(KNOBS):
        raise StripeError(f"knobs are {', '.join(KNOBS)}")
    if not (call.params.get("drop", 0) == ALL or isinstance(call.params.get("drop", 0), int)):
        raise StripeError(f"drop is a number of messages, or {ALL}")
    call.store.set_setting("webhook_knobs", {**KNOBS, **call.params})
    return knobs_of(call.store)


def resend_webhooks(call: Call) -> Json:
    """Send the named events again, or everything that was dropped."""
    events = call.params.get("events")
    if events is None:
        sql = "UPDATE delivery SET state = 'pending', due = ?, attempts = 1 WHERE state = 'dropped'"
        return {"resent": call.store.write(sql, time.time())}
    for event in events:
        call.store.find(event)
        call.store.write(
            "INSERT INTO delivery (event, state, due, attempts) VALUES (?, 'pending', 0, 1)", event
        )
    return {"resent": len(events)}


def change_settings(call: Call) -> Json:
    """Change fees, delays, or where webhooks go."""
    if not set(call.params) <= SETTINGS:
        raise StripeError(f"settings are {', '.join(sorted(SETTINGS))}")
    for name, value in call.params.items():
        call.store.set_setting(name, value)
    return dict(call.params)


def settle_object(call: Call) -> Json:
    """Bring a top-up, payment intent or payout to its end now; `failure_code` lets it fail."""
    return settle(call, str(call.params["id"]), call.params.get("failure_code"))


def fund_platform(call: Call) -> Json:
    """Put money on the platform's balance with a top-up that succeeds at once."""
    topup = create_topup(call)
    return settle(call, topup["id"])


def book_stray(call: Call) -> Json:
    """Move a balance in a way nobody asked for: any type, with a fee, now or available later."""
    currency = str(call.params["currency"])
    amount = int(call.params["amount"])
    amount_of({"amount": abs(amount), "currency": currency})
    account = str(call.params.get("account", PLATFORM))
    if account != PLATFORM:
        call.store.get("account", account)
    booked = call.book(
        str(call.params.get("type", "adjustment")),
        amount,
        currency,
        source=None,
        account=account,
        fee=int(call.params.get("fee", 0)),
        available_on=call.now + int(call.params.get("available_in_seconds", 0)),
        description=call.params.get("description"),
    )
    return {"id": booked}


def take_back_object(call: Call) -> Json:
    """Let a bank undo a succeeded debit, top-up or refund, or a paid payout."""
    code = str(call.params.get("failure_code", "debit_not_authorized"))
    return take_back(call, str(call.params["id"]), code)


def dispute(call: Call) -> Json:
    """Let a customer's bank dispute a charge, in full unless an amount is given."""
    reason = str(call.params.get("reason", "debit_not_authorized"))
    return open_dispute(call, str(call.params["charge"]), call.params.get("amount"), reason)


def win(call: Call) -> Json:
    """Let a dispute be won: its amount comes back."""
    return win_dispute(call, str(call.params["dispute"]))


def set_status(call: Call) -> Json:
    """Give a capability of an account a status, such as active or inactive."""
    params = call.params
    name = str(params.get("capability", "transfers"))
    return set_capability(call, str(params["account"]), name, str(params["status"]))


def require(call: Call) -> Json:
    """Want to know more of an account; with is_late its payouts stop, and without facts it ends."""
    facts = [str(one) for one in call.params.get("facts", [])]
    is_late = bool(call.params.get("is_late", False))
    return require_facts(call, str(call.params["account"]), facts, is_late=is_late)


def onboard(call: Call) -> Json:
    """Complete the onboarding of an account, with the account_number of its bank if one is given."""
    bank = {name: call.params[name] for name in ("account_number",) if name in call.params}
    return complete_onboarding(call, str(call.params["account"]), bank)


def restrict(call: Call) -> Json:
    """Take an account's capabilities away."""
    return restrict_account(call, str(call.params["account"]))


def attach(call: Call) -> Json:
    """Attach a bank debit to a customer."""
    return attach_payment_method(call, str(call.params["customer"]))


def refund(call: Call) -> Json:
    """Refund a charge, in full unless an amount is given."""
    return refund_charge(call, str(call.params["charge"]), call.params.get("amount"))


CONTROLS: dict[str, Callable[[Call], Json]] = {
    "faults": queue_fault,
    "clear_faults": clear_faults,
    "fail_next_payout": fail_next_payout,
    "decline_next_intent": decline_next_intent,
    "hold": hold,
    "release": release,
    "webhooks": disturb_webhooks,
    "resend": resend_webhooks,
    "settings": change_settings,
    "settle": settle_object,
    "fund": fund_platform,
    "stray": book_stray,
    "onboard": onboard,
    "restrict": restrict,
    "attach": attach,
    "refund": refund,
    "take_back": take_back_object,
    "dispute": dispute,
    "win": win,
    "capability": set_status,
    "require": require,
}


def link_of(call: Call, token: str) -> Json:
    """Find an onboarding link; refuses an unknown one."""
    link: Json | None = call.store.setting(token, None) if token.startswith("link_") else None
    if link is None:
        raise StripeError("This link is not known.", status=404)
    return link


def onboarding_page(link: Json, token: str) -> str:
    """Draw the page on which a payee completes its onboarding."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Onboarding</title>'
        f"<h1>Onboarding of {escape(link['account'])}</h1>"
        "<p>This page stands for the provider's own. No real details are asked for.</p>"
        f'<form method="post" action="/onboarding/{escape(token)}/complete">'
        "<button>Complete</button></form></html>"
    )
