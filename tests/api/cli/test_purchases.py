"""`mizan purchases import` comes back after any death, and books nothing twice."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli import purchases
from api.cli.purchases import Import, import_purchases, partner_named
from api.database.cluster import Cluster
from api.database.transaction import Database
from api.graphql.nodes import id_of
from tests.api.cli.processes import run
from tests.conftest import NOW
from tests.graphql_client import TestClock
from tests.journeys.invariants import broken_promises
from tests.partners.intakes.test_intakes import HEADER, sale
from tests.partners.purchases.world import Till, open_till

LINES = 5_000  # three chunks of 2,000


def write_file(folder: Path) -> Path:
    path = folder / "march.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(LINES)))
    return path


async def counted(superuser: AsyncConnection) -> tuple[int, ...]:
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.purchase), (SELECT count(*) FROM payouts.journal),"
            " (SELECT count(*) FROM partners.intake_chunk),"
            " (SELECT coalesce(sum(recorded), 0)::int FROM partners.intake_chunk),"
            " (SELECT coalesce(sum(replayed), 0)::int FROM partners.intake_chunk)"
        )
    )
    return tuple(row.one())


async def test_an_import_killed_in_the_middle_goes_on_where_it_was(
    database: Database,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    tmp_path: Path,
) -> None:
    till = await open_till(database)
    path = write_file(tmp_path)
    environment = {
        "DATABASE_URL": cluster.url(user="mizan_app", database=database_name),
        "MIZAN_MIGRATOR_URL": cluster.url(user="postgres", database=database_name),
    }
    (tmp_path / "clock").write_text(NOW.isoformat())
    command = ["purchases", "import", "--partner", str(till.partner_id), str(path)]

    def command_run(**more: str):
        clock = {"MIZAN_CLOCK_FILE": str(tmp_path / "clock")}
        return run(tmp_path / "data", *command, **environment, **clock, **more)

    killed = await asyncio.to_thread(command_run, MIZAN_CRASH_POINT="purchases.chunk_taken")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    booked, journals, chunks, *_ = await counted(superuser)
    assert 2_000 <= booked < LINES
    assert (journals, chunks) == (booked, -(-booked // 2_000))

    done = await asyncio.to_thread(command_run)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"lines {LINES}, recorded {LINES}, replayed 0, refused 0\n"
    assert await counted(superuser) == (LINES, LINES, 3, LINES, 0)
    assert await till.wallet() == (0, LINES * 500, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


def job(till: Till, path: Path) -> Import:
    return Import(till.database, TestClock(NOW), till.network_id, till.partner_id, path, 10)


async def test_an_import_told_to_stop_ends_its_chunks_and_can_go_on(
    database: Database,
    superuser: AsyncConnection,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = await open_till(database)
    path = tmp_path / "short.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(40)))
    stop = asyncio.Event()
    monkeypatch.setattr(purchases, "crash_here", lambda _: stop.set())

    assert await import_purchases(job(till, path), stop=stop) == 130
    told = capsys.readouterr().out
    booked, *_ = await counted(superuser)
    assert 10 <= booked <= 30
    assert told == f"lines so far, recorded {booked}, replayed 0, refused 0\n"

    assert await import_purchases(job(till, path)) == 0
    assert (await counted(superuser))[:2] == (40, 40)


async def test_two_imports_of_one_file_at_once_book_it_once(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    till = await open_till(database)
    path = tmp_path / "short.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(60)))
    codes = await asyncio.gather(*(import_purchases(job(till, path)) for _ in range(2)))
    assert codes == [0, 0]
    assert await counted(superuser) == (60, 60, 6, 60, 0)


async def test_a_file_put_in_the_place_of_another_does_not_pass_for_it(
    database: Database,
    superuser: AsyncConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = await open_till(database)
    path, other = tmp_path / "short.csv", tmp_path / "other.csv"
    text_of_first = HEADER + "".join(sale(n) for n in range(20))
    path.write_text(text_of_first)
    other.write_text(HEADER + "".join(sale(n) for n in range(100, 115)))
    opening = purchases.open_intake

    async def replace_meanwhile(*given: Any, **named: Any) -> Any:
        other.replace(path)
        return await opening(*given, **named)

    monkeypatch.setattr(purchases, "open_intake", replace_meanwhile)
    assert await import_purchases(job(till, path)) == 0
    monkeypatch.undo()
    assert (await counted(superuser))[:4] == (20, 20, 2, 20)
    assert await import_purchases(job(till, path)) == 0
    path.write_text(text_of_first)
    assert await import_purchases(job(till, path)) == 0
    assert (await counted(superuser))[:4] == (35, 35, 4, 35)


async def test_a_file_written_over_while_it_is_read_is_not_said_to_be_done(
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = await open_till(database)
    path = tmp_path / "short.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(20)))
    opening = purchases.open_intake

    async def write_meanwhile(*given: Any, **named: Any) -> Any:
        path.write_text(HEADER + "".join(sale(n) for n in range(100, 120)))
        return await opening(*given, **named)

    monkeypatch.setattr(purchases, "open_intake", write_meanwhile)
    assert await import_purchases(job(till, path)) == 2
    assert "was changed while it was read" in capsys.readouterr().err


def test_a_partner_is_named_by_either_of_its_ids() -> None:
    key = "018f0000-0000-7000-8000-0000000000aa"
    found = partner_named(key, 7)
    assert found is not None
    assert partner_named(id_of("Partner", 7, found), 7) == found
    assert partner_named(id_of("Partner", 8, found), 7) is None
    assert partner_named(id_of("Member", 7, found), 7) is None
    assert partner_named("bakery", 7) is None
