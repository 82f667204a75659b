"""Corrections drawn at random: each is told once, whatever was asked when, and the auditor agrees."""

from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.settlement import AdjustmentStatement, NothingToAdjust, Statement
from tests.conftest import NOW
from tests.payouts.settlement.adjusting import (
    adjust,
    adjustments_of,
    assert_sound,
    lines_of,
    post,
    settle,
)
from tests.payouts.settlement.world import P, assert_books_balance

SEED = 20260415
SIDES = ("partner_recv", "partner_payable")
Told = dict[UUID, list[tuple[Any, ...]]]


async def live(world: Database) -> tuple[list[Statement], datetime]:
    """Trade, take back, settle and adjust for some weeks; gives the final statements and the end."""
    random = Random(SEED)
    final: list[Statement] = []
    traded: list[tuple[UUID, str, int]] = []
    at = NOW
    for number in range(60):
        at += timedelta(minutes=random.randint(1, 600))
        when: dict[str, Any] = {
            "at": at - timedelta(hours=random.choice([0, 0, 0, 5, 20, 90])),
            "now": at,
        }
        if traded and random.random() < 0.4:
            of, side, left = traded.pop(random.randrange(len(traded)))
            minor = -random.randint(1, left)
            await post(world, str(number), P, minor, side=side, reverses=of, **when)
        else:
            side, minor = random.choice(SIDES), random.randint(1, 500)
            traded.append(
                (await post(world, str(number), P, minor, side=side, **when), side, minor)
            )
        if random.random() < 0.15:
            final += (await settle(world, at)).values()
        for one in final:
            if random.random() < 0.15:
                with suppress(NothingToAdjust):
                    await adjust(world, one, at)
    return final, at


async def test_every_correction_is_told_once_and_as_the_auditor_finds_it(
    world: Database, superuser: AsyncConnection
) -> None:
    final, at = await live(world)
    assert len(final) > 4
    told: Told = {}
    for one in final:
        with suppress(NothingToAdjust):
            await adjust(world, one, at)
        told[one.statement_id] = [
            (line.seq, line.line, line.reason.value, line.corrects, line.is_late)
            for adjustment in await adjustments_of(world, one)
            for line in await _in_pages(world, adjustment)
        ]
        assert told[one.statement_id] == await _reckoned(superuser, one)
    reasons = {reason for lines in told.values() for _, _, reason, *_ in lines}
    assert reasons == {"reversal", "late"}
    assert await _audited(superuser, told) == told
    await assert_sound(superuser)
    await assert_books_balance(superuser)


async def _audited(superuser: AsyncConnection, told: Told) -> Told:
    rows = await superuser.execute(
        text(
            "SELECT statement_id, seq, line, reason, corrects, is_late FROM audit.adjustment_line"
            " ORDER BY seq, line"
        )
    )
    found: Told = {one: [] for one in told}
    for row in rows:
        found[row.statement_id].append(tuple(row)[1:])
    return found


async def _in_pages(world: Database, one: AdjustmentStatement) -> list[Any]:
    found: list[Any] = []
    while page := await lines_of(
        world, one, limit=2, after=(found[-1].seq, found[-1].line) if found else None
    ):
        found += page
    backwards = await lines_of(world, one, limit=99, newest_first=True)
    assert backwards == found[::-1]
    return found


async def _reckoned(superuser: AsyncConnection, one: Statement) -> list[tuple[Any, ...]]:
    """What corrects a statement, reckoned from all that was posted and by the words of the guide."""
    rows = await superuser.execute(
        text(
            "SELECT k.seq, p.line, j.journal_id, j.kind, j.reverses, j.effective_at"
            " FROM payouts.posting p JOIN payouts.account a USING (book_id, account_id)"
            " JOIN payouts.journal j USING (book_id, journal_id)"
            " JOIN payouts.seal k USING (book_id, journal_id)"
            " WHERE a.type IN ('partner_recv', 'partner_payable') ORDER BY k.seq, p.line"
        )
    )
    found = rows.all()
    cut, before = one.stretch.cut, one.stretch.before
    assert cut.at is not None

    def is_held(row: Any, at: Any) -> bool:
        return at is not None and row.seq <= at.seq and row.effective_at < at.at

    own = {row.journal_id for row in found if is_held(row, cut) and not is_held(row, before)}
    reckoned = []
    for row in found:
        begun = before is None or row.effective_at >= before.at
        is_late = row.seq > cut.seq and begun and row.effective_at < cut.at
        if is_held(row, cut) or row.kind == "settlement.net":
            continue
        if row.reverses in own:
            reckoned.append((row.seq, row.line, "reversal", row.reverses, is_late))
        elif is_late:
            reckoned.append((row.seq, row.line, "late", None, True))
    return reckoned
