"""The variables of a supplier open its adapter, and its secrets show nowhere."""

from pathlib import Path

import pytest

from api.clock import Clock
from api.doubles.suppliers_server import DOUBLES
from api.settings import SUPPLIERS, Settings
from api.supply import OPENERS, open_suppliers
from catalog.suppliers import Secret, TangoSupplier, TremendousSupplier

ENVIRONMENT = {
    "TANGO_CLIENT_ID": "platform",
    "TANGO_CLIENT_SECRET": "tango-key",
    "TANGO_ACCOUNT": "payer",
    "TANGO_CUSTOMER": "owner",
    "TANGO_WEBHOOK_SECRET": "bmV3ZXI=, b2xkZXI=",
    "TREMENDOUS_CLIENT_ID": "us",
    "TREMENDOUS_CLIENT_SECRET": "tremendous-key",
    "TREMENDOUS_ACCOUNT": "SOURCE1",
    "TREMENDOUS_WEBHOOK_SECRET": "private-key",
}
SECRETS = ("tango-key", "bmV3ZXI=", "b2xkZXI=", "tremendous-key", "private-key")


@pytest.mark.asyncio
async def test_variables_open_the_adapters_that_they_are_of(tmp_path: Path) -> None:
    environment = {"MIZAN_DATA_DIR": str(tmp_path), **ENVIRONMENT}
    settings = Settings.from_environment(environment)
    opened = open_suppliers(settings, Clock().now)
    tango, tremendous = opened["tango"], opened["tremendous"]
    assert isinstance(tango, TangoSupplier)
    assert isinstance(tremendous, TremendousSupplier)
    assert (tango.access.platform, tango.access.account, tango.access.customer) == (
        "platform",
        "payer",
        "owner",
    )
    assert tango.access.webhook_secrets == (Secret("bmV3ZXI="), Secret("b2xkZXI="))
    assert tango.access.api_url == "https://api.tangocard.com/raas/v2"
    assert tango.access.pause_seconds == 1.1
    assert tremendous.access.funding_source == "SOURCE1"
    assert tremendous.access.webhook_secrets == (Secret("private-key"),)
    assert tremendous.access.api_url == "https://www.tremendous.com/api/v2"
    assert not any(one in repr((settings, opened)) for one in SECRETS)
    for supplier in opened.values():
        await supplier.aclose()


@pytest.mark.asyncio
async def test_what_is_not_named_has_its_usual_value(tmp_path: Path) -> None:
    names = ("TANGO_CLIENT_ID", "TANGO_CLIENT_SECRET", "TREMENDOUS_CLIENT_ID")
    environment = {"MIZAN_DATA_DIR": str(tmp_path), **{name: ENVIRONMENT[name] for name in names}}
    opened = open_suppliers(Settings.from_environment(environment), Clock().now)
    tango, tremendous = opened["tango"], opened["tremendous"]
    assert isinstance(tango, TangoSupplier)
    assert isinstance(tremendous, TremendousSupplier)
    assert (tango.access.account, tango.access.customer) == ("platform", "platform")
    assert (tango.access.webhook_secrets, tremendous.access.webhook_secrets) == ((), ())
    assert tremendous.access.funding_source == "BALANCE"
    for supplier in opened.values():
        await supplier.aclose()


@pytest.mark.parametrize("name", ["tango", "tremendous"])
def test_whoever_is_opened_is_played_too(name: str) -> None:
    assert name in OPENERS
    assert name in DOUBLES
    assert name in SUPPLIERS
