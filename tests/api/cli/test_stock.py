"""A card of an imported catalogue can be ordered where the supplier is a double."""

import json
from pathlib import Path

import httpx2
import pytest

from api.cli.outside import stock_double
from api.clock import Clock
from api.doubles.reloadly_app import CLIENT_ID, CLIENT_SECRET, create_app
from api.settings import Settings, SupplierSettings
from tests.factories.catalog import RAW_FEED


@pytest.fixture
def products() -> list[dict[str, object]]:
    page = json.loads(RAW_FEED)
    return page["content"] if isinstance(page, dict) else page


async def find(folder: Path, number: object) -> int:
    """Ask the double for a product; gives the status of the answer."""
    app = create_app(folder, Clock())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://double") as http:
        asked = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials",
        }
        token = (await http.post("/oauth/token", json=asked)).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        return (await http.get(f"/products/{number}", headers=headers)).status_code


async def test_the_double_sells_what_was_imported(tmp_path: Path, products) -> None:
    settings, folder = Settings(data_dir=tmp_path), tmp_path / "doubles" / "suppliers" / "reloadly"
    number = 990_001
    raw = json.dumps([{**products[0], "productId": number}]).encode()
    folder.mkdir(parents=True)
    assert await find(folder, number) == 404
    stock_double(settings, "reloadly", raw)
    stock_double(settings, "reloadly", raw)
    stock_double(settings, "reloadly", raw[:-20])  # damaged: it hides nothing
    assert await find(folder, number) == 200
    assert len(list(folder.glob("stock-*"))) == 2


def test_a_real_supplier_has_its_own_stock(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, suppliers={"reloadly": SupplierSettings("real", "secret")}
    )
    stock_double(settings, "reloadly", RAW_FEED)
    assert not list(tmp_path.rglob("stock-*"))
