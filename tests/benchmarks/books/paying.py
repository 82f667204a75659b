"""The figure of paying: payouts that one worker drains through the double of the provider, beside
the rate at which the double answers the same requests from a generator.
"""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx2

from api.database.engine import open_engine
from api.database.transaction import Database
from payouts.disbursement import (
    connect_payee,
    list_payouts,
    record_payee,
    request_cashback_payout,
)
from payouts.ledger import Account, Cause, Draft, credit, debit, post_journals
from payouts.money import Money
from payouts.rails import StripeRail
from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.invariants import require_sound_books
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import ROOT, START_SECONDS_MAX, Ground, empty_folder, settle
from tests.benchmarks.load import FRESH, Job
from tests.benchmarks.measure import Sample, generate_load
from tests.benchmarks.server import RunningClock
from tests.benchmarks.world import CURRENCY, NOW
from tests.factories.partners import make_network

WORKER, DOUBLE = "one worker", "the double alone"
LEGS = 2  # each payout is a transfer to the member's account and a payout from there to its bank
MEMBERS = 20
AMOUNT = 1_000
PLENTY = 10**12  # on every balance of the provider
CONNECTIONS = 16
ASKED_AT_ONCE = 100


class PayingFailed(Exception):
    """What the worker left behind is not what was asked for."""


