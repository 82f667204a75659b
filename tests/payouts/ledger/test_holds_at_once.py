"""Holds under many hands: never more set aside than there is, each amount resolved once."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    BalanceTooLow,
    HoldHasLess,
    LedgerFault,
    credit,
    debit,
    post_journal,
    read_holds,
    resolve_hold,
)
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_holds import hold, member_balance, resolve
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, earned, sar

BALANCE = 1_000


@pytest.fixture
async def funded(book: Database) -> Database:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(minor=BALANCE), now=NOW)
    return book


async def capture(book: Database, hold_id: UUID, minor: int, key: str) -> bool:
    """Capture and post what was captured, in one transaction, as every use case does."""
    async with book.writing(BOOK) as db:
        replayed = await resolve_hold(
            db,
            network_id=BOOK,
            hold_id=hold_id,
            kind="captured",
            amount=sar(minor),
            key=key,
            now=NOW,
        )
        lines = (debit(MEMBER, sar(minor)), credit(FEES, sar(minor)))
        await post_journal(db, network_id=BOOK, draft=replace(earned(key), lines=lines), now=NOW)
    return replayed


async def everything(superuser: AsyncConnection) -> list[tuple[object, ...]]:
    rows = await superuser.execute(
        text(
            "SELECT 'hold', hold_id::text, amount, captured, released FROM payouts.hold UNION ALL"
            " SELECT kind, resolution_id::text, amount, 0, 0 FROM payouts.hold_resolution"
            " UNION ALL SELECT 'balance', account_id::text, debit, credit, held"
            " FROM payouts.balance UNION ALL SELECT 'posting', journal_id::text, amount, line, 0"
            " FROM payouts.posting ORDER BY 1, 2, 3, 4"
        )
    )
    return [tuple(row) for row in rows]


async def test_a_capture_above_the_hold_changes_nothing(
    funded: Database, superuser: AsyncConnection
) -> None:
    hold_id = await hold(funded, 600)
    await hold(funded, 400, key="another's")
    await capture(funded, hold_id, 250, "c1")
    before = await everything(superuser)
    for minor in (351, 600, 2**63 - 1):
        with pytest.raises(HoldHasLess):
            await capture(funded, hold_id, minor, "c2")
    for minor in (0, -1):
        with pytest.raises(HoldHasLess):
            await resolve(funded, hold_id, "captured", minor, "c2")
    assert await everything(superuser) == before


async def test_an_expired_hold_frees_what_was_not_captured_and_takes_nothing_more(
    funded: Database, superuser: AsyncConnection
) -> None:
    hold_id = await hold(funded, 600)
    await hold(funded, 400, key="another's")
    assert not await capture(funded, hold_id, 250, "c1")
    assert not await resolve(funded, hold_id, "expired", 350, "e1")
    assert await member_balance(funded) == (sar(750), sar(400), sar(350))
    before = await everything(superuser)
    assert await resolve(funded, hold_id, "expired", 350, "e1")
    assert await everything(superuser) == before
    assert await capture(funded, hold_id, 250, "c1")
    for kind in ("captured", "voided", "expired"):
        with pytest.raises(HoldHasLess):
            await resolve(funded, hold_id, kind, 1, f"late:{kind}")
    assert await everything(superuser) == before
    async with funded.reading(BOOK) as db:
        found = (await read_holds(db, network_id=BOOK, hold_ids=[hold_id]))[hold_id]
    assert (found.amount, found.captured, found.released) == (sar(600), sar(250), sar(350))


async def test_a_key_resolves_one_hold_in_one_way(
    funded: Database, superuser: AsyncConnection
) -> None:
    first, second = await hold(funded, 300), await hold(funded, 300, key="h2")
    await resolve(funded, first, "voided", 100, "r1")
    before = await everything(superuser)
    for hold_id, kind, minor in (
        (second, "voided", 100),
        (first, "expired", 100),
        (first, "voided", 101),
    ):
        with pytest.raises(LedgerFault, match="MZ008"):
            await resolve(funded, hold_id, kind, minor, "r1")
    assert await everything(superuser) == before


class Crowd:
    """Fifty who place, capture, void and let expire, at random."""

    def __init__(self, book: Database) -> None:
        self.book = book
        self.open: list[UUID] = []
        self.counts = {"placed": 0, "captured": 0, "given back": 0, "refused": 0}

    async def act(self, number: int) -> None:
        random_ = random.Random(number)
        for step in range(8):
            key = f"{number}:{step}"
            try:
                if not self.open or random_.random() < 0.4:
                    self.open.append(await hold(self.book, random_.randint(1, 80), key))
                    self.counts["placed"] += 1
                else:
                    await self.resolve(random_, key)
            except (BalanceTooLow, HoldHasLess):
                self.counts["refused"] += 1

    async def resolve(self, random_: random.Random, key: str) -> None:
        hold_id = random_.choice(self.open)
        kind = random_.choice(("captured", "voided", "expired"))
        minor = random_.randint(1, 40)
        if kind == "captured":
            await capture(self.book, hold_id, minor, key)
            self.counts["captured"] += 1
        else:
            await resolve(self.book, hold_id, kind, minor, key)
            self.counts["given back"] += 1


async def test_open_holds_never_exceed_the_balance_whoever_acts_at_once(
    funded: Database, superuser: AsyncConnection, tell_proof: Callable[[str], None]
) -> None:
    crowd = Crowd(funded)
    is_over = asyncio.Event()
    looks = 0

    async def look() -> None:
        nonlocal looks
        while not is_over.is_set():
            posted, held, available = await member_balance(funded)
            assert (held.minor >= 0, available.minor >= 0) == (True, True), (posted, held)
            open_ = await superuser.execute(
                text(
                    "SELECT coalesce(sum(h.amount - h.captured - h.released), 0)::bigint = b.held,"
                    " b.credit - b.debit >= b.held FROM payouts.balance b LEFT JOIN payouts.hold h"
                    " ON h.account_id = b.account_id WHERE b.account_id = :account"
                    " GROUP BY b.held, b.credit, b.debit"
                ),
                {"account": MEMBER.id_in(BOOK)},
            )
            assert open_.one() == (True, True)
            looks += 1

    looking = asyncio.create_task(look())
    await asyncio.gather(*(crowd.act(number) for number in range(50)))
    is_over.set()
    await looking
    assert min(*crowd.counts.values(), looks) > 3, (crowd.counts, looks)
    sums = await superuser.execute(
        text(
            "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0)::bigint FROM"
            " payouts.hold_resolution"
        )
    )
    posted, _, _ = await member_balance(funded)
    assert posted.minor == BALANCE - sums.scalar_one()
    told = ", ".join(f"{count} {what}" for what, count in crowd.counts.items())
    tell_proof(f"open holds stay within the balance: {told}, looked at {looks} times")
