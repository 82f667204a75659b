"""`mizan backup` and `mizan restore`."""

import argparse
import shutil
from pathlib import Path

from api.anchors import FILE as ANCHORS_FILE
from api.backup import (
    KINDS,
    BackupFailed,
    Manifest,
    make_base,
    make_dump,
    note_anchors,
    read_manifest,
    restore_base,
    restore_dump,
)
from api.backup.draft import copy_keys, require_empty
from api.backup.manifest import Position
from api.backup.note_anchors import copy_anchors
from api.cli.progress import told_progress
from api.cli.running import run_until_told
from api.cli.runtime import reachable_database, read_settings, require_database
from api.clock import Clock
from api.database.cluster import Cluster
from api.database.engine import APPLICATION_ROLE, normalise_url
from api.database.wal_folder import find_wal_folder, name_wal_folder
from api.settings import Settings

KEYS = "keys"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan backup` and `mizan restore`."""
    backup = commands.add_parser("backup", help="keep everything: " + KINDS["dump"])
    backup.add_argument("dir", type=Path, metavar="DIR", help="a folder that is not there yet")
    backup.add_argument(
        "--base", action="store_true", help="of the embedded server: " + KINDS["base"]
    )
    backup.add_argument(
        "--wal", type=Path, metavar="DIR", help="with --base: keep the WAL there from now on"
    )
    backup.add_argument("--keys", type=Path, metavar="DIR", help="copy the keys there, apart")
    backup.set_defaults(run=lambda arguments: run_until_told(lambda _: _backup(arguments)))
    restore = commands.add_parser("restore", help="bring a backup back into an empty place")
    restore.add_argument("dir", type=Path, metavar="DIR", help="the backup")
    place = restore.add_mutually_exclusive_group(required=True)
    place.add_argument("--data-dir", type=Path, metavar="NEW", help="a new data folder")
    place.add_argument(
        "--url",
        nargs="?",
        const="",
        help="an empty database, for a dump; without a value MIZAN_MIGRATOR_URL or DATABASE_URL",
    )
    restore.add_argument("--wal", type=Path, metavar="DIR", help="of a base: the WAL to replay")
    restore.add_argument("--keys", type=Path, metavar="DIR", help="the keys that were kept apart")
    restore.add_argument(
        "--anchors", type=Path, metavar="FILE", help="the newest anchors that are left, if later"
    )
    restore.set_defaults(run=lambda arguments: run_until_told(lambda _: _restore(arguments)))


async def _backup(arguments: argparse.Namespace) -> int:
    settings, folder = read_settings(), arguments.dir.absolute()
    cluster_folder = settings.data_dir / "postgres"
    require_empty(folder)
    _require_sense(arguments, settings)
    require_database(settings)
    if arguments.wal is not None:
        name_wal_folder(cluster_folder, arguments.wal)
    now, anchors = Clock(settings.clock_file).now(), settings.data_dir / ANCHORS_FILE
    with told_progress("backing up") as heard:
        async with reachable_database(settings) as found:
            if arguments.base:
                manifest = await make_base(
                    found.migrator,
                    folder,
                    cluster_folder=cluster_folder,
                    anchors=anchors,
                    now=now,
                    pg_bin=settings.pg_bin,
                    heard=heard,
                )
            else:
                manifest = await make_dump(
                    found.migrator,
                    folder,
                    anchors=anchors,
                    now=now,
                    pg_bin=settings.pg_bin,
                    heard=heard,
                )
    _tell(manifest, folder)
    if arguments.base:
        wal = find_wal_folder(cluster_folder)
        print(
            f"The WAL since then is kept in {wal}: keep that folder as well."
            if wal
            else "No WAL folder is kept, so what is committed from now on is lost with the data"
            " folder; `--wal DIR` keeps one."
        )
    _keep_keys(settings, folder, arguments.keys)
    return 0


def _require_sense(arguments: argparse.Namespace, settings: Settings) -> None:
    if arguments.base and settings.database_url is not None:
        raise BackupFailed(
            "--base is for the embedded server; of any other one this command makes a dump, and"
            " whoever runs it makes base backups with its own tools."
        )
    if arguments.wal is not None and not arguments.base:
        raise BackupFailed("--wal goes with --base.")


def _tell(manifest: Manifest, folder: Path) -> None:
    journals = sum(one.journals for one in manifest.positions)
    print(
        f"{manifest.kind} of {manifest.made_at.isoformat()} in {folder}: schema {manifest.schema},"
        f" {len(manifest.positions)} books, {journals} journals, {len(manifest.files)} files of"
        f" {manifest.size} bytes"
    )
    print(f"It gives back {KINDS[manifest.kind]}.")


def _keep_keys(settings: Settings, folder: Path, target: Path | None) -> None:
    if target is None:
        print(
            "Keys are not in it: without them codes of gift cards cannot be opened and tokens end."
            " `--keys DIR` copies them to a place of their own."
        )
        return
    count = copy_keys(settings.data_dir / KEYS, target.absolute(), apart_from=folder)
    print(f"{count} files of keys copied to {target}. Keep them apart from the backup.")


async def _restore(arguments: argparse.Namespace) -> int:
    settings, folder = read_settings(), arguments.dir.absolute()
    if arguments.data_dir is not None:
        require_empty(arguments.data_dir.absolute())
    with told_progress("reading the backup"):
        manifest = read_manifest(folder)
    if arguments.wal is not None and manifest.kind != "base":
        raise BackupFailed("This is a dump, onto which no WAL can be replayed.")
    if arguments.data_dir is None and (arguments.keys or arguments.anchors):
        raise BackupFailed("--keys and --anchors go into a data folder: give --data-dir.")
    if arguments.data_dir is None:
        positions = await _restore_to_url(arguments.url, settings, folder, manifest)
    else:
        positions = await _restore_to_folder(arguments, settings, folder, manifest)
    before = sum(one.journals for one in manifest.positions)
    journals = sum(one.journals for one in positions)
    print(
        f"Restored the {manifest.kind} of {manifest.made_at.isoformat()}: {len(positions)} books,"
        f" {journals} journals, {journals - before} of them from after it began."
    )
    if manifest.kind == "base" and arguments.wal is None:
        print("No WAL folder was replayed: what was committed after the copy is not in it.")
    where = (
        f"MIZAN_DATA_DIR={arguments.data_dir.absolute()}" if arguments.data_dir else "its address"
    )
    print(f"Now run `mizan check` and `mizan verify` with {where}, before anything else.")
    return 0


async def _restore_to_url(
    url: str, settings: Settings, folder: Path, manifest: Manifest
) -> tuple[Position, ...]:
    if manifest.kind != "dump":
        raise BackupFailed("A base is restored to a new data folder: give --data-dir.")
    found = url or settings.migrator_url or settings.database_url
    if not found:
        raise BackupFailed("--url needs an address, its own or MIZAN_MIGRATOR_URL.")
    has_own_logins = settings.migrator_url is not None
    with told_progress("restoring") as heard:
        return await restore_dump(
            normalise_url(found),
            folder,
            manifest,
            login=has_own_logins,
            pg_bin=settings.pg_bin,
            heard=heard,
        )


async def _restore_to_folder(
    arguments: argparse.Namespace, settings: Settings, folder: Path, manifest: Manifest
) -> tuple[Position, ...]:
    data_dir = arguments.data_dir.absolute()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        if arguments.keys is not None:
            copy_keys(arguments.keys.absolute(), data_dir / KEYS, apart_from=folder)
        else:
            print(f"Keys were not restored: copy them to {data_dir / KEYS} before the first start.")
        anchors = arguments.anchors or folder / ANCHORS_FILE
        copy_anchors(anchors, data_dir / ANCHORS_FILE)
        positions = await _restore_server(arguments, settings, folder, manifest)
        await _note_anchors(settings, data_dir, manifest)
        return positions
    except BaseException:
        # It was empty before; half a restoration is nothing to go on with.
        shutil.rmtree(data_dir, ignore_errors=True)
        raise


async def _restore_server(
    arguments: argparse.Namespace, settings: Settings, folder: Path, manifest: Manifest
) -> tuple[Position, ...]:
    cluster_folder, wal = arguments.data_dir.absolute() / "postgres", arguments.wal
    with told_progress("restoring") as heard:
        if manifest.kind == "base":
            return await restore_base(
                folder, manifest, cluster_folder, wal=wal, pg_bin=settings.pg_bin
            )
        with Cluster(cluster_folder, pg_bin=settings.pg_bin) as cluster:
            return await restore_dump(
                cluster.url(user="postgres"),
                folder,
                manifest,
                login=True,
                pg_bin=settings.pg_bin,
                heard=heard,
            )


async def _note_anchors(settings: Settings, data_dir: Path, manifest: Manifest) -> None:
    if not (data_dir / ANCHORS_FILE).exists():
        return
    with Cluster(data_dir / "postgres", pg_bin=settings.pg_bin) as cluster:
        count = await note_anchors(
            cluster.url(user=APPLICATION_ROLE),
            data_dir,
            reason=f"restored from the {manifest.kind} of {manifest.made_at.isoformat()}",
            now=Clock(settings.clock_file).now(),
        )
    if count:
        print(f"The anchors say of {count} books that they came back to an earlier block.")
