"""The command as processes: it starts, answers, stops tidily, and comes back after any death."""

import asyncio
import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from api.clock import Clock
from api.database.cluster import Cluster
from api.database.engine import DATABASE_NAME, open_direct_engine
from api.database.version import expected_version
from api.doubles.suppliers_server import account_at
from api.supply import OPENERS
from payouts.money import Money
from tests.api.cli.processes import alive_of, run, started

SERVES = r"Mizan serves at (http://\S+)"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the module: its cluster is made once."""
    return tmp_path_factory.mktemp("mizan")


def test_two_migrations_at_once_of_an_empty_database_agree(data_dir: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: run(data_dir, "migrate"), range(2)))

    assert [(one.returncode, one.stderr) for one in done] == [(0, ""), (0, "")]
    assert all(one.stdout.startswith(f"schema {expected_version()} ") for one in done)
    assert alive_of(data_dir) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_serve_answers_and_leaves_nothing_running(data_dir: Path, number: signal.Signals) -> None:
    with started(data_dir, "serve", "--port", "0") as server:
        url = server.wait_for(SERVES)[1]
        ready = httpx2.get(f"{url}/readyz", timeout=10)
        answer = httpx2.post(f"{url}/graphql", json={"query": "{ __typename }"}, timeout=10)
        page = httpx2.get(f"{url}/console", timeout=10)
        message = httpx2.post(f"{url}/webhooks/suppliers/tango", content=b"{}", timeout=10)
        metadata = httpx2.get(f"{url}/.well-known/oauth-authorization-server", timeout=10)
        running = alive_of(data_dir)
        code = server.stop(number)

    assert (page.status_code, page.text.count("<script ")) == (200, 1)
    assert message.status_code == 401
    assert ready.status_code == 200
    assert ready.json()["workerAgeSeconds"] < 10
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert metadata.json()["issuer"] == url
    assert any("postgres" in command for command in running)
    assert any("doubles stripe" in command for command in running)
    assert code == 0
    assert alive_of(data_dir) == []


def test_a_worker_shares_database_and_doubles_with_a_server(data_dir: Path) -> None:
    with started(data_dir, "serve", "--port", "0", "--no-worker") as server:
        url = server.wait_for(SERVES)[1]
        alone = httpx2.get(f"{url}/readyz", timeout=10)
        taken = run(data_dir, "serve", "--port", url.rsplit(":", 1)[1])
        with started(data_dir, "worker") as worker:
            worker.wait_for("worker works")
            ready = httpx2.get(f"{url}/readyz", timeout=10).json()
            doubles = [c for c in alive_of(data_dir) if " doubles " in c]
            assert worker.stop() == 0
        still = httpx2.get(f"{url}/readyz", timeout=10)
        assert server.stop() == 0

    assert (alone.status_code, alone.json()["workerAgeSeconds"]) == (200, None)
    # A taken port is a sentence, not a traceback.
    assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
    assert "Cannot listen at 127.0.0.1:" in taken.stderr
    assert ready["workerAgeSeconds"] is not None
    assert len(doubles) == 2
    assert still.status_code == 200
    assert alive_of(data_dir) == []


REPORTING = {"tango": "U700101", "tremendous": "DUNES0000001-SAR", "xoxoday": "52001"}
"""Whose doubles send messages, and what of each is ordered here."""


async def _order(name: str, url: str, key: str) -> None:
    supplier = OPENERS[name](account_at(name, url), Clock().now)
    await supplier.place_order(key, REPORTING[name], Money(5_000, "SAR"), 1)
    await supplier.aclose()


def _sent(url: str, count: int) -> dict[str, int]:
    """What a double counted of its messages, once so many were sent."""
    deadline = time.monotonic() + 10
    while True:
        counts = httpx2.get(f"{url}/_control/counts", timeout=10).json()
        found = {name: one for name, one in counts.items() if name.startswith("webhook")}
        if found.get("webhook", 0) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


# Other servers on this folder had other addresses: the doubles report to the one that runs.
def test_doubles_of_suppliers_report_to_the_server(data_dir: Path) -> None:
    with started(data_dir, "serve", "--port", "0") as server:
        server.wait_for(SERVES)
        base = json.loads((data_dir / "doubles" / "suppliers.json").read_text())["url"]
        for name in REPORTING:
            url = f"{base}/{name}"
            asyncio.run(_order(name, url, "key-1"))
            _sent(url, 1)
            asyncio.run(_order(name, url, "key-2"))
            _sent(url, 2)
        time.sleep(0.5)  # one that is not taken is sent three times, and then never again
        seen = {name: _sent(f"{base}/{name}", 2) for name in REPORTING}
        assert server.stop() == 0

    # Each order was told once, and taken as authentic.
    assert seen == {key: {"webhook": 2} for key in REPORTING}


# A book that says it has sealed what is not there.
_BREAK = (
    "INSERT INTO payouts.book VALUES (77, 77, 'Asia/Riyadh', now())",
    "INSERT INTO payouts.sealer (book_id, network_id, seq) VALUES (77, 77, 3)",
)
_MEND = (
    "DELETE FROM payouts.sealer WHERE book_id = 77",
    "DELETE FROM payouts.book WHERE book_id = 77",
    "DELETE FROM payouts.halt",
)


def _alter(data_dir: Path, statements: tuple[str, ...]) -> None:
    async def all_of_them(url: str) -> None:
        engine = open_direct_engine(url)
        async with engine.begin() as db:
            for statement in statements:
                await db.execute(text(statement))
        await engine.dispose()

    binaries = os.environ.get("MIZAN_PG_BIN")
    with Cluster(data_dir / "postgres", pg_bin=Path(binaries) if binaries else None) as cluster:
        asyncio.run(all_of_them(cluster.url(user="postgres", database=DATABASE_NAME)))


def test_a_worker_finds_broken_books_and_every_server_tells(data_dir: Path) -> None:
    with started(data_dir, "serve", "--port", "0", "--no-worker") as server:
        url = server.wait_for(SERVES)[1]
        assert httpx2.get(f"{url}/readyz", timeout=10).json()["books"] == "ok"
        _alter(data_dir, _BREAK)
        with started(data_dir, "worker") as worker:
            line = worker.wait_for(r".*the books are broken.*")[0]
            assert worker.stop() == 0
        ready = httpx2.get(f"{url}/readyz", timeout=10)
        figures = httpx2.get(f"{url}/metrics", timeout=10).text
        _alter(data_dir, _MEND)
        assert server.stop() == 0

    assert json.loads(line)["network_id"] == 77
    assert (ready.status_code, ready.json()["books"]) == (200, "halted")
    assert ready.json()["halts"] == ["seal_sequence"]
    assert 'mizan_invariant_breaches{invariant="seal_sequence"} 1.0' in figures


def test_a_server_that_crashed_starts_again(data_dir: Path) -> None:
    with started(data_dir, "serve", "--port", "0", MIZAN_CRASH_POINT="worker.round:3") as server:
        server.wait_for(SERVES)
        assert server.process.wait(30) == -signal.SIGKILL
        left = alive_of(data_dir)
        with started(data_dir, "serve", "--port", "0") as again:
            url = again.wait_for(SERVES)[1]
            assert httpx2.get(f"{url}/readyz", timeout=10).status_code == 200
            assert again.stop() == 0

    # PostgreSQL and the doubles outlive a killed server; the next one takes them over.
    assert any("postgres" in command for command in left)
    assert any("doubles stripe" in command for command in left)
    assert alive_of(data_dir) == []


def test_a_crash_point_is_refused_where_money_is_real(data_dir: Path) -> None:
    done = run(data_dir, "worker", MIZAN_CRASH_POINT="worker.round", STRIPE_API_KEY="sk_live_abc")

    assert done.returncode == 2
    assert "refused with a live Stripe key" in done.stderr


def test_run_shows_a_demo_network_whose_credentials_work(data_dir: Path) -> None:
    with started(data_dir, "run", "--port", "0") as first:
        client_id, secret = first.wait_for(r"grocery partner\s+(\S+)\s+(\S+)").groups()
        commands = [
            first.wait_for(f"^({start}.*)$")[1] for start in ("TOKEN=", "curl -s", "curl -s")
        ]
        first.wait_for("Ready after")
        shell = "\n".join(commands)
        pasted = subprocess.run(
            ["bash", "-euc", shell], capture_output=True, text=True, timeout=30, check=True
        )
        answers = [json.loads(line)["data"] for line in pasted.stdout.splitlines()]
        assert first.stop() == 0
    with started(data_dir, "run", "--port", "0") as second:
        again = second.wait_for(r"grocery partner\s+(\S+)\s+(\S+)").groups()
        second.wait_for("Ready after")
        assert second.stop() == 0

    titles = [edge["node"]["title"] for edge in answers[0]["rewards"]["edges"]]
    assert titles[:2] == ["بطاقة بيت القهوة", "شروق الشمس على الكثبان"]
    # 12,000.00 of purchases: 600.00 for the member and a fee of 1 %.
    assert answers[1]["partnerBalance"]["balances"][0] == {
        "currency": "SAR",
        "receivablePending": {"decimal": "0.00"},
        "receivable": {"decimal": "720.00"},
        "payable": {"decimal": "0.00"},
        "net": {"decimal": "-720.00"},
    }
    assert again == (client_id, secret)
    assert (data_dir / "demo.json").stat().st_mode & 0o777 == 0o600
    assert (data_dir / "keys" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_seed_prints_ids_credentials_and_tokens(data_dir: Path) -> None:
    done = run(data_dir, "seed", "--profile", "accept", "--seed", "7", "--json")
    again = run(data_dir, "seed", "--profile", "accept", "--seed", "7", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    first, other = shown["networks"]
    assert [one["role"] for one in first["staff"]] == [
        "platform_operator",
        "operator",
        "finance_maker",
        "finance_checker",
        "finance_checker",
        "auditor",
    ]
    assert (first["currency"], other["currency"]) == ("SAR", "KWD")
    assert first["members"][0]["token"].count(".") == 2
    repeated = json.loads(again.stdout)["networks"]
    assert [one["network_id"] for one in repeated] == [first["network_id"], other["network_id"]]
    assert repeated[0]["staff"] == first["staff"]


def test_bench_world_has_the_sizes_asked_for(data_dir: Path) -> None:
    sizes = ["--rewards", "30", "--partners", "3", "--members", "20", "--purchases", "25"]
    done = run(data_dir, "seed", "--profile", "bench", *sizes)

    assert (done.returncode, done.stderr) == (0, "")
    assert "bench-1: 3 partners, 20 members named" in done.stdout


@pytest.mark.parametrize("name", ["reloadly", "xoxoday"])
def test_suppliers_conform(data_dir: Path, name: str) -> None:
    done = run(data_dir, "suppliers", "conform", name)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{name}: conforms")


def test_help_lists_every_command(data_dir: Path) -> None:
    done = run(data_dir, "--help")

    assert done.returncode == 0
    for command in ("serve", "worker", "run", "migrate", "seed", "check", "schema", "doubles"):
        assert command in done.stdout


@pytest.mark.parametrize("command", [("check",), ("verify",), ("backup", "kept")])
def test_books_that_are_not_there_are_not_called_sound(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    nowhere = tmp_path / "nowhere"
    done = run(nowhere, *command)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{nowhere} holds no database" in done.stderr
    assert not (nowhere / "postgres").exists()


def test_nothing_outlives_the_tests(data_dir: Path) -> None:
    assert alive_of(data_dir) == []
