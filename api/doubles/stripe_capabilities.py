"""What accounts may do and what Stripe still wants to know of them, at the Stripe double."""

from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json, StripeError, missing
from api.doubles.stripe_people import requirements_of

STATUSES = ("active", "inactive", "pending", "unrequested")


def _capability(account: Json, name: str) -> Json:
    status = account["capabilities"].get(name, "unrequested")
    requirements = account["requirements"]
    is_asked = status != "unrequested"
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "requested": is_asked,
        "requested_at": account["created"] if is_asked else None,
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": requirements["currently_due"] if is_asked else [],
            "disabled_reason": "requirements.fields_needed" if status == "inactive" else None,
            "errors": [],
            "eventually_due": requirements["eventually_due"] if is_asked else [],
            "past_due": requirements["past_due"] if is_asked else [],
            "pending_verification": [],
        },
        "status": status,
    }


def list_capabilities(call: Call) -> Json:
    """List what an account asked to be allowed."""
    account = call.store.get("account", call.ids["account"])
    return {
        "object": "list",
        "data": [_capability(account, name) for name in sorted(account["capabilities"])],
        "has_more": False,
        "url": f"/v1/accounts/{account['id']}/capabilities",
    }


def get_capability(call: Call) -> Json:
    """Read one thing that an account asked to be allowed."""
    account = call.store.get("account", call.ids["account"])
    if call.ids["capability"] not in account["capabilities"]:
        raise missing("capability", call.ids["capability"])
    return _capability(account, call.ids["capability"])


def change_capability(call: Call) -> Json:
    """Ask for a capability, which is had once nothing is due, or give it back."""
    account = call.store.get("account", call.ids["account"])
    name = call.ids["capability"]
    if call.params.get("requested") is False:
        return set_capability(call, account["id"], name, "unrequested")
    is_ready = account["details_submitted"] and not account["requirements"]["currently_due"]
    return set_capability(call, account["id"], name, "active" if is_ready else "inactive")


def set_capability(call: Call, account_id: str, name: str, status: str) -> Json:
    """Decide whether an account may do something, and tell so."""
    if status not in STATUSES:
        raise StripeError(f"A status is one of {', '.join(STATUSES)}.", param="status")
    account = call.store.get("account", account_id)
    if status == "unrequested":
        account["capabilities"].pop(name, None)
    else:
        account["capabilities"][name] = status
    call.store.put(account)
    capability = _capability(account, name)
    call.emit("capability.updated", capability, account_id)
    call.emit("account.updated", account, account_id)
    return capability


def require_facts(call: Call, account_id: str, facts: list[str], *, is_late: bool) -> Json:
    """Let Stripe want to know more of an account; what is late takes its payouts away."""
    account = call.store.get("account", account_id)
    account["requirements"] = requirements_of(facts)
    if facts and not is_late:
        account["requirements"].update(disabled_reason=None, past_due=[])
    account["payouts_enabled"] = account["details_submitted"] and not (facts and is_late)
    call.store.put(account)
    call.emit("account.updated", account, account_id)
    return account
