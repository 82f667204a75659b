"""An adapter is opened for every supplier that the environment has an account at."""

from datetime import UTC, datetime
from pathlib import Path

from api.settings import Settings
from api.supply import open_suppliers
from catalog.suppliers import Secret, XoxodaySupplier
from catalog.suppliers.refreshed_credentials import RefreshedCredentials
from catalog.suppliers.token_credentials import TokenCredentials

NOW = datetime(2026, 5, 4, tzinfo=UTC)
ACCOUNT = {"XOXODAY_CLIENT_ID": "we", "XOXODAY_CLIENT_SECRET": "s3cret"}


def test_an_account_is_read_from_the_environment(tmp_path: Path) -> None:
    env = {
        **ACCOUNT,
        "MIZAN_DATA_DIR": str(tmp_path),
        "XOXODAY_API_BASE": "https://sandbox.example.com/chef",
        "XOXODAY_REFRESH_TOKEN": "r3fresh",
        "XOXODAY_WEBHOOK_SECRET": "newkey, oldkey",
        "TANGO_CLIENT_SECRET": "without an id it is no account",
    }
    settings = Settings.from_environment(env)
    assert list(settings.suppliers) == ["xoxoday"]
    account = settings.suppliers["xoxoday"]
    assert account.webhook_secrets == ("newkey", "oldkey")
    assert account.token_file == tmp_path / "suppliers" / "xoxoday.tokens"
    for secret in ("s3cret", "r3fresh", "newkey", "oldkey"):
        assert secret not in repr(settings)


async def test_it_is_opened_as_the_account_says(tmp_path: Path) -> None:
    env = {**ACCOUNT, "MIZAN_DATA_DIR": str(tmp_path), "XOXODAY_WEBHOOK_SECRET": "newkey"}
    plain = open_suppliers(Settings.from_environment(env), lambda: NOW)["xoxoday"]
    env["XOXODAY_REFRESH_TOKEN"] = "r3fresh"
    refreshed = open_suppliers(Settings.from_environment(env), lambda: NOW)["xoxoday"]
    for supplier in (plain, refreshed):
        assert isinstance(supplier, XoxodaySupplier)
        assert supplier.api_url == "https://accounts.xoxoday.com/chef"
        assert supplier.webhook_keys == (Secret("newkey"),)
        await supplier.aclose()
    assert isinstance(plain.http._credentials, TokenCredentials)
    assert isinstance(refreshed.http._credentials, RefreshedCredentials)
    assert list(tmp_path.iterdir()) == []
