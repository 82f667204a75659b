"""The embedded server through everything that happens to it: sharing, kills, long paths."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from api.database import server_owner
from api.database.binaries import Binaries, ClusterFailed, find_binaries
from api.database.cluster import Cluster
from api.database.postmaster import locale_options

# A process that holds the server until it is told to let go, or is killed.
HOLDER = """
import sys
from pathlib import Path
from api.database.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), durable=False)
cluster.start()
print(cluster.url(user="postgres"), flush=True)
sys.stdin.readline()
print("stopped" if cluster.stop() else "left running", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for one cluster; whatever a failed test left running in it is stopped."""
    found = tmp_path / "postgres"
    yield found
    leftover = Cluster(found, durable=False)
    if postmaster_id(found) is not None:
        leftover.start()
        leftover.stop()


class Holder:
    """Another process that uses the server of a folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_line(self) -> str:
        return self.process.stdout.readline().strip()

    def let_go(self) -> str:
        answer, _ = self.process.communicate("\n", timeout=60)
        return answer.strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)


def postmaster_id(folder: Path) -> int | None:
    try:
        return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    except FileNotFoundError:
        return None


async def connect(cluster: Cluster, user: str = "postgres") -> asyncpg.Connection:
    return await asyncpg.connect(cluster.url(user=user).replace("+asyncpg", ""))


async def test_first_start_makes_a_private_cluster_that_tells_nothing_to_the_network(
    folder: Path,
) -> None:
    with Cluster(folder, durable=False) as cluster:
        db = await connect(cluster)
        try:
            row = await db.fetchrow(
                """select current_database() as database, current_user as role,
                     current_setting('listen_addresses') as tcp,
                     current_setting('data_checksums') as checksums,
                     current_setting('max_connections') as connections,
                     current_setting('jit') as jit, current_setting('TimeZone') as zone,
                     current_setting('server_encoding') as encoding"""
            )
        finally:
            await db.close()

    assert dict(row) == {
        "database": "mizan",
        "role": "postgres",
        "tcp": "",
        "checksums": "on",
        "connections": "200",
        "jit": "off",
        "zone": "UTC",
        "encoding": "UTF8",
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert postmaster_id(folder) is None


def test_url_before_start_is_refused(folder: Path) -> None:
    with pytest.raises(ClusterFailed, match="before it is started"):
        Cluster(folder).url(user="postgres")
    assert not folder.exists()


def test_the_last_of_several_processes_stops_the_server(folder: Path) -> None:
    holder = Holder(folder)
    url = holder.read_line()
    cluster = Cluster(folder, durable=False)
    cluster.start()
    server = postmaster_id(folder)

    assert cluster.url(user="postgres") == url
    assert cluster.stop() is False
    assert postmaster_id(folder) == server
    assert holder.let_go() == "stopped"
    assert postmaster_id(folder) is None
    assert cluster.stop() is False


def test_two_processes_that_start_at_once_make_one_server(folder: Path) -> None:
    first, second = Holder(folder), Holder(folder)

    assert first.read_line() == second.read_line() != ""
    assert sorted([first.let_go(), second.let_go()]) == ["left running", "stopped"]
    assert postmaster_id(folder) is None


def test_a_killed_process_lets_go_of_the_server(folder: Path) -> None:
    holder = Holder(folder)
    holder.read_line()
    server = postmaster_id(folder)
    holder.kill()

    assert postmaster_id(folder) == server
    cluster = Cluster(folder, durable=False)
    cluster.start()
    assert postmaster_id(folder) == server
    assert cluster.stop() is True
    assert postmaster_id(folder) is None


async def test_a_killed_server_starts_again_with_everything_it_acknowledged(folder: Path) -> None:
    cluster = Cluster(folder, durable=True)
    cluster.start()
    db = await connect(cluster)
    await db.execute("create table kept (number integer)")
    await db.execute("insert into kept select generate_series(1, 1000)")
    os.kill(postmaster_id(folder), signal.SIGKILL)
    db.terminate()

    with Cluster(folder, durable=True) as again:
        db = await connect(again)
        try:
            assert await db.fetchval("select sum(number) from kept") == 500_500
        finally:
            await db.close()
    assert cluster.stop() is True


def test_an_unburied_server_counts_as_dead(folder: Path) -> None:
    with Cluster(folder, durable=False):
        pass
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    trace = folder / "data" / "postmaster.pid"
    trace.write_text(f"{zombie.pid}\n{folder / 'data'}\n1700000000\n5432\n{folder}\n\n")
    trace.chmod(0o600)

    with Cluster(folder, durable=False):
        assert postmaster_id(folder) not in (None, zombie.pid)
    zombie.wait()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one_that_is_remembered(
    tmp_path: Path,
) -> None:
    folder = tmp_path / ("long" * 15) / ("longer" * 10)
    first, second = Cluster(folder, durable=False), Cluster(folder, durable=False)
    first.start()
    second.start()
    short = Path((folder / "socket").read_text())

    assert first.url(user="a") == f"postgresql+asyncpg://a@/mizan?host={short}&port=5432"
    assert second.url(user="a") == first.url(user="a")
    assert short.stat().st_mode & 0o777 == 0o700
    assert first.stop() is False
    assert second.stop() is True
    assert not short.exists()


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    unfinished = folder / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with Cluster(folder, durable=False):
        assert not unfinished.exists()
        assert (folder / "data" / "PG_VERSION").exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with Cluster(folder, durable=False):
        pass
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")

    with pytest.raises(ClusterFailed, match="no_such_setting"):
        Cluster(folder, durable=False).start()
    assert postmaster_id(folder) is None


def test_data_of_another_major_version_are_refused_untouched(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("14\n")

    with pytest.raises(ClusterFailed, match="made by PostgreSQL 14"):
        Cluster(folder, durable=False).start()
    assert [path.name for path in (folder / "data").iterdir()] == ["PG_VERSION"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
async def test_root_without_user_namespaces_runs_the_server_as_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_owner, "namespace_prefix", lambda: ())
    with tempfile.TemporaryDirectory(dir="/tmp") as parent:
        Path(parent).chmod(0o755)
        folder = Path(parent) / "postgres"
        with Cluster(folder, durable=False) as cluster:
            server = postmaster_id(folder)
            assert Path(f"/proc/{server}").stat().st_uid == folder.stat().st_uid != 0
            db = await connect(cluster)
            await db.close()
        assert postmaster_id(folder) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_is_told_when_nobody_cannot_come_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_owner, "namespace_prefix", lambda: ())
    folder.parent.chmod(0o700)

    with pytest.raises(ClusterFailed, match="MIZAN_DATA_DIR"):
        Cluster(folder, durable=False).start()
    assert not (folder / "data").exists()


def test_a_wrong_choice_of_binaries_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIZAN_PG_BIN", str(tmp_path))
    with pytest.raises(ClusterFailed, match="MIZAN_PG_BIN"):
        find_binaries()


def test_the_chosen_binaries_come_before_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("initdb", "pg_ctl", "pg_isready", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.3'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("MIZAN_PG_BIN", str(tmp_path))

    assert find_binaries() == Binaries(tmp_path.resolve())
    with pytest.raises(ClusterFailed, match="15 is the oldest"):
        find_binaries().major()


@pytest.mark.parametrize(("major", "provider"), [(15, "libc"), (16, "libc"), (17, "builtin")])
def test_text_orders_by_code_point_on_every_version(major: int, provider: str) -> None:
    first = locale_options(major)[0]
    assert first[0] == f"--locale-provider={provider}"
    assert first[-1] == "--locale=C.UTF-8"
