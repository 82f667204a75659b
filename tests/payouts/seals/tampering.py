"""A book of three blocks that nobody touched, and somebody who may alter anything in it."""

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.anchors import read_anchors
from api.cli.verify import Against, hold_books
from api.database.engine import Addresses
from payouts.seals import Trust, Verdict, verify_books
from tests.payouts.seals.world import BOOK, Sealed, as_superuser

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
