"""What a backup says of itself: the last file written into it and the first one read."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.backup.errors import BackupDamaged

FORMAT = 1
NAME = "manifest.json"
KINDS = {
    "dump": "everything committed when the dump began; whatever was committed later is not in it",
    "base": "everything committed when the copy ended; with the WAL folder that was kept since,"
    " everything that was ever acknowledged",
}
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Position:
    """How far a book had come."""

    book_id: int
    last_seq: int
    journals: int
    postings: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a backup."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; `positions` are exact for a dump and the least there is for a base."""

    kind: str
    made_at: datetime
    schema: str
    postgres: str
    system: str
    positions: tuple[Position, ...]
    files: tuple[StoredFile, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes the files have together."""
        return sum(one.size for one in self.files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest over every file of the folder, and flush it to the disk."""
    document = {
        "format": FORMAT,
        "mizan": version("mizan"),
        "gives": KINDS[manifest.kind],
        **asdict(manifest),
        "made_at": manifest.made_at.isoformat(),
    }
    with (folder / NAME).open("x") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Read a backup's manifest and compare every file with it.

    Raises BackupDamaged naming the first file that is missing, altered or not of the backup.
    """
    manifest = _parse(folder / NAME)
    named = {one.path for one in manifest.files}
    for one in manifest.files:
        path = folder / one.path
        if not path.is_file():
            raise BackupDamaged(f"The backup is not complete: {one.path} is missing.")
        if path.stat().st_size != one.size or digest_of(path) != one.sha256:
            raise BackupDamaged(f"The backup is damaged: {one.path} is not what was written.")
    for path in walk(folder):
        name = path.relative_to(folder).as_posix()
        if name not in named and name != NAME:
            raise BackupDamaged(f"The backup holds {name}, which was not written with it.")
    return manifest


def list_files(folder: Path) -> tuple[StoredFile, ...]:
    """Measure every file of a folder, in the order of their names."""
    return tuple(
        StoredFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest_of(path))
        for path in walk(folder)
    )


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in the order of their names."""
    return (path for path in sorted(folder.rglob("*")) if not path.is_dir())


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _parse(path: Path) -> Manifest:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
        if document["format"] != FORMAT or document["kind"] not in KINDS:
            raise BackupDamaged("The backup was made by another version of Mizan.")
        return Manifest(
            kind=document["kind"],
            made_at=datetime.fromisoformat(document["made_at"]),
            schema=document["schema"],
            postgres=document["postgres"],
            system=document["system"],
            positions=tuple(Position(**one) for one in document["positions"]),
            files=tuple(StoredFile(**one) for one in document["files"]),
        )
    except FileNotFoundError:
        raise BackupDamaged(
            "There is no complete backup here: manifest.json, which is written last, is missing."
        ) from None
    except (KeyError, TypeError, ValueError) as broken:
        raise BackupDamaged("The backup's manifest.json cannot be read.") from broken
