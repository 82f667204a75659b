"""A double that dies in the middle of an order has lost nothing when it is started again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.clock import Clock
from api.doubles.suppliers_server import CLIENT_ID, CLIENT_SECRET
from api.settings import SupplierSettings
from api.supply import OPENERS
from catalog.suppliers import OrderState, Supplier, SupplierUnknownOutcome
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble

START_SECONDS_MAX = 30
PROGRAM = """
import sys
from api.cli.main import main
sys.exit(main(["doubles", "suppliers", "--folder", sys.argv[1], "--port-file", sys.argv[2]]))
"""
ORDERED = {
    "tango": ("U700101", Money(5000, "SAR")),
    "tremendous": ("DUNES0000001-SAR", Money(5000, "SAR")),
}


class Suppliers:
    """All doubles in a process of their own, which may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.folder / "state"), str(port_file)],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not port_file.exists():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{port_file.read_text()}"

    def died(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=10)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def opened(self, name: str) -> tuple[Supplier, ShopDouble]:
        base = f"{self.url}/{name}"
        account = SupplierSettings(CLIENT_ID, CLIENT_SECRET, base, base)
        return OPENERS[name](account, Clock().now), ShopDouble(base, Clock())


@pytest.mark.asyncio
@pytest.mark.parametrize("name", sorted(ORDERED))
async def test_a_double_that_is_killed_loses_nothing(tmp_path: Path, name: str) -> None:
    sku, face = ORDERED[name]
    suppliers = Suppliers(tmp_path)
    found: dict[str, bool] = {}
    try:
        suppliers.start()
        for kind in ("kill_before", "kill_after"):
            supplier, double = suppliers.opened(name)
            double.fault(kind)
            with pytest.raises(SupplierUnknownOutcome):
                await supplier.place_order(f"key-{kind}", sku, face, 1)
            await supplier.aclose()
            assert suppliers.died() == -signal.SIGKILL
            suppliers.start()
            supplier, double = suppliers.opened(name)
            order = await supplier.find_order(f"key-{kind}")
            found[kind] = order is not None
            if order is not None:
                assert order.state is OrderState.SUCCEEDED
                assert len(await supplier.fetch_codes(order.reference)) == 1
            await supplier.aclose()
        assert found == {"kill_before": False, "kill_after": True}
        assert [order["key"] for order in double.orders()] == ["key-kill_after"]
    finally:
        suppliers.stop()
