"""Backups of a database: what comes back, and what is refused with nothing touched."""

import json
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.backup import (
    BackupDamaged,
    BackupFailed,
    Manifest,
    PlaceNotEmpty,
    make_base,
    make_dump,
    read_manifest,
    restore_dump,
)
from api.backup.draft import copy_keys, drafted
from api.backup.manifest import Position
from api.backup.programs import connection_of
from api.database.binaries import ClusterFailed
from api.database.cluster import Cluster
from api.database.server_owner import ServerOwner
from api.database.version import expected_version
from api.database.wal_folder import find_wal_folder, move_live_wal, name_wal_folder, wal_settings
from tests.conftest import NOW

WALLS = """
    SELECT c.relname, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
      coalesce(c.relacl, acldefault('r', c.relowner))::text,
      (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('api', 'payouts', 'partners', 'catalog', 'audit') AND c.relkind IN ('r', 'p', 'v')
    ORDER BY n.nspname, c.relname
    """
FUNCTIONS = """
    SELECT p.proname, pg_get_userbyid(p.proowner), p.prosecdef, p.proacl::text, p.proconfig::text
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('api', 'payouts', 'partners', 'catalog', 'audit') ORDER BY 1
    """


@pytest.fixture
async def empty(cluster: Cluster) -> AsyncIterator[str]:
    """The address of a database with nothing in it."""
    name = f"test_{secrets.token_hex(6)}"
    engine = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}"'))
    yield cluster.url(user="postgres", database=name)
    async with engine.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await engine.dispose()


@pytest.fixture
def full(cluster: Cluster, database_name: str) -> str:
    return cluster.url(user="postgres", database=database_name)


@pytest.fixture
async def dump(full: str, tmp_path: Path) -> tuple[Path, Manifest]:
    anchors = tmp_path / "anchors.jsonl"
    anchors.write_text("{}\n")
    folder = tmp_path / "dump"
    return folder, await make_dump(full, folder, anchors=anchors, now=NOW)


async def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as db:
        rows = [tuple(row) for row in await db.execute(text(statement))]
    await engine.dispose()
    return rows


async def test_a_dump_brings_back_every_posting_behind_the_same_walls(
    full: str, empty: str, tmp_path: Path, superuser: AsyncConnection
) -> None:
    await superuser.execute(
        text(
            "INSERT INTO payouts.book (book_id, network_id, zone, created_at)"
            " VALUES (7, 7, 'Asia/Riyadh', '2026-01-01Z')"
        )
    )
    folder = tmp_path / "dump"
    manifest = await make_dump(full, folder, anchors=tmp_path / "none", now=NOW)
    await superuser.execute(
        text(
            "INSERT INTO payouts.book (book_id, network_id, zone, created_at)"
            " VALUES (8, 8, 'Asia/Riyadh', '2026-01-01Z')"
        )
    )
    positions = await restore_dump(empty, folder, read_manifest(folder), login=True)

    assert manifest.schema == expected_version()
    assert positions == manifest.positions == (Position(7, 0, 0, 0),)
    assert await ask(empty, "SELECT book_id FROM payouts.book") == [(7,)]
    assert await ask(empty, WALLS) == await ask(full, WALLS)
    assert await ask(empty, FUNCTIONS) == await ask(full, FUNCTIONS)
    assert sorted(path.name for path in folder.iterdir()) == ["database.dump", "manifest.json"]
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_manifest_tells_what_is_in_the_backup(dump: tuple[Path, Manifest]) -> None:
    folder, manifest = dump
    told = json.loads((folder / "manifest.json").read_text())

    assert [one.path for one in manifest.files] == ["anchors.jsonl", "database.dump"]
    assert read_manifest(folder) == manifest
    assert told["kind"] == "dump"
    assert told["made_at"] == NOW.isoformat()
    assert told["gives"].startswith("everything committed when the dump began")


@pytest.mark.parametrize("damage", ["changed", "longer", "missing", "added", "unfinished", "torn"])
async def test_a_damaged_or_incomplete_backup_is_refused(
    dump: tuple[Path, Manifest], damage: str
) -> None:
    folder, _ = dump
    path = folder / "database.dump"
    if damage == "changed":
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    elif damage == "longer":
        path.write_bytes(path.read_bytes() + b"x")
    elif damage == "missing":
        path.unlink()
    elif damage == "added":
        (folder / "more").touch()
    elif damage == "unfinished":
        (folder / "manifest.json").unlink()
    else:
        manifest = folder / "manifest.json"
        manifest.write_text(manifest.read_text()[:-9])
    with pytest.raises(BackupDamaged):
        read_manifest(folder)


async def test_a_database_that_holds_something_is_refused_untouched(
    dump: tuple[Path, Manifest], full: str
) -> None:
    folder, manifest = dump
    before = await ask(full, WALLS)
    with pytest.raises(PlaceNotEmpty, match="idempotency_key"):
        await restore_dump(full, folder, manifest, login=True)
    assert await ask(full, WALLS) == before


