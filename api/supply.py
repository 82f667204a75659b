"""The suppliers that this process orders from."""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.settings import Settings, SupplierSettings
from catalog.suppliers import (
    ReloadlyAccess,
    Secret,
    Supplier,
    TangoAccess,
    open_reloadly,
    open_tango,
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
    )
    return open_reloadly(access, now)


def _tango(account: SupplierSettings, now: Now) -> Supplier:
    usual = TangoAccess("", Secret(""), "", "")
    payer = account.account or account.client_id
    access = TangoAccess(
        account.client_id,
        Secret(account.client_secret),
        account=payer,
        customer=account.customer or payer,
        api_url=account.api_base or usual.api_url,
        webhook_secrets=tuple(Secret(one) for one in account.webhook_secrets),
    )
    return open_tango(access)


OPENERS: Mapping[str, Callable[[SupplierSettings, Now], Supplier]] = {
    "reloadly": _reloadly,
    "tango": _tango,
}
