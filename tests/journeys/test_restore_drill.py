"""The drill: everything is lost but the backup, callers send again, and the books are as before.

`PROOF_SEED=n` sells other things.
"""

import asyncio
import faulthandler
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.books import PARTNERS, STATEMENTS, TRIAL, WALLETS
from tests.journeys.driver import Driver
from tests.journeys.household import Household
from tests.journeys.town import Nursery
from tests.journeys.workload import APPROVE, CLOSE, PLACE, PURCHASE, QUOTE, RETURN, amount

SEED = 20_260_316
SALES_SHORT, SALES_FULL = 90, 900
LATER_SHARE = 3
RETURNS_EVERY, REDEMPTIONS_EVERY = 8, 45
REDEMPTIONS_MAX = 12
SENT_AGAIN_MAX = 1_000
ANCHOR_SECONDS_MAX = 20.0


@dataclass(frozen=True)
class Sale:
    """One thing that callers do, under keys that say what it is."""

    number: int
    decimal: str
    is_returned: bool
    is_spent: bool
    purchased_at: str


def make_sales(seed: int, count: int, at: str) -> list[Sale]:
    dice = random.Random(seed)
    sales = []
    for number in range(count):
        minor = dice.randrange(1_00, 400_00)
        spends = number % REDEMPTIONS_EVERY == 1 and number // REDEMPTIONS_EVERY < REDEMPTIONS_MAX
        decimal = f"{minor // 100}.{minor % 100:02d}"
        sales.append(Sale(number, decimal, number % RETURNS_EVERY == 0, spends, at))
    return sales


def send(driver: Driver, sale: Sale) -> list[bool]:
    """Have all of it done; tells of each mutation whether it had been done before."""
    shop, member = (
        (driver.grocery, "noor-1001") if sale.number % 2 else (driver.coffee, "qahwa-2001")
    )
    bought = driver.do(
        shop,
        f"buy-{sale.number}",
        PURCHASE,
        externalId=f"drill-{sale.number}",
        memberId=driver.members[member]["id"],
        amount=amount(sale.decimal),
        purchasedAt=sale.purchased_at,
    )
    replayed = [bought["replayed"]]
    if sale.is_returned:
        back = driver.do(
            shop,
            f"return-{sale.number}",
            RETURN,
            purchaseId=bought["purchase"]["id"],
            externalId=f"drill-back-{sale.number}",
            amount=amount("0.50"),
        )
        replayed.append(back["replayed"])
    if sale.is_spent:
        card = {"rewardId": driver.rewards["coffee-card"], "face": amount("25.00")}
        quoted = driver.do(driver.layla, f"quote-{sale.number}", QUOTE, **card)
        placed = driver.do(
            driver.layla, f"place-{sale.number}", PLACE, quoteId=quoted["quote"]["id"]
        )
        replayed += [quoted["replayed"], placed["replayed"]]
    return replayed


def send_all(driver: Driver, sales: list[Sale]) -> list[bool]:
    return [one for sale in sales for one in send(driver, sale)]


def figures(driver: Driver) -> dict[str, Any]:
    """Every balance there is, read through the API."""
    return {
        "trial": driver.ask(driver.maker, TRIAL),
        "wallets": [driver.ask(one, WALLETS) for one in (driver.layla, driver.omar)],
        "partners": [
            driver.ask(driver.maker, PARTNERS, id=one["id"]) for one in driver.partners.values()
        ],
    }


def settle(driver: Driver) -> list[Any]:
    """Cut a settlement cycle; gives its statements, as far as they do not depend on the run."""
    cycle = driver.do(driver.maker, "close", CLOSE)["settlementCycle"]["id"]
    driver.do(driver.checker, "approve", APPROVE, settlementCycleId=cycle)
    rows = [edge["node"] for edge in driver.ask(driver.maker, STATEMENTS)["statements"]["edges"]]
    kept = ("number", "linesCount", "opening", "receivable", "payable", "net", "carriedForward")
    return sorted(json.dumps({name: row[name] for name in kept}) for row in rows)


@contextmanager
def opened(home: Household, shown: dict[str, Any]) -> Iterator[Driver]:
    home.serve()
    driver = Driver(home, shown)  # type: ignore[arg-type]
    try:
        yield driver
    finally:
        driver.http.close()
        home.stop()


def prove_untouched(home: Household, *options: str) -> None:
    """Ask everything of what came back before anybody runs on it.

    What had no place in the order yet has none until the worker runs; all else must be sound.
    """
    verdict = json.loads(home.run("verify", "--json", *options, codes=(0, 1)))
    assert {one["kind"] for one in verdict["faults"]} <= {"unsealed too long"}, verdict
    assert verdict["journals"] > 0
    checked = json.loads(home.run("check", "--json", codes=(0, 1)))
    broken = {one["name"] for one in checked if not one["ok"]}
    assert broken <= {"unsealed_age", "places_in_blocks"}, broken


