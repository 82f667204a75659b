"""Whatever a superuser alters is named: what it is, in which block, at which place, in which journal."""

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.anchors import line_of, note_restore, read_anchors
from api.cli.verify import Against, hold_books, verify
from api.database.cluster import Cluster
from api.database.engine import Addresses, open_engine
from api.database.transaction import Database
from api.seal_keys import SealKeyFile, SealSigner, open_seal_keys
from api.worker.jobs.sealing import run_sealing
from payouts.seals import (
    Block,
    Trust,
    Verdict,
    list_blocks,
    read_block,
    read_last_block,
    verify_books,
)
from payouts.seals.leaves import SERVICE_LEAVES
from payouts.seals.merkle import root_of
from tests.payouts.seals.world import BOOK, Sealed, as_superuser, open_sealed

_JOURNAL_COLUMNS = (
    "book_id, network_id, kind, request_hash, period, origin_period, cause_kind, cause_id,"
    " reverses, actor, note, lines, effective_at"
)


@dataclass
class Book:
    """Three blocks of journals that nobody touched, and somebody who may."""

    sealed: Sealed
    superuser: AsyncConnection
    found: Addresses
    blocks: list[list[UUID]]
    anchors: Path

    async def hold(self, **changes: object) -> Verdict:
        against = replace(Against(self.sealed.keys.public(), self.anchors), **changes)
        now = self.sealed.clock.now()
        if not self.superuser.in_transaction():
            return await hold_books(self.found, against, now=now)
        record = read_anchors(against.anchors, against.keys)
        trust = Trust(against.keys, record, is_earlier_copy=against.is_earlier_copy)
        await self.superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
        verdict = await verify_books(self.superuser, trust=trust, told=lambda _: None, now=now)
        await self.superuser.execute(text("SET LOCAL ROLE NONE"))
        return verdict

    async def first_fault(self, **changes: object) -> tuple[object, ...]:
        verdict = await self.hold(**changes)
        assert verdict.faults
        one = verdict.faults[0]
        return (one.kind.value, one.book_id, one.block, one.seq, one.journal_id)

    async def alter(self, *statements: str, **values: object) -> None:
        await as_superuser(self.superuser, *statements, book=BOOK, **values)

    async def insert_journal(self, name: str, *, days_ago: int, xid: str) -> UUID:
        made = UUID(int=0x0199_0000 << 96 | 7 << 76 | 2 << 62 | len(name))
        await self.alter(
            f"INSERT INTO payouts.journal (journal_id, ledger_key, recorded_at, xid,"
            f" {_JOURNAL_COLUMNS}) SELECT :made, :name, recorded_at - make_interval(days => :days),"
            f" {xid}, {_JOURNAL_COLUMNS} FROM payouts.journal"
            " WHERE book_id = :book AND journal_id = :like",
            "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit,"
            " amount, effective_at, recorded_at) SELECT book_id, :made, line, network_id,"
            " account_id, unit, amount, effective_at, recorded_at FROM payouts.posting"
            " WHERE book_id = :book AND journal_id = :like",
            made=made,
            name=name,
            days=days_ago,
            like=self.blocks[0][0],
        )
        return made


async def fill(sealed: Sealed) -> list[list[UUID]]:
    blocks = [await sealed.block_of(*names) for names in ("abc", "defg", "h")]
    await sealed.block_of("z", book=8)
    return blocks


