"""Accounts, their onboarding, customers and their payment methods at the Stripe double."""

from typing import Any

from api.doubles.stripe_banks import add_bank_account
from api.doubles.stripe_call import Call, as_list
from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_store import PLATFORM, make_id

LINK_LIFE_SECONDS = 300

_CURRENCIES = {
    "SA": "sar",
    "AE": "aed",
    "KW": "kwd",
    "BH": "bhd",
    "JO": "jod",
    "EG": "egp",
    "GB": "gbp",
    "US": "usd",
    "JP": "jpy",
}
_EURO_TEXT = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
_EURO = frozenset(_EURO_TEXT.split())
_DUE = ["business_profile.url", "external_account", "tos_acceptance.date"]


def _currency_of(country: str) -> str:
    return "eur" if country in _EURO else _CURRENCIES.get(country, "usd")


def requirements_of(due: list[str]) -> Json:
    """Lay out what Stripe wants to know of an account, all of it overdue."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }


def create_account(call: Call) -> Json:
    """Open a connected account that cannot receive money before its onboarding."""
    params = call.params
    country = params.get("country", "US")
    object_id = make_id("acct")
    asked = {
        name: "inactive"
        for name, value in params.get("capabilities", {}).items()
        if value.get("requested")
    }
    account: Json = {
        "id": object_id,
        "object": "account",
        "business_type": params.get("business_type"),
        "capabilities": asked,
        "charges_enabled": False,
        "controller": {**params.get("controller", {}), "type": "application"},
        "country": country,
        "created": call.now,
        "default_currency": params.get("default_currency", _currency_of(country)),
        "details_submitted": False,
        "email": params.get("email"),
        "external_accounts": as_list(f"/v1/accounts/{object_id}/external_accounts"),
        "future_requirements": requirements_of([]),
        "metadata": params.get("metadata", {}),
        "payouts_enabled": False,
        "requirements": requirements_of(list(_DUE)),
        "type": params.get("type", "none"),
    }
    return call.store.put(account)


def get_account(call: Call) -> Json:
    """Read an account."""
    return call.store.get("account", call.ids["account"])


def list_accounts(call: Call) -> Json:
    """List the accounts of the platform."""
    return call.list("account", "/v1/accounts")


def create_account_link(call: Call) -> Json:
    """Make a page of this double on which the onboarding is completed."""
    account = call.store.get("account", call.params["account"])
    token = make_id("link")
    expires_at = call.now + LINK_LIFE_SECONDS
    kept = {"account": account["id"], "expires_at": expires_at}
    for name in ("refresh_url", "return_url"):
        kept[name] = call.params.get(name)
    call.store.set_setting(token, kept)
    return {
        "object": "account_link",
        "created": call.now,
        "expires_at": expires_at,
        "url": f"{call.origin}/onboarding/{token}",
    }


def complete_onboarding(call: Call, object_id: str, bank: Json | None = None) -> Json:
    """Give the account its bank account and capabilities, and its customer a bank debit."""
    account = call.store.get("account", object_id)
    if not account["external_accounts"]["data"]:
        add_bank_account(call, account, bank or {})
    account["capabilities"] = dict.fromkeys(account["capabilities"], "active")
    account.update(details_submitted=True, payouts_enabled=True, requirements=requirements_of([]))
    call.store.put(account)
    call.emit("account.updated", account, object_id)
    for value in account["metadata"].values():
        if str(value).startswith("cus_") and not _methods(call, value):
            attach_payment_method(call, value)
    return account


def restrict_account(call: Call, object_id: str) -> Json:
    """Take an account's capabilities away, as Stripe does when it needs more information."""
    account = call.store.get("account", object_id)
    account["capabilities"] = dict.fromkeys(account["capabilities"], "inactive")
    account.update(payouts_enabled=False, requirements=requirements_of(["individual.id_number"]))
    call.store.put(account)
    call.emit("account.updated", account, object_id)
    return account


def create_customer(call: Call) -> Json:
    """Make a customer, whom the platform can debit once a payment method is attached."""
    params = call.params
    customer: Json = {
        "id": make_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "email": params.get("email"),
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "name": params.get("name"),
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
    }
    call.store.put(customer)
    call.emit("customer.created", customer)
    return customer


def get_customer(call: Call) -> Json:
    """Read a customer."""
    return call.store.get("customer", call.ids["customer"])


def list_customers(call: Call) -> Json:
    """List the customers of the platform."""
    return call.list("customer", "/v1/customers", equal=("email",))


def attach_payment_method(call: Call, customer: str, metadata: Json | None = None) -> Json:
    """Attach a bank debit to a customer, as its bank mandate page would."""
    call.store.get("customer", customer)
    method: Json = {
        "id": make_id("pm"),
        "object": "payment_method",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "created": call.now,
        "customer": customer,
        "livemode": False,
        "metadata": metadata or {},
        "type": "us_bank_account",
        "us_bank_account": {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "Double Bank",
            "fingerprint": None,
            "last4": "6789",
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
        },
    }
    call.store.put(method)
    call.emit("payment_method.attached", method)
    return method


def _methods(call: Call, customer: str) -> list[Any]:
    return call.store.rows(
        "SELECT id FROM object WHERE kind = 'payment_method'"
        " AND json_extract(body, '$.customer') = ?",
        customer,
    )


def list_payment_methods(call: Call) -> Json:
    """List what can be debited for a customer."""
    customer = call.ids["customer"]
    call.store.get("customer", customer)
    return call.list(
        "payment_method",
        f"/v1/customers/{customer}/payment_methods",
        equal=("type",),
        where=[("json_extract(body, '$.customer') = ?", customer)],
    )


def require_platform(call: Call) -> None:
    """Refuse what only the platform's own account can do."""
    if call.account != PLATFORM:
        raise StripeError("This can only be done by the platform's account.", status=403)
