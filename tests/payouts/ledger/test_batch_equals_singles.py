"""A batch leaves what its journals leave when they are posted one after the other."""

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    Line,
    LotPart,
    credit,
    debit,
    open_accounts,
    open_book,
)
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import new_id
from tests.conftest import NOW
from tests.payouts.ledger.test_post_journal import FEES, PARTNER, sar

MEMBERS = [
    Account(kind, f"m{number}", "SAR")
    for kind in ("member_available", "member_pending")
    for number in range(2)
]
BATCHED, SINGLE = 71, 72
STATE = text(
    "SELECT a.type, a.owner_id, b.debit, b.credit, l.origin_id, l.expires_at, l.amount, l.remaining"
    " FROM payouts.account a"
    " LEFT JOIN payouts.balance b ON b.book_id = a.book_id AND b.account_id = a.account_id"
    " LEFT JOIN payouts.lot l ON l.book_id = a.book_id AND l.account_id = a.account_id"
    " WHERE a.book_id = :book ORDER BY 1, 2, 5, 6, 7, 8"
)
REVERSED = text(
    "SELECT reversed FROM payouts.journal_reversal WHERE book_id = :book ORDER BY posted, reversed"
)


def journals(rng: random.Random, earlier: Sequence[str]) -> list[tuple[Draft, str | None]]:
    """Drafts, some under the same key, some reversing or restoring an earlier journal by its key."""
    made: list[tuple[Draft, str | None]] = []
    for number in range(rng.randint(1, 25)):
        amount, member = sar(rng.randint(1, 60)), rng.choice(MEMBERS)
        back = rng.choice(earlier) if earlier and rng.random() < 0.3 else None
        draft = Draft(
            kind="test",
            key=f"{number - rng.randint(0, 1)} of {len(earlier)}",
            cause=Cause("test", f"{len(earlier)}:{number}"),
            lines=lines_of(rng, amount.minor, member),
            actor="test",
            effective_at=NOW + timedelta(days=rng.randint(-40, 0)),
        )
        again = bool(made) and rng.random() < 0.15
        made.append(rng.choice(made) if again else (draft, back))
    return made


def lines_of(rng: random.Random, minor: int, member: Account) -> tuple[Line, ...]:
    parts = [
        LotPart(
            sar(rng.randint(1, minor)),
            Cause("test", rng.choice("abc")),
            expires_at=NOW + timedelta(days=rng.randint(1, 3)),
        )
    ] * rng.randint(0, 1)
    amount = sar(minor)
    return rng.choice(
        [
            (debit(PARTNER, amount), credit(member, amount, parts)),
            (debit(PARTNER, amount), credit(member, amount, parts)),
            (debit(member, amount, parts), credit(FEES, amount)),
            (debit(MEMBERS[0], amount), credit(MEMBERS[1], amount)),
            (debit(MEMBERS[2], amount, parts), credit(MEMBERS[0], amount)),
            (debit(PARTNER, amount), credit(FEES, amount)),
            (debit(PARTNER, amount), credit(FEES, sar(minor + 1))),
        ]
    )


class Book:
    def __init__(self, number: int) -> None:
        self.number = number
        self.posted: dict[str, UUID] = {}

    async def post(
        self, db: AsyncConnection, batch: Sequence[tuple[Draft, str | None]], restores: bool
    ) -> list[str]:
        drafts = [draft for draft, _ in batch]
        ids = [new_id(NOW) for _ in drafts]
        values = parameters_of(drafts, ids=ids, network_id=self.number, now=NOW)
        backs = [self.posted.get(back) if back else None for _, back in batch]
        values["restores" if restores else "reverses"] = backs
        rows = (await db.execute(POST, values)).all()
        for (draft, _), row in zip(batch, rows, strict=True):
            if row.outcome == "posted":
                self.posted[draft.key] = row.journal_id
        return [row.outcome for row in rows]


@pytest.mark.parametrize("seed", range(6))
async def test_a_batch_is_its_journals_one_after_the_other(
    database: Database, superuser: AsyncConnection, seed: int
) -> None:
    rng = random.Random(seed)
    batched, single = Book(BATCHED), Book(SINGLE)
    for book in (batched, single):
        async with database.writing(book.number) as db:
            await open_book(db, network_id=book.number, zone="Asia/Riyadh", now=NOW)
            await open_accounts(
                db, network_id=book.number, accounts=[*MEMBERS, PARTNER, FEES], now=NOW
            )
    seen: set[str] = set()
    for _ in range(8):
        batch = journals(rng, sorted(batched.posted))
        restores = rng.random() < 0.5
        async with database.writing(BATCHED) as db:
            outcomes = await batched.post(db, batch, restores)
        async with database.writing(SINGLE) as db:
            earlier = dict(single.posted)
            expected = []
            for one in batch:
                standing = single.posted
                single.posted = dict(earlier)  # what is reversed stands before the batch
                expected += await single.post(db, [one], restores)
                single.posted = standing | single.posted
        assert outcomes == expected, seed
        seen |= set(outcomes)
        left = [
            [tuple(row) for row in await superuser.execute(query, {"book": book})]
            for query in (STATE, REVERSED)
            for book in (BATCHED, SINGLE)
        ]
        assert left[0] == left[1], seed
        assert left[2] == left[3], seed
    assert {"posted", "replayed", "MZ003", "MZ007", "MZ008"} <= seen
