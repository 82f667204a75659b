"""The suppliers that this process orders from."""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.settings import Settings, SupplierSettings
from api.token_shelf import FileShelf
from catalog.suppliers import (
    ReloadlyAccess,
    Secret,
    Supplier,
    TangoAccess,
    TremendousAccess,
    XoxodayAccess,
    open_reloadly,
    open_tango,
    open_tremendous,
    open_xoxoday,
)

Now = Callable[[], datetime]


def open_suppliers(settings: Settings, now: Now) -> dict[str, Supplier]:
    """Open the adapter of every supplier that we have an account with; close each when done."""
    return {
        name: OPENERS[name](account, now)
        for name, account in settings.suppliers.items()
        if name in OPENERS
    }


def _reloadly(account: SupplierSettings, now: Now) -> Supplier:
    usual = ReloadlyAccess("", Secret(""))
    access = ReloadlyAccess(
        account.client_id,
        Secret(account.client_secret),
        auth_url=account.auth_base or usual.auth_url,
        api_url=account.api_base or usual.api_url,
        order_deadline_seconds=account.order_deadline_seconds or usual.order_deadline_seconds,
    )
    return open_reloadly(access, now)


def _xoxoday(account: SupplierSettings, now: Now) -> Supplier:
    usual = XoxodayAccess("", Secret(""))
    access = XoxodayAccess(
        account.client_id,
        Secret(account.client_secret),
        webhook_keys=tuple(Secret(one) for one in account.webhook_secrets),
        refresh_token=Secret(account.refresh_token) if account.refresh_token else None,
        shelf=FileShelf(account.token_file) if account.token_file else None,
        api_url=account.api_base or usual.api_url,
        order_deadline_seconds=account.order_deadline_seconds or usual.order_deadline_seconds,
    )
    return open_xoxoday(access, now)


def _tango(account: SupplierSettings, now: Now) -> Supplier:
    usual = TangoAccess("", Secret(""), "", "")
    payer = account.account or account.client_id
    # Only Tango itself, the real one and its sandbox, counts our requests.
    is_theirs = "tangocard.com" in (account.api_base or usual.api_url)
    access = TangoAccess(
        account.client_id,
        Secret(account.client_secret),
        account=payer,
        customer=account.customer or payer,
        api_url=account.api_base or usual.api_url,
        webhook_secrets=tuple(Secret(one) for one in account.webhook_secrets),
        order_deadline_seconds=account.order_deadline_seconds or usual.order_deadline_seconds,
        pause_seconds=usual.pause_seconds if is_theirs else 0.0,
    )
    return open_tango(access)


def _tremendous(account: SupplierSettings, now: Now) -> Supplier:
    usual = TremendousAccess(Secret(""))
    access = TremendousAccess(
        Secret(account.client_secret),
        funding_source=account.account or usual.funding_source,
        api_url=account.api_base or usual.api_url,
        webhook_secrets=tuple(Secret(one) for one in account.webhook_secrets),
        order_deadline_seconds=account.order_deadline_seconds or usual.order_deadline_seconds,
    )
    return open_tremendous(access)


OPENERS: Mapping[str, Callable[[SupplierSettings, Now], Supplier]] = {
    "reloadly": _reloadly,
    "xoxoday": _xoxoday,
    "tango": _tango,
    "tremendous": _tremendous,
}
