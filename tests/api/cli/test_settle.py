"""`mizan settle watch` shows a cycle coming on and ends with what became of it."""

import asyncio
import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from rich.console import Console

from api.cli.settle import cycle_named, watch_cycle
from api.database.cluster import Cluster
from api.graphql.nodes import GlobalId
from tests.api.cli.processes import Started, run, started
from tests.api.graphql.payouts.following import polls
from tests.api.graphql.payouts.test_settlement import closed
from tests.api.graphql.payouts.test_settlement_progress import approve, fund
from tests.api.graphql.payouts.world import Settling

REVIEW = (
    "in_review; statements 0 of 2; payouts 0 of 1; collections 0 of 1;"
    " paid 0.00 of 80.00 SAR; collected 0.00 of 50.00 SAR"
)
SETTLED = (
    "settled; statements 2 of 2; payouts 1 of 1; collections 1 of 1;"
    " paid 80.00 of 80.00 SAR; collected 50.00 of 50.00 SAR"
)


def environment(settling: Settling, cluster: Cluster, name: str) -> dict[str, str]:
    return {
        "DATABASE_URL": cluster.url(user="mizan_app", database=name),
        "MIZAN_MIGRATOR_URL": cluster.url(user="postgres", database=name),
        "MIZAN_CLOCK_FILE": str(settling.door.clock_file),
    }


def key_of(cycle: dict[str, Any]) -> UUID:
    found = GlobalId.parse(cycle["id"])
    assert found is not None
    return found.id


async def ready(settling: Settling) -> None:
    await settling.onboard(settling.as_partner(settling.cafe))
    await settling.onboard(settling.as_partner(settling.shop))
    await fund(settling)


async def test_a_process_tells_each_change_and_ends_when_the_cycle_is_settled(
    settling: Settling, cluster: Cluster, database_name: str, tmp_path: Path
) -> None:
    cycle = await closed(settling)
    given = environment(settling, cluster, database_name)

    def until(one: Started, pattern: str) -> str:
        return one.wait_for(pattern).string

    with started(tmp_path / "data", "settle", "watch", "1", **given) as one:
        assert await asyncio.to_thread(until, one, "in_review") == REVIEW
        await approve(settling, cycle["id"])
        executing = REVIEW.replace("in_review", "executing")
        assert await asyncio.to_thread(until, one, "executing") == executing
        await settling.work()
        since = "since 2026-03-15 09:00 UTC"
        assert await asyncio.to_thread(until, one, "executing") == (
            f"{executing}; 1 collection of 50.00 SAR: payment_method_needed, {since};"
            f" 1 payout of 80.00 SAR: identity_needed, {since}"
        )
        await ready(settling)
        await settling.work(rounds=4)
        assert await asyncio.to_thread(until, one, "^settled") == SETTLED
        assert await asyncio.to_thread(one.process.wait, 30) == 0

    again = await asyncio.to_thread(run, tmp_path / "data", "settle", "watch", cycle["id"], **given)
    assert (again.returncode, again.stdout, again.stderr) == (0, f"{SETTLED}\n", "")


async def test_it_ends_with_one_when_nothing_moves_and_not_all_arrived(
    settling: Settling, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await closed(settling)
    await ready(settling)
    accounts = (await settling.double.state())["accounts"]
    for account in accounts:
        await settling.double.control("restrict", account=account["id"])
    ordered = settling.clock.now()
    await approve(settling, cycle["id"])
    await settling.work(rounds=2)
    code = await watch_cycle(
        settling.door.database, settling.network_id, key_of(cycle), stop=asyncio.Event()
    )
    (last,) = capsys.readouterr().out.splitlines()
    assert (code, last) == (
        1,
        "partially_settled; statements 1 of 2; payouts 0 of 1; collections 1 of 1;"
        " paid 0.00 of 80.00 SAR; collected 50.00 of 50.00 SAR;"
        f" 1 payout of 80.00 SAR: refused_by_provider, since {ordered:%Y-%m-%d %H:%M} UTC",
    )


async def test_what_is_no_cycle_of_the_network_is_said_to_be_none(
    settling: Settling,
    cluster: Cluster,
    database_name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = environment(settling, cluster, database_name)
    done = await asyncio.to_thread(run, tmp_path / "data", "settle", "watch", "1", **given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "'1' is no settlement cycle of souq.\n"

    database, network_id = settling.door.database, settling.network_id
    stop = asyncio.Event()
    assert await watch_cycle(database, network_id, uuid4(), stop=stop) == 2
    assert capsys.readouterr().err == "There is no such settlement cycle.\n"


async def test_a_cycle_is_named_by_its_number_or_its_id(settling: Settling) -> None:
    cycle = await closed(settling)
    database, network_id, key = settling.door.database, settling.network_id, key_of(cycle)
    for text in ("1", cycle["id"], str(key)):
        assert await cycle_named(database, network_id, text) == key
    foreign = str(GlobalId("SettlementCycle", network_id + 1, key))
    other_type = settling.id("Partner", key)
    for text in ("2", "9" * 30, foreign, other_type, "", "x", "١"):
        assert await cycle_named(database, network_id, text) is None


def watching(settling: Settling, key: UUID, screen: io.StringIO, stop: asyncio.Event) -> Any:
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    database, network_id = settling.door.database, settling.network_id
    watch = watch_cycle(database, network_id, key, stop=stop, console=console)
    return asyncio.ensure_future(watch)


def drawn(screen: io.StringIO) -> list[str]:
    """The lines of all frames, without what moves the cursor and without the time elapsed."""
    plain = re.sub(r"\x1b\[[0-9?]*[A-Za-z]", "", screen.getvalue().replace("\r", "\n"))
    lines = [re.sub(r"\s*\d:\d\d:\d\d$", "", line) for line in plain.splitlines()]
    return [line for line in lines if line]


async def test_a_terminal_shows_bars(settling: Settling) -> None:
    key = key_of(cycle := await closed(settling))
    await approve(settling, cycle["id"])
    screen = io.StringIO()
    watch = watching(settling, key, screen, asyncio.Event())
    await settling.work()
    async with asyncio.timeout(5):
        while "identity_needed" not in screen.getvalue():
            await asyncio.sleep(0.02)
    await ready(settling)
    await settling.work(rounds=4)
    assert await asyncio.wait_for(watch, 5) == 0
    bar = "━" * 40
    assert drawn(screen)[-5:] == [
        f"statements  {bar} 2 of 2",
        f"payouts     {bar} 1 of 1",
        f"collections {bar} 1 of 1",
        f"paid        {bar} 80.00 of 80.00 SAR",
        f"collected   {bar} 50.00 of 50.00 SAR",
    ]
    assert f"paid        {' ' * 40} 0.00 of 80.00 SAR" in drawn(screen)
    assert drawn(screen).count("settled") == 1


async def test_told_to_stop_it_ends_and_leaves_nothing(settling: Settling) -> None:
    key = key_of(await closed(settling))
    stop, screen = asyncio.Event(), io.StringIO()
    watch = watching(settling, key, screen, stop)
    async with asyncio.timeout(5):
        while "in_review" not in screen.getvalue():
            await asyncio.sleep(0.02)
    assert len(polls()) == 1
    stop.set()
    assert await asyncio.wait_for(watch, 2) == 130
    assert polls() == []