@dataclass
class Payer:
    """A network whose members are paid their cashback, and a double that knows their accounts."""

    ground: Ground
    sizes: BookSizes
    folder: Path
    network_id: int = 0
    accounts: list[str] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)
    journals: int = 0
    clock: RunningClock = field(
        default_factory=lambda: RunningClock(None, NOW.isoformat(), time.monotonic())
    )

    @property
    def each(self) -> int:
        """How many payouts each turn has."""
        return self.sizes.paid // self.sizes.rounds

    async def fill(self) -> None:
        """Make members with enough cashback, and their accounts, which every turn begins with."""
        empty_folder(self.folder)
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        self.network_id = (await make_network(database, slug="paying")).network_id
        self.members = [UUID(int=0x7000 << 64 | one + 1) for one in range(MEMBERS)]
        async with database.writing(self.network_id) as db:
            drafts = [self._gift(one) for one in self.members]
            await post_journals(db, network_id=self.network_id, drafts=drafts, now=NOW)
            self.journals += len(drafts)
        with running_double(self.folder / "first") as url:
            await _control(url, "hold", kinds=["payout"])
            await _control(url, "fund", amount=PLENTY, currency=CURRENCY.lower())
            rail = StripeRail("sk_test_bench", api_base=url)
            for member_id in self.members:
                self.accounts.append(await self._onboard(database, rail, url, member_id))
            await rail.aclose()
        await engine.dispose()
        await settle(self.ground)

    def _gift(self, member_id: UUID) -> Draft:
        amount = Money(AMOUNT * self.sizes.paid, CURRENCY)
        funder = Account("partner_recv", str(UUID(int=1)), CURRENCY)
        return Draft(
            kind="accrual.confirm",
            key=f"gift:{member_id}",
            cause=Cause("bench", "gift"),
            lines=(
                debit(funder, amount),
                credit(Account("member_available", str(member_id), CURRENCY), amount),
            ),
            actor="bench",
            effective_at=NOW,
        )

    async def _onboard(
        self, database: Database, rail: StripeRail, url: str, member_id: UUID
    ) -> str:
        account = await rail.create_account(
            key=str(member_id), country="SA", email="member@example.com"
        )
        await _control(url, "onboard", account=account.id)
        floating = {"account": account.id, "amount": PLENTY, "currency": CURRENCY.lower()}
        await _control(url, "stray", **floating)
        async with database.writing(self.network_id) as db:
            payee = await connect_payee(
                db,
                network_id=self.network_id,
                partner_id=None,
                member_id=member_id,
                country="SA",
                email="member@example.com",
                name="Member",
                return_url="https://example.com/back",
                now=NOW,
            )
            await record_payee(
                db,
                network_id=self.network_id,
                payee_id=payee.payee_id,
                account=await rail.get_account(account.id),
                customer_id=None,
                payment_method_id=None,
                link=None,
                now=NOW,
            )
        return account.id

    def drain(self) -> Sample:
        """Let a worker take so many payouts to their banks; ordering them is not timed."""
        asyncio.run(self._order())
        with self._fresh_double("worker") as url:
            job = {
                "database_url": self.ground.application_url,
                "network_id": self.network_id,
                "stripe_url": url,
                "origin": self.clock.origin,
                "origin_monotonic": self.clock.origin_monotonic,
                "folder": str(self.folder),
                "acts": LEGS * self.each,
            }
            told = _run_worker(job)
            asyncio.run(self._require(url, told))
        rate = LEGS * self.each / told["seconds"]
        return Sample(LEGS * self.each, rate, 1_000 / rate, None, server_us=told["cpu_us"])

    async def _order(self) -> None:
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        for start in range(0, self.each, ASKED_AT_ONCE):
            async with database.writing(self.network_id) as db:
                for number in range(start, min(start + ASKED_AT_ONCE, self.each)):
                    await request_cashback_payout(
                        db,
                        network_id=self.network_id,
                        member_id=self.members[number % MEMBERS],
                        amount=Money(AMOUNT, CURRENCY),
                        actor="bench",
                        now=self.clock.now(),
                    )
        self.journals += self.each
        await engine.dispose()
        await settle(self.ground)

    async def _require(self, url: str, told: dict[str, Any]) -> None:
        """Compare what the double did and what the books say with what was ordered."""
        engine = open_engine(self.ground.application_url, pool_size=1)
        async with Database(engine).reading(self.network_id) as db:
            open_ones = await list_payouts(
                db,
                network_id=self.network_id,
                since=NOW,
                until=self.clock.now(),
                states=["scheduled", "submitting", "transferred", "unknown", "waiting_funds"],
                limit=1,
            )
        await engine.dispose()
        state = await _state(url)
        made = [len(state[name]) for name in ("transfers", "payouts")]
        if open_ones or made != [self.each, self.each]:
            raise PayingFailed(f"{told}, {made} of {self.each}, left: {open_ones}")

    def ask(self) -> Sample:
        """Let the generator make the same requests, as many, as fast as the double answers."""
        with self._fresh_double("bare") as url:
            port = int(url.rpartition(":")[2])
            bodies = [one for account in self.accounts for one in _requests(account)]
            job = Job(
                port=port,
                requests=[base64.b64encode(one).decode() for one in bodies],
                must_contain='"livemode":false',
                connections=CONNECTIONS,
                seconds=0,
                times=LEGS * self.each,
            )
            seen = generate_load(job)
        if seen.acknowledged != LEGS * self.each:
            raise PayingFailed(f"{seen.acknowledged} of {LEGS * self.each}")
        return Sample(seen.acknowledged, seen.count / seen.seconds, seen.p50_ms, seen.p99_ms)

    @contextmanager
    def _fresh_double(self, name: str) -> Iterator[str]:
        """Every turn finds the double as the first one left it: it slows down as it fills."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder / "first", folder)
        with running_double(folder) as url:
            yield url


def _requests(account: str) -> tuple[bytes, bytes]:
    """Write the two requests of a payout as the SDK does, with the headers the double reads."""
    marks = {f"metadata[{name}]": FRESH for name in ("network", "payout", "attempt")}
    amount = {"amount": AMOUNT, "currency": CURRENCY.lower()}
    to = {"destination": account, "transfer_group": f"mz_1_{FRESH}"}
    return (
        _request("/v1/transfers", {**amount, **to, **marks}, ""),
        _request("/v1/payouts", {**amount, **marks}, f"Stripe-Account: {account}\r\n"),
    )


def _request(path: str, form: dict[str, Any], more: str) -> bytes:
    body = urlencode(form, safe="[]")
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk_test_bench\r\n"
        f"Idempotency-Key: mz:1:{FRESH}\r\n{more}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


@contextmanager
def running_double(folder: Path) -> Iterator[str]:
    """Run the double as `mizan doubles stripe` does, without anybody to send webhooks to."""
    port_file = folder.with_name(f"{folder.name}.port")
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "api.doubles.stripe_server", "--folder", str(folder)]
    process = subprocess.Popen(
        [*command, "--port-file", str(port_file)], stdout=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise PayingFailed("the double did not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text()}"
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def _run_worker(job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.books.paying_job"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode != 0:
        raise PayingFailed(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


async def _control(url: str, name: str, **params: Any) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        (await http.post(f"{url}/_control/{name}", json=params)).raise_for_status()


async def _state(url: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        body: dict[str, Any] = (await http.get(f"{url}/_control/state")).json()
        return body


def measure_paying(payer: Payer) -> list[Comparison]:
    """Let the double alone and the worker take turns; raises when books or double are not right."""
    asyncio.run(payer.fill())
    contenders = {DOUBLE: payer.ask, WORKER: payer.drain}
    result = take_turns("paying", contenders, rounds=payer.sizes.rounds, clients=1)
    journals = {payer.network_id: payer.journals}
    asyncio.run(require_sound_books(payer.ground, purchases={}, journals=journals))
    return [
        Compared(result, WORKER, DOUBLE).named(
            f"{payer.each * payer.sizes.rounds:,} payouts through the double, {WORKER}"
            " / the double's bare request rate",
            bound=0.5,
        )
    ]
