"""Finding what is in a book and not in its sealed order, or beyond its last block."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import CHART, Account
from payouts.seals.findings import FAULTS_MAX, Findings
from payouts.seals.judging import GRACE, Before
from payouts.seals.model import BLOCK_JOURNALS_MAX, Fault, FaultKind

ACCOUNTS_MAX = 2_000

_BOOK = bindparam("book", type_=BigInteger)
_TAIL = text(
    f"""
    SELECT k.seq, k.journal_id, k.sealed_at, j.recorded_at, j.journal_id IS NULL AS is_gone
    FROM audit.seal k LEFT JOIN audit.journal j
      ON j.book_id = :book AND j.book_id = k.book_id AND j.journal_id = k.journal_id
    WHERE k.book_id = :book AND k.seq > :after ORDER BY k.seq LIMIT {BLOCK_JOURNALS_MAX}
    """  # noqa: S608 a number
).bindparams(_BOOK, bindparam("after", type_=BigInteger))
_STANDS_AT = text("SELECT s.seq FROM audit.sealer s WHERE s.book_id = :book").bindparams(_BOOK)
_UNSEALED = text(
    f"""
    SELECT j.journal_id, j.recorded_at FROM audit.journal j
    WHERE j.book_id = :book AND j.seq IS NULL
      AND (j.recorded_at < :before OR j.recorded_at > :after)
    ORDER BY j.recorded_at, j.journal_id LIMIT {FAULTS_MAX}
    """  # noqa: S608 a number
).bindparams(
    _BOOK, *(bindparam(name, type_=DateTime(timezone=True)) for name in ("before", "after"))
)
_LOOSE = text(
    f"""
    SELECT p.journal_id, min(p.line) AS line FROM audit.posting p
    WHERE p.book_id = :book AND NOT EXISTS (SELECT 1 FROM audit.journal j
      WHERE j.book_id = :book AND j.book_id = p.book_id AND j.journal_id = p.journal_id)
    GROUP BY p.journal_id ORDER BY p.journal_id LIMIT {FAULTS_MAX}
    """  # noqa: S608 a number
).bindparams(_BOOK)
_ACCOUNTS = text(
    f"""
    SELECT a.account_id, a.type, a.unit, a.owner_kind, a.owner_id, a.sub, a.normal, a.floor,
      a.mode, a.has_lots, a.unit_kinds
    FROM audit.account a
    WHERE a.book_id = :book AND a.account_id > :after ORDER BY a.account_id LIMIT {ACCOUNTS_MAX}
    """  # noqa: S608 a number
).bindparams(_BOOK, bindparam("after", type_=Uuid))


async def find_strays(
    db: AsyncConnection, *, book_id: int, before: Before, findings: Findings, now: datetime
) -> None:
    """Find journals without a place, places without a block, and rows that belong to nothing.

    Changes nothing but the findings. Also accounts that are not called as their ids say: every
    line names its account, so a renamed one moves money without touching a posting. And accounts
    that do not behave as the chart says: without its floor, more is taken of one than it has.
    """
    await _judge_tail(db, book_id, before, findings, now)
    await _judge_unsealed(db, book_id, before, findings, now)
    for row in await db.execute(_LOOSE, {"book": book_id}):
        if not findings.name_journal(row.journal_id):
            says = f"line {row.line} belongs to no journal"
            kind = FaultKind.INSERTED
            findings.note(Fault(kind, says, book_id, journal_id=row.journal_id))
    await _judge_accounts(db, book_id, findings)


async def _judge_tail(
    db: AsyncConnection, book_id: int, before: Before, findings: Findings, now: datetime
) -> None:
    after = 0 if before.last is None else before.last.to_seq
    is_late = False
    while True:
        rows = (await db.execute(_TAIL, {"book": book_id, "after": after})).all()
        for expected, row in enumerate(rows, after + 1):
            findings.note(_fault_at(row, expected, book_id))
            if row.sealed_at < now - GRACE and not is_late:
                is_late = True
                says = "the journal has a place and is in no block"
                kind = FaultKind.UNSEALED_TOO_LONG
                findings.note(Fault(kind, says, book_id, None, row.seq, row.journal_id))
            if row.seq != expected:
                break
        findings.journals += len(rows)
        if len(rows) < BLOCK_JOURNALS_MAX or findings.is_full:
            break
        after = rows[-1].seq
    await _judge_sealer(db, book_id, rows[-1].seq if rows else after, findings)


def _fault_at(row: Any, expected: int, book_id: int) -> Fault | None:
    if row.seq != expected:
        says = f"nothing stands at place {expected}"
        return Fault(FaultKind.MISSING, says, book_id, None, expected)
    if row.is_gone:
        return Fault(
            FaultKind.MISSING, "the journal is gone", book_id, None, row.seq, row.journal_id
        )
    return None


async def _judge_sealer(
    db: AsyncConnection, book_id: int, last_place: int, findings: Findings
) -> None:
    stands_at = (await db.execute(_STANDS_AT, {"book": book_id})).scalar_one_or_none() or 0
    if findings.names(FaultKind.CUT_TAIL, book_id) or stands_at == last_place:
        return
    kind = FaultKind.CUT_TAIL if stands_at > last_place else FaultKind.INSERTED
    says = f"the order ends at place {last_place}, its sealer stands at {stands_at}"
    findings.note(Fault(kind, says, book_id, None, min(stands_at, last_place) + 1))


async def _judge_unsealed(
    db: AsyncConnection, book_id: int, before: Before, findings: Findings, now: datetime
) -> None:
    bounds = {"before": now - GRACE, "after": now + GRACE}
    for row in await db.execute(_UNSEALED, {"book": book_id, **bounds}):
        if row.recorded_at > now:
            kind, says = FaultKind.INSERTED, "recorded in a time to come, and not sealed"
        elif before.is_backdated(row.recorded_at):
            kind, says = FaultKind.INSERTED, "recorded before the last seal, and not sealed by it"
        else:
            kind, says = FaultKind.UNSEALED_TOO_LONG, "the journal has no place"
        findings.note(Fault(kind, says, book_id, journal_id=row.journal_id))


async def _judge_accounts(db: AsyncConnection, book_id: int, findings: Findings) -> None:
    after: UUID | None = UUID(int=0)
    while after is not None and not findings.is_full:
        rows = (await db.execute(_ACCOUNTS, {"book": book_id, "after": after})).all()
        for row in rows:
            if not _is_called_by_its_id(row, book_id):
                says = f"account {row.account_id} is not called as its id says"
                findings.note(Fault(FaultKind.ALTERED, says, book_id))
            elif not _behaves_as_its_type(row):
                says = f"account {row.account_id} does not behave as the chart says"
                findings.note(Fault(FaultKind.ALTERED, says, book_id))
        after = rows[-1].account_id if len(rows) == ACCOUNTS_MAX else None


def _is_called_by_its_id(row: Any, book_id: int) -> bool:
    try:
        named = Account(row.type, row.owner_id, row.unit, row.sub)
    except ValueError:
        return False
    return (named.owner_kind, named.id_in(book_id)) == (row.owner_kind, row.account_id)


def _behaves_as_its_type(row: Any) -> bool:
    own = CHART[row.type]
    says = (row.normal, row.floor, row.mode, row.has_lots, frozenset(row.unit_kinds))
    return says == (own.normal, own.floor, own.mode, own.has_lots, own.unit_kinds)
