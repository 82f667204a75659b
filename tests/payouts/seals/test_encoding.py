"""The leaves that the database computes are those of an encoder that knows nothing of SQL."""

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.canonical import FIRST_INSTANT, Missing, encode
from payouts.seals.leaves import SERVICE_LEAVES
from payouts.seals.merkle import levels_of, path_of, root_by_path, root_of
from payouts.seals.read_proof import read_proof
from tests.payouts.seals.world import BOOK, Sealed

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
INSTANTS = st.integers(-(10**16), 6 * 10**15).map(
    lambda past: FIRST_INSTANT + timedelta(microseconds=past)
)
DATES = st.dates(date(1990, 1, 1), date(2190, 1, 1))
AMOUNTS = st.integers(-(2**63), 2**63 - 1)
JOURNALS = st.fixed_dictionaries(
    {
        "kind": WORDS,
        "ledger_key": WORDS,
        "request_hash": st.binary(max_size=40),
        "effective_at": INSTANTS,
        "recorded_at": INSTANTS,
        "period": DATES,
        "origin_period": st.none() | DATES,
        "cause_kind": WORDS,
        "cause_id": WORDS,
        "reverses": st.none() | st.uuids(),
        "actor": WORDS,
        "note": st.dictionaries(WORDS, WORDS | st.integers(-9, 9) | st.none(), max_size=3),
    }
)
LINES = st.lists(st.tuples(AMOUNTS, INSTANTS), min_size=2, max_size=12)


TYPES = {"i": 20, "t": 25, "u": 2950, "b": 17, "s": 1184, "d": 1082}


def framed(kind: str, content: bytes) -> bytes:
    """The encoding once more, from its description alone."""
    return TYPES[kind].to_bytes(4, "big") + len(content).to_bytes(4, "big") + content


def plain(value: Any) -> bytes:
    if value in ("no date", "no id"):
        return TYPES[{"no date": "d", "no id": "u"}[value]].to_bytes(4, "big") + b"\xff" * 4
    if isinstance(value, datetime):
        since = value - datetime(2000, 1, 1, tzinfo=UTC)
        micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        return framed("s", micros.to_bytes(8, "big", signed=True))
    if isinstance(value, date):
        return framed("d", (value - date(2000, 1, 1)).days.to_bytes(4, "big", signed=True))
    if isinstance(value, UUID):
        return framed("u", value.bytes)
    if isinstance(value, int):
        return framed("i", value.to_bytes(8, "big", signed=True))
    return framed("t", value.encode()) if isinstance(value, str) else framed("b", value)


def plainly(*values: Any) -> bytes:
    return len(values).to_bytes(4, "big") + b"".join(map(plain, values))


def leaf_of(journal_id: UUID, body: dict[str, Any], note: str, lines: list[list[Any]]) -> bytes:
    particulars = [
        "mizan.particulars",
        body["ledger_key"],
        body["request_hash"],
        body["actor"],
        note,
    ]
    digest = sha256(plainly(*particulars)).digest()
    header = ["mizan.journal", BOOK, BOOK, journal_id]
    header += [body[name] for name in ("kind", "effective_at", "recorded_at", "period")]
    header += [body["origin_period"] or "no date", body["cause_kind"], body["cause_id"]]
    header.append(body["reverses"] or "no id")
    content = plainly(*header, len(lines), digest)
    for line in lines:
        content += sha256(plainly("mizan.line", BOOK, journal_id, *line)).digest()
    return sha256(b"\0" + content).digest()


async def write(
    db: AsyncConnection, journal_id: UUID, body: dict[str, Any], lines: list[Any]
) -> list[list[Any]]:
    """Put the journal in place of the one that is there; gives its lines as they are covered."""
    own = {"book": BOOK, "id": journal_id}
    columns = ", ".join(f"{name} = :{name}" for name in body if name != "note")
    await db.execute(
        text(
            f"UPDATE payouts.journal SET {columns}, note = CAST(:note AS jsonb), lines = :lines WHERE book_id = :book AND journal_id = :id"
        ),
        {**body, **own, "note": json.dumps(body["note"]), "lines": len(lines)},
    )
    await db.execute(
        text("DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :id"), own
    )
    accounts = (
        await db.execute(
            text(
                "SELECT account_id, type, owner_kind, owner_id, sub, unit FROM payouts.account WHERE book_id = :book ORDER BY account_id"
            ),
            own,
        )
    ).all()
    covered: list[list[Any]] = []
    for number, (amount, at) in enumerate(lines, 1):
        one = accounts[number % len(accounts)]
        await db.execute(
            text(
                "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit, amount, effective_at, recorded_at) VALUES (:book, :id, :line, :book, :account, :unit, :amount, :at, :at)"
            ),
            {
                **own,
                "line": number,
                "account": one.account_id,
                "unit": one.unit,
                "amount": amount,
                "at": at,
            },
        )
        covered.append(
            [
                number,
                one.account_id,
                one.type,
                one.owner_kind,
                one.owner_id,
                one.sub,
                one.unit,
                amount,
                at,
            ]
        )
    return covered