@pytest.fixture(scope="module")
async def sound(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Book]:
    """One book for all alterations, each of which is rolled back."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine = open_engine(cluster.url(user="mizan_app", database=name), pool_size=4)
    url = cluster.url(user="postgres", database=name)
    one = await open_sealed(Database(engine), tmp_path_factory.mktemp("sound"))
    blocks = await fill(one)
    altering = create_async_engine(url, poolclass=NullPool)
    async with altering.connect() as db:
        yield Book(one, db, Addresses(url, url, role=None), blocks, one.anchors.path)
    await altering.dispose()
    await engine.dispose()
    async with admin.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()


@pytest.fixture
async def book(sound: Book, tmp_path: Path) -> AsyncIterator[Book]:
    await sound.superuser.begin()
    copy = tmp_path / "anchors.jsonl"
    copy.write_bytes(sound.anchors.read_bytes())
    yield replace(sound, anchors=copy)
    await sound.superuser.rollback()


@pytest.fixture
async def own_book(
    sealed: Sealed, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> Book:
    """A book that goes on after it was altered."""
    url = cluster.url(user="postgres", database=database_name)
    blocks = await fill(sealed)
    return Book(sealed, superuser, Addresses(url, url, role=None), blocks, sealed.anchors.path)


async def test_a_book_that_nobody_touched_is_sound(book: Book) -> None:
    verdict = await book.hold()
    assert verdict == Verdict(journals=9, blocks=4, anchors=4, faults=())


async def test_an_altered_amount(book: Book) -> None:
    one = book.blocks[1][2]
    await book.alter(
        "UPDATE payouts.posting SET amount = amount + sign(amount) WHERE book_id = :book"
        " AND journal_id = :one AND line < 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 2, 6, one)
    assert len((await book.hold()).faults) == 1


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'test.other'", "ledger_key = 'other'", "request_hash = sha256(request_hash)",
        "effective_at = effective_at + interval '1 microsecond'",
        "recorded_at = recorded_at + interval '1 microsecond'", "period = period + 31",
        "origin_period = period", "cause_kind = 'x'", "cause_id = 'x'",
        "reverses = gen_random_uuid()", "actor = 'staff:other'", "note = note || '{\"n\": 2}'",
        "lines = 4", "network_id = 8",
    ],
)  # fmt: skip
async def test_an_altered_header(book: Book, change: str) -> None:
    one = book.blocks[0][1]
    await book.alter(
        f"UPDATE payouts.journal SET {change} WHERE book_id = :book AND journal_id = :one", one=one
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 2, one)


@pytest.mark.parametrize(
    "change",
    [
        "effective_at = effective_at + interval '1 microsecond'", "unit = 'USD'", "line = 9",
        "account_id = (SELECT account_id FROM payouts.account WHERE type = 'partner_recv' LIMIT 1)",
    ],
)  # fmt: skip
async def test_an_altered_line(book: Book, change: str) -> None:
    one = book.blocks[0][1]
    await book.alter(
        f"UPDATE payouts.posting SET {change} WHERE book_id = :book AND journal_id = :one"
        " AND line = 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 2, one)


async def test_a_deleted_posting(book: Book) -> None:
    one = book.blocks[2][0]
    await book.alter(
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one AND line = 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 3, 8, one)


async def test_an_inserted_posting(book: Book) -> None:
    one = book.blocks[0][2]
    await book.alter(
        "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit,"
        " amount, effective_at, recorded_at) SELECT book_id, journal_id, 4, network_id,"
        " account_id, unit, 1, effective_at, recorded_at FROM payouts.posting"
        " WHERE book_id = :book AND journal_id = :one AND line = 1",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 3, one)


async def test_postings_of_no_journal(book: Book) -> None:
    stray = UUID(int=99)
    await book.alter(
        "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit,"
        " amount, effective_at, recorded_at) SELECT book_id, :stray, line, network_id,"
        " account_id, unit, amount, effective_at, recorded_at FROM payouts.posting"
        " WHERE book_id = :book AND journal_id = :one",
        one=book.blocks[0][0],
        stray=stray,
    )
    assert await book.first_fault() == ("inserted", BOOK, None, None, stray)


async def test_a_deleted_journal(book: Book) -> None:
    one = book.blocks[1][0]
    await book.alter(
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one",
        "DELETE FROM payouts.journal WHERE book_id = :book AND journal_id = :one",
        one=one,
    )
    assert await book.first_fault() == ("missing", BOOK, 2, 4, one)


async def test_a_journal_deleted_with_its_place(book: Book) -> None:
    await book.alter(
        "DELETE FROM payouts.seal WHERE book_id = :book AND seq = 4",
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one",
        "DELETE FROM payouts.journal WHERE book_id = :book AND journal_id = :one",
        one=book.blocks[1][0],
    )
    assert await book.first_fault() == ("missing", BOOK, 2, 4, None)


async def test_a_journal_inserted_with_a_past_time_and_sealed_by_the_worker(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=3, xid="pg_current_xact_id()")
    assert await run_sealing(own_book.sealed.world, BOOK) == 1
    assert await own_book.first_fault() == ("backdated", BOOK, 4, 9, made)


async def test_a_journal_inserted_where_the_sealer_does_not_look(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=3, xid="'1'::xid8")
    assert await run_sealing(own_book.sealed.world, BOOK) == 0
    assert await own_book.first_fault() == ("inserted", BOOK, None, None, made)


async def test_a_journal_pushed_into_the_order(book: Book) -> None:
    made = await book.insert_journal("forged", days_ago=3, xid="'1'::xid8")
    await book.alter(
        "UPDATE payouts.seal SET seq = -seq - 1 WHERE book_id = :book AND seq >= 2",
        "UPDATE payouts.seal SET seq = -seq WHERE book_id = :book AND seq < 0",
        "INSERT INTO payouts.seal SELECT book_id, 2, network_id, :made, sealed_at"
        " FROM payouts.seal WHERE book_id = :book AND seq = 1",
        made=made,
    )
    assert await book.first_fault() == ("inserted", BOOK, 1, 2, made)


@pytest.mark.parametrize(("left", "right"), [(2, 3), (2, 5)])
async def test_swapped_places(book: Book, left: int, right: int) -> None:
    order = [one for block in book.blocks for one in block]
    await book.alter(
        "UPDATE payouts.seal SET seq = -seq WHERE book_id = :book AND seq = :left",
        "UPDATE payouts.seal SET seq = :left WHERE book_id = :book AND seq = :right",
        "UPDATE payouts.seal SET seq = :right WHERE book_id = :book AND seq = -CAST(:left AS bigint)",
        left=left,
        right=right,
    )
    assert await book.first_fault() == ("reordered", BOOK, 1, left, order[right - 1])
    assert [one.kind.value for one in (await book.hold()).faults] == ["reordered"] * 2


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


async def test_a_renamed_account(book: Book) -> None:
    await book.alter(
        "UPDATE payouts.account SET owner_id = 'somebody' WHERE book_id = :book"
        " AND type = 'member_available'"
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 1, book.blocks[0][0])
    assert (await book.hold()).faults[-1].says.endswith("is not called as its id says")


async def test_a_renamed_account_that_nobody_used(book: Book) -> None:
    await book.alter(
        "INSERT INTO payouts.account SELECT book_id, gen_random_uuid(), network_id, type, unit,"
        " owner_kind, 'x', sub, status, created_at FROM payouts.account WHERE book_id = :book"
        " AND type = 'member_available'"
    )
    assert await book.first_fault() == ("altered", BOOK, None, None, None)


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


async def test_a_journal_that_nobody_sealed(own_book: Book) -> None:
    one = await own_book.sealed.post("late")
    assert (await own_book.hold()).ok
    own_book.sealed.clock.at += timedelta(seconds=61)
    assert await own_book.first_fault() == ("unsealed too long", BOOK, None, None, one)


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


async def test_earlier_keys_are_believed_after_a_rotation(own_book: Book, tmp_path: Path) -> None:
    first = own_book.sealed.keys.signer().key_id
    assert own_book.sealed.keys.rotate().key_id != first
    await own_book.sealed.block_of("x")
    assert (await own_book.hold()).ok
    fresh = SealKeyFile(tmp_path / "fresh")
    assert await own_book.first_fault(keys=fresh.public()) == ("foreign key", BOOK, 1, 1, None)


async def test_no_more_than_a_hundred_faults_are_listed(own_book: Book) -> None:
    await own_book.sealed.block_of(*(f"more {n}" for n in range(120)))
    await own_book.alter("UPDATE payouts.journal SET actor = 'x' WHERE book_id = :book")
    faults = (await own_book.hold()).faults
    assert len(faults) == 100
    assert [one.seq for one in faults[:9]] == list(range(1, 10))


async def test_the_command_prints_one_object_and_exits_1_on_a_fault(
    own_book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    against = Against(keys=own_book.sealed.keys.public(), anchors=own_book.sealed.anchors.path)
    now = own_book.sealed.clock.now()
    assert await verify(own_book.found, against, as_json=True, now=now) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"ok": True, "journals": 9, "blocks": 4, "anchors": 4, "faults": []}
    one = own_book.blocks[0][0]
    await own_book.alter(
        "UPDATE payouts.journal SET actor = 'x' WHERE book_id = :book AND journal_id = :one",
        one=one,
    )
    assert await verify(own_book.found, against, as_json=True, now=now) == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [
        {
            "kind": "altered",
            "book": "7",
            "block": 1,
            "seq": 1,
            "journal_id": str(one),
            "says": "the journal is not what it was when the block was sealed",
        }
    ]
    assert await verify(own_book.found, against, as_json=False, now=now) == 1
    assert capsys.readouterr().out.endswith("9 journals in 4 blocks, 4 anchors: NOT SOUND\n")