async def test_a_backup_of_newer_code_is_refused_untouched(
    dump: tuple[Path, Manifest], empty: str
) -> None:
    folder, manifest = dump
    newer = Manifest("dump", NOW, "9999", manifest.postgres, manifest.system, ())
    with pytest.raises(BackupFailed, match="9999"):
        await restore_dump(empty, folder, newer, login=True)
    assert await ask(empty, WALLS) == []


async def test_rows_other_than_the_manifest_tells_are_noticed(
    dump: tuple[Path, Manifest], empty: str
) -> None:
    folder, manifest = dump
    other = Manifest(
        "dump", NOW, manifest.schema, manifest.postgres, manifest.system, (Position(3, 1, 1, 2),)
    )
    with pytest.raises(BackupDamaged, match="Book 3"):
        await restore_dump(empty, folder, other, login=True)


async def test_a_folder_that_holds_something_is_refused_untouched(
    full: str, tmp_path: Path
) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(PlaceNotEmpty):
        await make_dump(full, tmp_path, anchors=tmp_path / "none", now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


async def test_a_backup_that_fails_leaves_nothing_behind(empty: str, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="never migrated"):
        await make_dump(empty, tmp_path / "dump", anchors=tmp_path / "none", now=NOW)
    assert list(tmp_path.iterdir()) == []
    half = drafted(tmp_path / "dump")
    (half.__enter__() / "half").touch()
    failure = ValueError("midway")
    assert not half.__exit__(ValueError, failure, None)
    assert list(tmp_path.iterdir()) == []


async def test_a_base_is_refused_while_the_named_wal_folder_is_not_in_use(
    cluster: Cluster, full: str, tmp_path: Path
) -> None:
    name_wal_folder(tmp_path / "postgres", tmp_path / "wal")
    with pytest.raises(BackupFailed, match="next start"):
        await make_base(
            full,
            tmp_path / "base",
            cluster_folder=tmp_path / "postgres",
            anchors=tmp_path / "none",
            now=NOW,
        )
    assert not (tmp_path / "base").exists()


def test_keys_are_never_kept_inside_the_backup(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "issuer.json").write_text("{}")
    (keys / "issuer.lock").touch()
    backup = tmp_path / "backup"
    for target in (backup, backup / "keys"):
        with pytest.raises(PlaceNotEmpty, match="apart"):
            copy_keys(keys, target, apart_from=backup)
    assert copy_keys(keys, tmp_path / "safe", apart_from=backup) == 1
    assert [path.name for path in (tmp_path / "safe").iterdir()] == ["issuer.json"]
    assert (tmp_path / "safe").stat().st_mode & 0o777 == 0o700
    with pytest.raises(PlaceNotEmpty):
        copy_keys(keys, tmp_path / "safe", apart_from=backup)


def test_a_wal_folder_begins_empty_and_is_never_exchanged(tmp_path: Path) -> None:
    folder, foreign = tmp_path / "postgres", tmp_path / "foreign"
    (foreign / "live").mkdir(parents=True)
    with pytest.raises(ClusterFailed, match="not empty"):
        name_wal_folder(folder, foreign)
    assert wal_settings(folder) == {}
    assert find_wal_folder(folder) is None

    name_wal_folder(folder, tmp_path / "100% wal")
    name_wal_folder(folder, tmp_path / "100% wal")
    with pytest.raises(ClusterFailed, match="already"):
        name_wal_folder(folder, tmp_path / "other")
    command = wal_settings(folder)["archive_command"]
    assert command.endswith("100%% wal/archive' %p %f")


@pytest.mark.parametrize("cut", ["never", "copied", "moved", "linked"])
def test_moving_the_live_wal_may_be_cut_short_anywhere(tmp_path: Path, cut: str) -> None:
    folder, wal = tmp_path / "postgres", tmp_path / "wal"
    data, owner = folder / "data", ServerOwner()
    (data / "pg_wal").mkdir(parents=True)
    (data / "pg_wal" / "segment").write_text("changes")
    name_wal_folder(folder, wal)
    if cut != "never":
        shutil.copytree(data / "pg_wal", wal / "live")
    if cut in ("moved", "linked"):
        (data / "pg_wal").rename(data / "pg_wal.moved")
    if cut == "linked":
        (data / "pg_wal").symlink_to(wal / "live")
    for _ in range(2):
        move_live_wal(folder, data, owner)
        assert (data / "pg_wal").readlink() == wal / "live"
        assert (data / "pg_wal" / "segment").read_text() == "changes"


def test_a_password_is_told_to_programs_out_of_sight() -> None:
    told = connection_of("postgresql+asyncpg://me:p%40ss@db.example:5433/books?ssl=require")
    assert told == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "books",
        "PGSSLMODE": "require",
    }
    assert connection_of("postgresql+asyncpg://postgres@/mizan?host=/run/x&port=5432") == {
        "PGHOST": "/run/x",
        "PGPORT": "5432",
        "PGUSER": "postgres",
        "PGDATABASE": "mizan",
    }