@dataclass
class Drill:
    """One world, its backups, and how it comes back from each."""

    nursery: Nursery
    folder: Path
    seed: int
    count: int

    def __post_init__(self) -> None:
        self.home = self._home("first")

    def run(self) -> str:
        printed = self.home.run("seed", "--profile", "demo", "--json")
        shown = json.loads(printed[printed.index("{") :])
        # The WAL is kept from the next start on; nothing runs between the commands.
        base = ("--base", "--wal", str(self.folder / "wal"))
        told = self.home.run("backup", str(self.folder / "base"), *base)
        assert "everything that was ever acknowledged" in told
        before, sales, early = self._live(shown)
        self.home.lose(self.folder / "lost")

        from_base = self._home("from-base")
        restored = ("--data-dir", str(from_base.folder), "--keys", str(self.folder / "keys"))
        from_base.run(
            "restore", str(self.folder / "base"), *restored, "--wal", str(self.folder / "wal")
        )
        # The anchors are of the time of the copy until somebody seals again.
        prove_untouched(from_base, "--earlier-copy")
        asked_again = sales[-SENT_AGAIN_MAX:]
        replayed, statements = self._go_on(from_base, shown, before, asked_again)
        assert replayed == [True] * len(replayed), "something acknowledged was lost"

        from_dump = self._home("from-dump")
        restored = ("--data-dir", str(from_dump.folder), "--keys", str(self.folder / "keys"))
        # Later anchors were copied elsewhere in time: the restoration is written down after them.
        later = ("--anchors", str(self.folder / "lost" / "anchors.jsonl"))
        told = from_dump.run("restore", str(self.folder / "dump"), *restored, *later)
        assert "The anchors say of 1 books" in told
        prove_untouched(from_dump)
        again, same_statements = self._go_on(from_dump, shown, before, sales)
        fresh = sum(not one for one in again)
        assert again == sorted(again, reverse=True), "something from before the dump was lost"
        assert fresh == len(replayed_of(sales[early:])), "something from after the dump was there"
        assert statements == same_statements
        return (
            f"restore drill: seed {self.seed}, {len(again)} mutations; from base and WAL"
            f" {len(replayed)} sent again, all replayed; from the dump {len(again) - fresh} replayed"
            f" and {fresh} later ones done once; lost 0, doubled 0, every balance as before"
        )

    def _anchors(self) -> int:
        return len((self.home.folder / "anchors.jsonl").read_bytes())

    def _wait_for_more_than(self, anchored: int) -> None:
        """The restored dump is to come back from a block that was anchored after it."""
        end = time.monotonic() + ANCHOR_SECONDS_MAX
        while self._anchors() <= anchored:
            assert time.monotonic() < end, "nothing was anchored"
            time.sleep(0.05)

    def _live(self, shown: dict[str, Any]) -> tuple[dict[str, Any], list[Sale], int]:
        with opened(self.home, shown) as driver:
            sales = make_sales(self.seed, self.count, driver.clock.now().isoformat())
            early = len(sales) - len(sales) // LATER_SHARE
            send_all(driver, sales[:early])
            keys = ("--keys", str(self.folder / "keys"))
            told = self.home.run("backup", str(self.folder / "dump"), *keys)
            assert "whatever was committed later is not in it" in told
            assert "whsec" not in told
            anchored = self._anchors()
            send_all(driver, sales[early:])
            self._wait_for_more_than(anchored)
            before = figures(driver)
            served, self.home.served = self.home.served, None  # it is lost, not stopped
        self.home.served = served
        return before, sales, early

    def _go_on(
        self, home: Household, shown: dict[str, Any], before: dict[str, Any], sales: list[Sale]
    ) -> tuple[list[bool], list[Any]]:
        """Check what came back, send everything again, settle, and check again."""
        with opened(home, shown) as driver:
            replayed = send_all(driver, sales)
            assert figures(driver) == before
            assert send_all(driver, sales[-5:]) == replayed_of(sales[-5:])
            statements = settle(driver)
            assert statements
        home.run("check")
        home.run("verify")
        return replayed, statements

    def _home(self, name: str) -> Household:
        return Household(self.nursery, self.folder / name, self.folder / "logs")


def replayed_of(sales: list[Sale]) -> list[bool]:
    """What is answered when all of these were done before."""
    return [True] * sum(1 + one.is_returned + 2 * one.is_spent for one in sales)


def end_servers(folder: Path) -> None:
    """End what a failed drill left running."""
    for trace in folder.glob("*/postgres/data/postmaster.pid"):
        with suppress(ProcessLookupError, OSError):
            os.kill(int(trace.read_text().split()[0]), signal.SIGQUIT)


@pytest.mark.proof
async def test_what_was_acknowledged_comes_back_and_is_done_once(
    tmp_path: Path, full_counts: bool, tell_proof: Callable[[str], None]
) -> None:
    if full_counts:
        faulthandler.cancel_dump_traceback_later()  # a thousand keys take longer than a hang
    seed = int(os.environ.get("PROOF_SEED", SEED))
    nursery = Nursery()
    drill = Drill(nursery, tmp_path, seed, SALES_FULL if full_counts else SALES_SHORT)
    try:
        tell_proof(await asyncio.to_thread(drill.run))
    finally:
        nursery.end()
        end_servers(tmp_path)
