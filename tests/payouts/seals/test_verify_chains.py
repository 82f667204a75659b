"""A cut tail, a rewritten chain and a foreign key are named; a restoration and a new key are not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from api.anchors import note_restore
from api.seal_keys import SealKeyFile, SealSigner, open_seal_keys
from api.worker.jobs.sealing import run_sealing
from payouts.seals import Block, list_blocks, read_last_block
from payouts.seals.leaves import SERVICE_LEAVES
from payouts.seals.merkle import root_of
from tests.payouts.seals.tampering import Book
from tests.payouts.seals.world import BOOK

_CUT = (
    "DELETE FROM payouts.posting USING payouts.seal k WHERE k.book_id = :book AND k.seq > 7"
    " AND posting.book_id = :book AND posting.journal_id = k.journal_id",
    "DELETE FROM payouts.journal USING payouts.seal k WHERE k.book_id = :book AND k.seq > 7"
    " AND journal.book_id = :book AND journal.journal_id = k.journal_id",
    "DELETE FROM payouts.seal WHERE book_id = :book AND seq > 7",
)


async def test_a_tail_cut_with_its_blocks_and_its_sealer(book: Book) -> None:
    await book.alter(
        *_CUT,
        "DELETE FROM payouts.block WHERE book_id = :book AND block = 3",
        "UPDATE payouts.sealer SET seq = 7 WHERE book_id = :book",
    )
    assert await book.first_fault() == ("cut tail", BOOK, 3, 8, None)
    assert len((await book.hold()).faults) == 1


async def test_a_cut_tail_is_not_papered_over_by_what_comes_next(own_book: Book) -> None:
    await own_book.alter(
        *_CUT,
        "DELETE FROM payouts.block WHERE book_id = :book AND block = 3",
        "UPDATE payouts.sealer SET seq = 7 WHERE book_id = :book",
    )
    before = own_book.sealed.anchors.path.read_bytes()
    await own_book.sealed.post("new")
    assert await run_sealing(own_book.sealed.world, BOOK) == 1
    assert own_book.sealed.anchors.path.read_bytes() == before
    assert own_book.sealed.anchors.waiting() == 1
    assert await own_book.first_fault() == ("rewritten chain", BOOK, 3, 8, None)


async def test_a_tail_cut_from_under_its_blocks(own_book: Book) -> None:
    await own_book.alter(*_CUT, "UPDATE payouts.sealer SET seq = 7 WHERE book_id = :book")
    assert await own_book.first_fault() == ("cut tail", BOOK, 3, 8, None)
    await own_book.sealed.post("new")
    assert await run_sealing(own_book.sealed.world, BOOK) == 1
    assert (await own_book.first_fault())[:4] == ("altered", BOOK, 3, 8)


async def test_a_rewritten_root(book: Book) -> None:
    await book.alter(
        "UPDATE payouts.block SET root = sha256(root) WHERE book_id = :book AND block = 2"
    )
    assert await book.first_fault() == ("rewritten chain", BOOK, 2, 4, None)


async def test_a_deleted_block(book: Book) -> None:
    await book.alter("DELETE FROM payouts.block WHERE book_id = :book AND block = 2")
    assert await book.first_fault() == ("missing", BOOK, 2, 8, None)


async def rewrite(book: Book, signer: SealSigner, *, claims: str | None = None) -> None:
    """Alter a journal of the second block, and write the chain anew from there."""
    await book.alter(
        "UPDATE payouts.posting SET amount = amount * 2 WHERE book_id = :book"
        " AND journal_id = :one",
        one=book.blocks[1][1],
    )
    blocks = await leaves_now(book)
    previous: bytes | None = None
    for number, (head, leaves) in enumerate(blocks, 1):
        if number == 1:
            previous = head.digest
            continue
        assert previous is not None
        drawn = replace(head, root=root_of(leaves), previous=previous)
        digest = drawn.own_digest()
        await book.alter(
            "UPDATE payouts.block SET root = :root, previous = :previous, digest = :digest,"
            " key_id = :key_id, signature = :signature, leaves = :leaves"
            " WHERE book_id = :book AND block = :block",
            root=drawn.root,
            previous=previous,
            digest=digest,
            key_id=claims or signer.key_id,
            signature=signer.sign(digest),
            leaves=b"".join(leaves),
            block=number,
        )
        previous = digest


async def leaves_now(book: Book) -> list[tuple[Block, list[bytes]]]:
    found = []
    for head in await list_blocks(book.superuser, network_id=BOOK, after=0, limit=9):
        places = {"book": BOOK, "from_seq": head.from_seq, "to_seq": head.to_seq}
        rows = await book.superuser.execute(SERVICE_LEAVES, places)
        found.append((head, [bytes(row.leaf) for row in rows]))
    return found


async def test_a_chain_rewritten_and_signed_with_another_key(book: Book, tmp_path: Path) -> None:
    await rewrite(book, open_seal_keys(tmp_path / "foreign").signer())
    assert await book.first_fault() == ("foreign key", BOOK, 2, 4, None)


async def test_a_chain_signed_with_another_key_in_the_name_of_ours(
    book: Book, tmp_path: Path
) -> None:
    ours = book.sealed.keys.signer().key_id
    await rewrite(book, open_seal_keys(tmp_path / "foreign").signer(), claims=ours)
    assert await book.first_fault() == ("rewritten chain", BOOK, 2, 4, None)


async def test_a_chain_rewritten_with_our_own_key_differs_from_its_anchors(book: Book) -> None:
    await rewrite(book, book.sealed.keys.signer())
    assert await book.first_fault() == ("rewritten chain", BOOK, 2, 4, None)
    assert {one.says for one in (await book.hold()).faults} == {
        "another block was anchored in its place"
    }


async def test_a_restoration_is_signed_and_lets_the_chain_go_on(own_book: Book) -> None:
    sealed = own_book.sealed
    await own_book.alter(
        *_CUT,
        "DELETE FROM payouts.block WHERE book_id = :book AND block = 3",
        "UPDATE payouts.sealer SET seq = 7 WHERE book_id = :book",
    )
    async with sealed.database.reading(BOOK) as db:
        last = await read_last_block(db, network_id=BOOK)
    note_restore(sealed.anchors, book_id=BOOK, last=last, reason="drill", now=sealed.clock.now())
    assert (await own_book.hold()).ok
    await sealed.block_of("again")
    verdict = await own_book.hold()
    assert verdict.faults == ()
    assert (verdict.blocks, sealed.anchors.waiting()) == (4, 0)
    path = sealed.anchors.path
    path.write_bytes(path.read_bytes().replace(b'"reason":"drill"', b'"reason":"other"'))
    assert (await own_book.hold()).ok  # the reason is a remark
    path.write_bytes(
        path.read_bytes().replace(
            b'"restored","book":"7","block":"2"', b'"restored","book":"7","block":"1"'
        )
    )
    assert "anchor altered" in [one.kind.value for one in (await own_book.hold()).faults]


async def test_a_restoration_that_is_said_again_covers_no_cut_tail(own_book: Book) -> None:
    sealed = own_book.sealed
    cut = (
        *_CUT,
        "DELETE FROM payouts.block WHERE book_id = :book AND block = 3",
        "UPDATE payouts.sealer SET seq = 7 WHERE book_id = :book",
    )
    await own_book.alter(*cut)
    async with sealed.database.reading(BOOK) as db:
        last = await read_last_block(db, network_id=BOOK)
    note_restore(sealed.anchors, book_id=BOOK, last=last, reason="drill", now=sealed.clock.now())
    said = sealed.anchors.path.read_bytes().splitlines(keepends=True)[-1]
    sealed.clock.at += timedelta(minutes=1)
    await sealed.block_of("again")
    with sealed.anchors.path.open("ab") as file:
        file.write(said)
    await own_book.alter(*cut)
    assert await own_book.first_fault() == ("cut tail", BOOK, 3, 8, None)
    assert [one.kind.value for one in (await own_book.hold()).faults][1:] == ["anchor altered"]
    assert sealed.anchors.known_last(BOOK)[0] == 3


async def test_earlier_keys_are_believed_after_a_rotation(own_book: Book, tmp_path: Path) -> None:
    first = own_book.sealed.keys.signer().key_id
    assert own_book.sealed.keys.rotate().key_id != first
    await own_book.sealed.block_of("x")
    assert (await own_book.hold()).ok
    fresh = SealKeyFile(tmp_path / "fresh")
    assert await own_book.first_fault(keys=fresh.public()) == ("foreign key", BOOK, 1, 1, None)
