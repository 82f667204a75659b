"""Bank accounts of connected accounts at the Stripe double, and what these banks answer."""

from typing import Any

from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json, StripeError, missing
from api.doubles.stripe_store import make_id

PLAIN_NUMBER = "000123456789"
"""A bank account that takes every payout."""

REFUSING_NUMBERS = {
    "111116": "no_account",
    "111113": "account_closed",
    "222227": "insufficient_funds",
    "333335": "debit_not_authorized",
    "444440": "invalid_currency",
}
"""How the numbers end for which Stripe's test mode fails a payout, and with what."""

_DIGITS = 6


def refusal_of(call: Call, bank_account: str) -> str | None:
    """Tell with what a bank account sends payouts back, if it does."""
    code: str | None = call.store.setting(f"refuses:{bank_account}", None)
    return code


def add_bank_account(call: Call, account: Json, given: Json) -> Json:
    """Give an account a bank account, which becomes the one that its currency is paid to."""
    number = str(given.get("account_number", PLAIN_NUMBER))
    currency = str(given.get("currency", account["default_currency"]))
    for other in account["external_accounts"]["data"]:
        if other["currency"] == currency:
            other["default_for_currency"] = False
    bank: Json = {
        "id": make_id("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type", "company"),
        "bank_name": "Double Bank",
        "country": given.get("country", account["country"]),
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": None,
        "last4": number[-4:],
        "metadata": {},
        "routing_number": given.get("routing_number"),
        "status": "new",
    }
    account["external_accounts"]["data"].insert(0, bank)
    code = REFUSING_NUMBERS.get(number[-_DIGITS:])
    if code is not None:
        call.store.set_setting(f"refuses:{bank['id']}", code)
    return bank


def create_external_account(call: Call) -> Json:
    """Add a bank account to an account."""
    account = call.store.get("account", call.ids["account"])
    given = call.params["external_account"]
    if not isinstance(given, dict) or given["object"] != "bank_account":
        raise StripeError("The double adds bank accounts only.", param="external_account")
    bank = add_bank_account(call, account, given)
    for due in ("currently_due", "eventually_due", "past_due"):
        named = account["requirements"][due]
        account["requirements"][due] = [one for one in named if one != "external_account"]
    call.store.put(account)
    call.emit("account.external_account.created", bank, account["id"])
    call.emit("account.updated", account, account["id"])
    return bank


def list_external_accounts(call: Call) -> Json:
    """List the bank accounts of an account, newest first."""
    account = call.store.get("account", call.ids["account"])
    listed: Json = account["external_accounts"]
    return listed


def get_external_account(call: Call) -> Json:
    """Read a bank account of an account."""
    account = call.store.get("account", call.ids["account"])
    return _bank_of(account, call.ids["id"])


def _bank_of(account: Json, object_id: str) -> Json:
    banks: list[Json] = account["external_accounts"]["data"]
    for bank in banks:
        if bank["id"] == object_id:
            return bank
    raise missing("external account", object_id)


def destination_of(account: Json, currency: str, asked: Any = None) -> str:
    """Choose the bank account that a payout of a currency goes to."""
    if asked is not None:
        return str(_bank_of(account, str(asked))["id"])
    banks: list[Json] = account["external_accounts"]["data"]
    if not banks:
        raise StripeError("There is no bank account to pay to.", code="no_account")
    fitting = [one for one in banks if one["currency"] == currency and one["default_for_currency"]]
    return str((fitting or banks)[0]["id"])


def note_refusal(call: Call, account_id: str, bank_account: str) -> None:
    """Mark a bank account that sent a payout back, and tell its account so."""
    account = call.store.get("account", account_id)
    bank = _bank_of(account, bank_account)
    bank["status"] = "errored"
    call.store.put(account)
    call.emit("account.external_account.updated", bank, account_id)
