"""Verifying all books."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.find_strays import find_strays
from payouts.seals.findings import Findings
from payouts.seals.model import Fault, FaultKind, Verdict
from payouts.seals.verify_book import Trust, verify_book

NO_BOOK = 0

_BOOKS = text(
    "SELECT b.book_id FROM audit.book b UNION SELECT s.book_id FROM audit.sealer s"
    " UNION SELECT k.book_id FROM audit.block k ORDER BY book_id"
)
# Compiling a statement anew for each stretch costs more than it saves; planning it for its own
# range costs nothing beside reading it. A stretch is sorted in memory.
_SETTINGS = (
    text("SET LOCAL jit = off"),
    text("SET LOCAL plan_cache_mode = force_custom_plan"),
    text("SET LOCAL work_mem = '32MB'"),
)


async def verify_books(
    db: AsyncConnection,
    *,
    beside: Sequence[AsyncConnection] = (),
    trust: Trust,
    told: Callable[[int], None],
    now: datetime,
) -> Verdict:
    """Compute the whole sealed order of all books again, as their auditor; changes nothing.

    Connections `beside` stand on the same snapshot and share the work.
    `told` is called with the number of journals done since it was last called. The first fault of
    the verdict is the first in the order of books and places; there are at most a hundred.
    """
    for one in (db, *beside):
        for setting in _SETTINGS:
            await one.execute(setting)
    findings = Findings()
    known = {row.book_id for row in await db.execute(_BOOKS)}
    for book_id in sorted(known | set(trust.anchors.books())):
        before = await verify_book(
            db,
            beside=beside,
            book_id=book_id,
            trust=trust,
            findings=findings,
            told=told,
            now=now,
        )
        if findings.is_full:
            break
        await find_strays(db, book_id=book_id, before=before, findings=findings, now=now)
    for line, reason in trust.anchors.strays():
        says = f"line {line} of the anchors: {reason}"
        findings.note(Fault(FaultKind.ANCHOR_ALTERED, says, NO_BOOK))
    return Verdict(findings.journals, findings.blocks, trust.anchors.lines, tuple(findings.faults))
