"""The anchors: the head of every block, written down in a file outside the database.

Whoever owns the database can rewrite it whole; what was anchored, and copied elsewhere since, they
cannot. The file only grows: one line of JSON for each block, and one whenever a book was brought
back to an earlier block. A process locks it to write, so that several may share it.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from api.seal_keys import PublicSealKeys, SealKeyFile
from payouts.seals import (
    AnchorState,
    Block,
    Signer,
    digest_of_restoration,
    read_block,
    show_block,
)

FILE = "anchors.jsonl"
LINE_BYTES_MAX = 4_096
STRAYS_MAX = 100
_NO_DIGEST = bytes(32)
_log = structlog.get_logger("mizan.anchors")


class AnchorsForked(Exception):
    """The database holds another block than was anchored; nothing more is anchored of its book."""

    def __init__(self, book_id: int, block: int) -> None:
        self.book_id, self.block = book_id, block
        super().__init__(f"block {block} of book {book_id} is not the one that was anchored")


@dataclass(frozen=True, slots=True)
class Restoration:
    """That a book was brought back to one of its blocks; what was anchored later counts no more."""

    book_id: int
    block: int
    digest: bytes
    at: datetime
    reason: str
    key_id: str
    signature: bytes

    def is_signed(self, keys: PublicSealKeys) -> bool:
        """Tell whether one of our keys signed it."""
        content = digest_of_restoration(
            book_id=self.book_id, block=self.block, digest=self.digest, at=self.at
        )
        return keys.verifies(self.key_id, content=content, signature=self.signature)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    offset: int
    content: bytes


def line_of(block: Block) -> bytes:
    """Write the line that anchors a block."""
    return _written({"type": "block", **show_block(block)})


def _written(shown: dict[str, Any]) -> bytes:
    return json.dumps(shown, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _read_line(content: bytes) -> Block | Restoration:
    """Read a line; raises ValueError when it anchors nothing."""
    shown = json.loads(content)
    if not isinstance(shown, dict):
        raise ValueError("it is not an object")
    if shown.get("type") == "block":
        return read_block(shown)
    if shown.get("type") != "restored":
        raise ValueError("it is of an unknown type")
    try:
        return Restoration(
            book_id=int(shown["book"]),
            block=int(shown["block"]),
            digest=bytes.fromhex(shown["digest"]),
            at=datetime.fromisoformat(shown["at"]).astimezone(UTC),
            reason=str(shown["reason"]),
            key_id=str(shown["key_id"]),
            signature=bytes.fromhex(shown["signature"]),
        )
    except (KeyError, TypeError, OverflowError):
        raise ValueError("it is not a restoration") from None


def _lines_from(file: BinaryIO, *, number: int = 0) -> Iterator[_Line]:
    """Go through whole lines; what a crash left unfinished at the end is not one."""
    offset = file.tell()
    while content := file.readline(LINE_BYTES_MAX):
        if not content.endswith(b"\n") and len(content) < LINE_BYTES_MAX:
            return
        number += 1
        yield _Line(number, offset, content)
        offset += len(content)


@dataclass(slots=True)
class AnchorFile:
    """The anchors of this data folder, for those who add to them."""

    path: Path
    keys: SealKeyFile
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _read_to: int = 0
    _file_id: int = 0
    _last: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    _waiting: dict[int, int] = field(default_factory=dict)
    _forked: set[int] = field(default_factory=set)
    _reached: dict[int, datetime] = field(default_factory=dict)

    def known_last(self, book_id: int) -> tuple[int, bytes]:
        """Tell the last anchored block of a book and its digest, as this process last saw it."""
        return self._last.get(book_id, (0, _NO_DIGEST))

    def waiting(self) -> float | None:
        """Tell how many blocks wait for their anchor; None when this process looked at none."""
        return sum(self._waiting.values()) if self._waiting else None

    def is_at(self, last: Block | None, *, book_id: int) -> bool:
        """Tell whether the last block of a book is anchored already, and note if it is."""
        known = self.known_last(book_id)
        is_at = known == ((0, _NO_DIGEST) if last is None else (last.block, last.digest))
        if is_at:
            self._waiting[book_id] = 0
            self._forked.discard(book_id)
        return is_at

    def append(self, book_id: int, blocks: Sequence[Block], *, last: Block | None) -> int:
        """Anchor the blocks of one book that are not yet; `last` is its last block of all.

        Safe after a crash at any point, and for several processes at once. Raises AnchorsForked,
        and writes nothing, when the file holds another block than the database: the file of a
        book is never made to tell two stories.
        """
        with self._mutex, self._locked() as file:
            self._catch_up(file)
            try:
                fresh = self._fresh(book_id, blocks, last)
            finally:
                number = 0 if last is None else last.block
                self._waiting[book_id] = max(number - self.known_last(book_id)[0], 0)
            if fresh:
                self._write(file, b"".join(line_of(one) for one in fresh))
                self._know(fresh[-1])
                self._waiting[book_id] = max(number - fresh[-1].block, 0)
            self._forked.discard(book_id)
        return len(fresh)

    def note_fork(self, fork: AnchorsForked) -> None:
        """Say once that a book has forked, and count it as waiting until it has not."""
        self._waiting[fork.book_id] = max(self._waiting.get(fork.book_id, 0), 1)
        if fork.book_id not in self._forked:
            self._forked.add(fork.book_id)
            _log.error("not anchored", book_id=fork.book_id, block=fork.block, reason=str(fork))

    def note_restore(
        self, signer: Signer, *, book_id: int, block: int, digest: bytes, reason: str, now: datetime
    ) -> None:
        """Write down that a book was brought back to a block, which its anchors then go on from.

        Raises AnchorsForked when the file does not hold that block.
        """
        with self._mutex, self._locked() as file:
            self._catch_up(file)
            if block and block > self.known_last(book_id)[0]:
                raise AnchorsForked(book_id, block)
            # Said of a time before what it undoes, it would pass for one that is said again.
            at = max(now, self._reached.get(book_id, now))
            content = digest_of_restoration(book_id=book_id, block=block, digest=digest, at=at)
            shown = {
                "type": "restored",
                "book": str(book_id),
                "block": str(block),
                "digest": digest.hex(),
                "at": at.astimezone(UTC).isoformat(),
                "reason": reason[:1_000],
                "key_id": signer.key_id,
                "signature": signer.sign(content).hex(),
            }
            self._write(file, _written(shown))
            self._last[book_id] = (block, digest)
            self._forked.discard(book_id)

    def _fresh(self, book_id: int, blocks: Sequence[Block], last: Block | None) -> list[Block]:
        number, digest = self.known_last(book_id)
        if (0 if last is None else last.block) < number:
            raise AnchorsForked(book_id, number)
        fresh: list[Block] = []
        for one in blocks:
            if one.block == number and one.digest != digest:
                raise AnchorsForked(book_id, number)
            if one.block == number + 1:
                if one.previous != digest:
                    raise AnchorsForked(book_id, one.block)
                fresh.append(one)
                number, digest = one.block, one.digest
        return fresh

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _catch_up(self, file: BinaryIO) -> None:
        stat = os.fstat(file.fileno())
        if stat.st_ino != self._file_id or stat.st_size < self._read_to:
            if self._file_id:
                _log.warning("the anchors were replaced or cut", path=str(self.path))
            self._file_id, self._read_to = stat.st_ino, 0
            self._last.clear()
            self._reached.clear()
        file.seek(self._read_to)
        for line in _lines_from(file):
            self._read_to = line.offset + len(line.content)
            self._take(line)
        # We hold the lock, so nobody is writing: a line without an end is what a crash left.
        if stat.st_size > self._read_to:
            file.truncate(self._read_to)

    def _take(self, line: _Line) -> None:
        try:
            one = _read_line(line.content)
        except ValueError:
            _log.error("a line of the anchors cannot be read", offset=line.offset)
            return
        if isinstance(one, Block):
            self._know(one)
        elif self._reached.get(one.book_id, one.at) <= one.at and one.is_signed(self.keys.public()):
            self._last[one.book_id] = (one.block, one.digest)

    def _know(self, block: Block) -> None:
        self._last[block.book_id] = (block.block, block.digest)
        reached = self._reached.get(block.book_id, block.sealed_at)
        self._reached[block.book_id] = max(reached, block.sealed_at)

    def _write(self, file: BinaryIO, content: bytes) -> None:
        file.seek(0, os.SEEK_END)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        self._read_to += len(content)


@dataclass(slots=True)
class _Anchored:
    hash: bytes
    offset: int


@dataclass(slots=True)
class AnchorRecord:
    """The anchors as they stand in a file, for those who hold a database against them.

    Of each line only its hash and its offset are kept.
    """

    path: Path
    lines: int = 0
    _books: dict[int, dict[int, _Anchored]] = field(default_factory=dict)
    _strays: list[tuple[int, str]] = field(default_factory=list)

    def books(self) -> Iterable[int]:
        """Name the books that have anchors."""
        return [book_id for book_id, blocks in self._books.items() if blocks]

    def last_block(self, book_id: int) -> int:
        """Tell the last block of a book that was anchored; 0 when none was."""
        return max(self._books.get(book_id, {}), default=0)

    def find(self, block: Block) -> AnchorState:
        """Tell whether the block was anchored as it is."""
        known = self._books.get(block.book_id, {}).get(block.block)
        if known is None:
            return AnchorState.ABSENT
        is_same = known.hash == sha256(line_of(block)).digest()
        return AnchorState.EXACT if is_same else AnchorState.OTHER

    def read(self, book_id: int, block: int) -> Block | None:
        """Read what was anchored; None when there is nothing, or nothing that can be read."""
        known = self._books.get(book_id, {}).get(block)
        if known is None:
            return None
        with self.path.open("rb") as file:
            file.seek(known.offset)
            try:
                found = _read_line(file.readline(LINE_BYTES_MAX))
            except ValueError:
                return None
        return found if isinstance(found, Block) else None

    def strays(self) -> Iterable[tuple[int, str]]:
        """List the lines that anchor nothing: their number, and what is wrong with them."""
        return self._strays

    def take(self, line: _Line, keys: PublicSealKeys) -> None:
        """Take one line in."""
        self.lines += 1
        try:
            one = _read_line(line.content)
        except ValueError as failure:
            return self._stray(line, f"it cannot be read ({type(failure).__name__})")
        if isinstance(one, Restoration):
            return self._go_back(line, one, keys)
        blocks = self._books.setdefault(one.book_id, {})
        entry = _Anchored(sha256(line.content).digest(), line.offset)
        before = next(reversed(blocks), 0)
        known = blocks.setdefault(one.block, entry)
        if known.hash != entry.hash:
            return self._stray(line, f"it anchors block {one.block} once more, and differently")
        if known is entry and one.block < before:
            return self._stray(line, f"it anchors block {one.block} after block {before}")
        return None

    def _go_back(self, line: _Line, one: Restoration, keys: PublicSealKeys) -> None:
        if not one.is_signed(keys):
            return self._stray(line, "it is a restoration that nobody we trust has signed")
        blocks = self._books.get(one.book_id, {})
        kept = self.read(one.book_id, one.block)
        if one.block and (kept is None or kept.digest != one.digest):
            return self._stray(line, f"it goes back to a block {one.block} that was not anchored")
        last = self.read(one.book_id, self.last_block(one.book_id))
        if last is not None and one.at < last.sealed_at:
            return self._stray(line, "it is a restoration of before, said again")
        self._books[one.book_id] = {n: entry for n, entry in blocks.items() if n <= one.block}
        return None

    def _stray(self, line: _Line, reason: str) -> None:
        if len(self._strays) < STRAYS_MAX:
            self._strays.append((line.number, reason))


def read_anchors(path: Path, keys: PublicSealKeys) -> AnchorRecord:
    """Read the anchors of a file; one that is not there holds none."""
    record = AnchorRecord(path)
    if not path.exists():
        return record
    with path.open("rb") as file:
        for line in _lines_from(file):
            record.take(line, keys)
    return record


def open_anchors(data_dir: Path, keys: SealKeyFile) -> AnchorFile:
    """Open the anchors under the data folder."""
    return AnchorFile(data_dir / FILE, keys)


def note_restore(
    anchors: AnchorFile, *, book_id: int, last: Block | None, reason: str, now: datetime
) -> None:
    """Write down that a book was restored to its block `last` (None: to before the first).

    To be called once the restored database is known to be sound; anchors go on from there.
    Raises AnchorsForked when the file does not hold that block.
    """
    anchors.note_restore(
        anchors.keys.signer(),
        book_id=book_id,
        block=0 if last is None else last.block,
        digest=_NO_DIGEST if last is None else last.digest,
        reason=reason,
        now=now,
    )
