"""The suppliers that this process orders from."""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.settings import Settings, SupplierSettings
from api.token_shelf import FileShelf
from catalog.suppliers import (
    ReloadlyAccess,
    Secret,
    Supplier,
    XoxodayAccess,
    open_reloadly,
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


OPENERS: Mapping[str, Callable[[SupplierSettings, Now], Supplier]] = {
    "reloadly": _reloadly,
    "xoxoday": _xoxoday,
}