@pytest.fixture
async def journal_id(sealed: Sealed, superuser: AsyncConnection) -> UUID:
    (one,) = await sealed.block_of("a")
    await superuser.execute(text("SET session_replication_role = replica"))
    for statement in (
        "ALTER TABLE payouts.posting DROP CONSTRAINT posting_amount",
        "UPDATE payouts.account SET owner_id = 'ميزان', sub = 'x' WHERE type = 'platform_fee'",
    ):
        await superuser.execute(text(statement))
    return one


async def test_both_encoders_agree_on_any_journal(
    sealed: Sealed, superuser: AsyncConnection, journal_id: UUID
) -> None:
    examples: list[tuple[dict[str, Any], list[Any]]] = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(body=JOURNALS, lines=LINES)
    def draw(body: dict[str, Any], lines: list[Any]) -> None:
        examples.append((body, lines))

    draw()
    seen = set()
    for body, lines in examples:
        await superuser.execute(text("BEGIN"))
        covered = await write(superuser, journal_id, body, lines)
        places = {"book": BOOK, "from_seq": 1, "to_seq": 1}
        (row,) = (await superuser.execute(SERVICE_LEAVES, places)).all()
        note = (
            await superuser.execute(
                text("SELECT note::text FROM payouts.journal WHERE journal_id = :id"),
                {"id": journal_id},
            )
        ).scalar_one()
        proof = await read_proof(superuser, network_id=BOOK, journal_id=journal_id, party=None)
        await superuser.execute(text("ROLLBACK"))
        assert bytes(row.leaf) == leaf_of(journal_id, body, note, covered)
        assert proof is not None
        assert proof.journal.leaf() == bytes(row.leaf)
        seen.add(bytes(row.leaf))
    assert len(seen) == len({str(one) for one in examples}) >= 50


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4))
def test_no_two_lists_share_an_encoding(one: list[str], other: list[str]) -> None:
    assert (encode(*one) == encode(*other)) == (one == other)


def test_the_first_instant_and_the_ends_of_a_whole_number() -> None:
    at = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)
    assert encode(at) == b"\0\0\0\x01" + b"\0\0\x04\xa0\0\0\0\x08" + b"\xff" * 8
    ends = [b"\x80" + bytes(7), b"\x7f" + b"\xff" * 7]
    assert encode(-(2**63), 2**63 - 1) == bytes([0, 0, 0, 2]) + b"".join(
        b"\0\0\0\x14\0\0\0\x08" + end for end in ends
    )
    assert encode(Missing("text")) == b"\0\0\0\x01\0\0\0\x19" + b"\xff" * 4
    with pytest.raises(OverflowError):
        encode(2**63)


def rfc_6962(leaves: list[bytes]) -> bytes:
    """The tree as the standard defines it, from above."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + rfc_6962(leaves[:half]) + rfc_6962(leaves[half:])).digest()


@pytest.mark.parametrize("size", [*range(1, 34), 100, 1_000])
def test_every_leaf_has_a_path_to_the_root_and_no_other_has(size: int) -> None:
    leaves = [sha256(str(n).encode()).digest() for n in range(size)]
    root = root_of(leaves)
    assert root == rfc_6962(leaves)
    for index in {0, size // 2, size - 1}:
        path = path_of(levels_of(leaves), index)
        assert root_by_path(leaves[index], index=index, size=size, path=path) == root
        assert root_by_path(bytes(32), index=index, size=size, path=path) != root
        assert root_by_path(leaves[index], index=index, size=size, path=[*path, root]) is None
        if path:
            short = root_by_path(leaves[index], index=index, size=size, path=path[1:])
            assert short is None
        assert root_by_path(leaves[index], index=size, size=size, path=path) is None
