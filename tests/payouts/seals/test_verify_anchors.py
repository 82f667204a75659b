"""Anchors that were cut, swapped or forged are named, and an earlier copy speaks for its time."""

import json
from dataclasses import replace
from pathlib import Path

from api.anchors import line_of
from api.seal_keys import SealSigner, open_seal_keys
from payouts.seals import Block, read_block
from tests.payouts.seals.tampering import Book
from tests.payouts.seals.world import BOOK


async def test_anchors_that_were_cut(book: Book) -> None:
    path = book.anchors
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert await book.first_fault() == ("anchor missing", BOOK, 3, 8, None)
    path.write_bytes(lines[0])
    assert await book.first_fault() == ("anchor missing", BOOK, 2, 4, None)
    assert (await book.hold(is_earlier_copy=True)).ok
    path.unlink()
    assert await book.first_fault() == ("anchor missing", BOOK, 1, 1, None)


async def test_an_earlier_copy_of_the_anchors_speaks_for_its_time(
    own_book: Book, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(own_book.sealed.anchors.path.read_bytes())
    await own_book.sealed.block_of("later")
    assert (await own_book.hold(anchors=copy, is_earlier_copy=True)).ok
    assert await own_book.first_fault(anchors=copy) == ("anchor missing", BOOK, 4, 9, None)


async def test_anchors_that_were_swapped_or_forged(book: Book, tmp_path: Path) -> None:
    path = book.anchors
    original = path.read_bytes()
    lines = original.splitlines(keepends=True)
    shown = json.loads(lines[1])
    path.write_bytes(original.replace(shown["root"].encode(), b"00" * 32))
    assert await book.first_fault() == ("anchor altered", BOOK, 2, 4, None)
    foreign = open_seal_keys(tmp_path / "foreign").signer()
    forged = signed(replace(read_block(shown), root=bytes(32)), foreign)
    path.write_bytes(lines[0] + line_of(forged) + lines[2] + lines[3])
    assert await book.first_fault() == ("anchor altered", BOOK, 2, 4, None)
    path.write_bytes(original + b"not json\n")
    assert await book.first_fault() == ("anchor altered", 0, None, None, None)
    path.write_bytes(original + line_of(signed(replace(forged, block=4), foreign)))
    assert await book.first_fault() == ("anchor altered", BOOK, 4, None, None)
    path.write_bytes(original + b'{"type":"block","boo')  # what a crash left
    assert (await book.hold()).ok


def signed(block: Block, signer: SealSigner) -> Block:
    digest = block.own_digest()
    return replace(block, digest=digest, key_id=signer.key_id, signature=signer.sign(digest))
