"""Journals of three people, sealed into blocks that are anchored, for tests to tamper with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.anchors import AnchorFile, open_anchors
from api.database.transaction import Database
from api.seal_keys import SealKeyFile, open_seal_keys
from api.worker.jobs.sealing import run_sealing
from api.worker.world import World
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    credit,
    debit,
    open_book,
    own_account,
    post_journal,
)
from payouts.money import Money
from tests.conftest import NOW

BOOK = 7
SHOP = UUID(int=0x5401)
MEMBER = UUID(int=0x3301)
OTHER = UUID(int=0x3302)


class TestClock:
    """A clock that a test sets."""

    __test__ = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class Sealed:
    """A book, its keys and its anchors."""

    database: Database
    folder: Path
    keys: SealKeyFile
    anchors: AnchorFile
    clock: TestClock

    @property
    def world(self) -> World:
        parts: Any = SimpleNamespace
        return World(database=self.database, rail=parts(), clock=self.clock, anchors=self.anchors)

    async def post(self, name: str, *, book: int = BOOK, member: UUID = MEMBER) -> UUID:
        """The shop funds 5.00 of cashback, for a fee of 1.00."""
        partner, owner = str(SHOP), str(member)
        draft = Draft(
            kind="test.earn",
            key=name,
            cause=Cause("test", name),
            lines=(
                debit(Account("partner_recv", partner, "SAR"), Money(600, "SAR")),
                credit(Account("member_available", owner, "SAR"), Money(500, "SAR")),
                credit(own_account("platform_fee", "SAR"), Money(100, "SAR")),
            ),
            actor="staff:مها",
            effective_at=self.clock.now() - timedelta(hours=1),
            note={"reason": "تجربة", "n": 1},
        )
        async with self.database.writing(book) as db:
            posted = await post_journal(db, network_id=book, draft=draft, now=self.clock.now())
        return posted.journal_id

    async def block_of(self, *names: str, book: int = BOOK) -> list[UUID]:
        """Post journals and seal them as one block, ten minutes after the last."""
        made = [await self.post(name, book=book) for name in names]
        assert await run_sealing(self.world, book) == len(names)
        self.clock.at += timedelta(minutes=10)
        return made


async def open_sealed(database: Database, folder: Path) -> Sealed:
    keys = open_seal_keys(folder)
    sealed = Sealed(database, folder, keys, open_anchors(folder, keys), TestClock(NOW))
    for number in (BOOK, 8):
        async with database.writing(number) as db:
            await open_book(db, network_id=number, zone="Asia/Riyadh", now=NOW)
    return sealed


async def as_superuser(db: AsyncConnection, *statements: str, **values: object) -> None:
    """Do what no role of ours may, with all guards off."""
    await db.execute(text("SET session_replication_role = replica"))
    for statement in statements:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        assert (await db.execute(text(statement), named)).rowcount != 0, statement


def names(journals: Sequence[UUID]) -> list[str]:
    return [str(one) for one in journals]
