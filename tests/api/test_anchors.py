"""The file of anchors: it grows, tells one story of a book, and survives a crash anywhere."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.anchors import AnchorFile, AnchorsForked, line_of, note_restore, open_anchors, read_anchors
from api.database.transaction import Database
from api.worker.jobs.sealing import run_sealing
from payouts.seals import AnchorState, Block, list_blocks
from tests.conftest import NOW
from tests.payouts.seals.world import BOOK, Sealed, open_sealed

CRASHES = ("sealing.before_commit", "sealing.after_commit", "sealing.before_anchor")


class Killed(Exception):
    """The process ended here."""


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")


def restarted(sealed: Sealed) -> Sealed:
    """Another process over the same data folder and database."""
    return Sealed(
        sealed.database, sealed.folder, sealed.keys, open_anchors(sealed.folder, sealed.keys),
        sealed.clock,
    )  # fmt: skip


async def blocks_of(sealed: Sealed) -> list[Block]:
    async with sealed.database.reading(BOOK) as db:
        return await list_blocks(db, network_id=BOOK, after=0, limit=1_000)


async def lines_due(sealed: Sealed) -> list[bytes]:
    return [line_of(one) for one in await blocks_of(sealed)]


def lines(sealed: Sealed) -> list[bytes]:
    return sealed.anchors.path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("point", CRASHES)
async def test_a_crash_anywhere_loses_no_anchor_and_doubles_none(
    sealed: Sealed, point: str
) -> None:
    await sealed.block_of("a")
    await sealed.post("b")

    def crash(name: str) -> None:
        if name == point:
            raise Killed

    world: Any = sealed.world
    object.__setattr__(world, "crash", crash)
    with pytest.raises(Killed):
        await run_sealing(world, BOOK)
    assert len(lines(sealed)) == 1
    committed = 1 if point == "sealing.before_commit" else 2
    assert len(await blocks_of(sealed)) == committed

    again = restarted(sealed)
    assert await run_sealing(again.world, BOOK) == 1
    assert await run_sealing(again.world, BOOK) == 0
    assert lines(sealed) == await lines_due(sealed)
    assert len(lines(sealed)) == 2
    assert again.anchors.waiting() == 0


async def test_a_line_that_a_crash_left_unfinished_is_written_again(sealed: Sealed) -> None:
    await sealed.block_of("a")
    await sealed.block_of("b")
    whole = sealed.anchors.path.read_bytes()
    os.truncate(sealed.anchors.path, len(whole) - 9)
    again = restarted(sealed)
    assert await run_sealing(again.world, BOOK) == 1
    assert sealed.anchors.path.read_bytes() == whole


async def test_many_processes_write_each_line_once(sealed: Sealed) -> None:
    processes = [restarted(sealed) for _ in range(4)]
    for number in range(6):
        await sealed.post(f"j{number}")
        sealed.clock.at += timedelta(seconds=1)
        await asyncio.gather(*(run_sealing(one.world, BOOK) for one in processes))
    for one in processes:
        await run_sealing(one.world, BOOK)
        assert one.anchors.waiting() == 0
    assert lines(sealed) == await lines_due(sealed)
    assert sum(one.size for one in await blocks_of(sealed)) == 6


async def test_a_backlog_is_anchored_in_turns(sealed: Sealed) -> None:
    for number in range(5):
        await sealed.block_of(f"j{number}")
    sealed.anchors.path.unlink()
    again = restarted(sealed)
    made = await blocks_of(sealed)
    assert again.anchors.append(BOOK, made[:2], last=made[-1]) == 2
    assert again.anchors.waiting() == 3
    assert await run_sealing(again.world, BOOK) == 3
    assert again.anchors.waiting() == 0
    assert lines(sealed) == await lines_due(sealed)


async def test_what_was_sealed_before_gets_its_blocks_now(sealed: Sealed) -> None:
    world: Any = sealed.world
    object.__setattr__(world, "anchors", None)
    for number in range(3):
        await sealed.post(f"j{number}")
    assert await run_sealing(world, BOOK) == 3
    assert await blocks_of(sealed) == []
    assert await run_sealing(sealed.world, BOOK) == 1
    (made,) = await blocks_of(sealed)
    assert (made.from_seq, made.to_seq, made.block) == (1, 3, 1)


async def test_lines_that_changed_places_are_named(sealed: Sealed, tmp_path: Path) -> None:
    for name in "abc":
        await sealed.block_of(name)
    first, second, third = sealed.anchors.path.read_bytes().splitlines(keepends=True)
    path = tmp_path / "moved.jsonl"
    for story, strays in (
        (first + second + third, []),
        (first + third + second, [(3, "it anchors block 2 after block 3")]),
        (first + second + third + second, []),
    ):
        path.write_bytes(story)
        assert list(read_anchors(path, sealed.keys.public()).strays()) == strays


async def test_a_fork_is_never_anchored(sealed: Sealed, tmp_path: Path) -> None:
    await sealed.block_of("a")
    await sealed.block_of("b")
    first, second = await blocks_of(sealed)
    story = sealed.anchors.path.read_bytes()
    other = AnchorFile(tmp_path / "other.jsonl", sealed.keys)
    other.path.write_bytes(
        line_of(first)
        + story.splitlines(keepends=True)[1].replace(second.digest.hex().encode(), b"ab" * 32)
    )
    before = other.path.read_bytes()
    with pytest.raises(AnchorsForked) as refused:
        other.append(BOOK, [first, second], last=second)
    assert (refused.value.book_id, refused.value.block) == (BOOK, 2)
    other.note_fork(refused.value)
    assert (other.waiting(), other.path.read_bytes()) == (1, before)
    with pytest.raises(AnchorsForked):
        sealed.anchors.append(BOOK, [first], last=first)
    assert sealed.anchors.path.read_bytes() == story


async def test_a_restoration_is_only_to_a_block_that_was_anchored(sealed: Sealed) -> None:
    await sealed.block_of("a")
    (first,) = await blocks_of(sealed)
    later = Block(**{**_fields(first), "block": 2})
    with pytest.raises(AnchorsForked):
        note_restore(sealed.anchors, book_id=BOOK, last=later, reason="drill", now=NOW)
    assert len(lines(sealed)) == 1
    note_restore(sealed.anchors, book_id=BOOK, last=None, reason="drill", now=NOW)
    record = read_anchors(sealed.anchors.path, sealed.keys.public())
    assert (record.last_block(BOOK), record.find(first), list(record.strays())) == (
        0,
        AnchorState.ABSENT,
        [],
    )


def _fields(block: Block) -> dict[str, Any]:
    return {name: getattr(block, name) for name in Block.__slots__}
