"""Posting an approved settlement cycle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import post_journal, sum_movements
from payouts.settlement.errors import (
    ApproverIsMaker,
    SettlementCycleNotInReview,
    StatementAltered,
)
from payouts.settlement.model import (
    OWN_KINDS,
    SCOPE,
    CycleState,
    Outcome,
    SettlementCycle,
    Statement,
    draw_positions,
    hash_position,
    settlement_net_journal,
    settlement_position_journal,
)
from payouts.settlement.queries import list_cycle_statements, lock_settlement_cycle
from payouts.settlement.tables import settlement_cycle, statement


async def post_settlement_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID, actor: str, now: datetime
) -> tuple[SettlementCycle, list[Statement]]:
    """Approve a cycle in review: net every partner's obligations and book what is left to settle.

    Returns the statements that are to be paid or collected. The statements are drawn again from
    the postings first; if one differs, nothing happens. Raises SettlementCycleNotFound,
    SettlementCycleNotInReview, ApproverIsMaker, StatementAltered.
    """
    cycle = await lock_settlement_cycle(db, network_id=network_id, cycle_id=cycle_id)
    if cycle.state is not CycleState.IN_REVIEW:
        raise SettlementCycleNotInReview(state=cycle.state.value)
    if cycle.closed_by == actor:
        raise ApproverIsMaker
    issued = await list_cycle_statements(db, network_id=network_id, cycle_id=cycle_id)
    await _compare_with_postings(db, network_id, cycle, issued)
    for one in issued:
        await _post(db, network_id, one, actor, now)
    orders = [one for one in issued if one.outcome in (Outcome.PAY, Outcome.COLLECT)]
    state = CycleState.EXECUTING if orders else CycleState.SETTLED
    approved = replace(
        cycle,
        state=state,
        approved_by=actor,
        approved_at=now,
        settled_at=None if orders else now,
    )
    await db.execute(
        update(settlement_cycle)
        .where(settlement_cycle.c.network_id == network_id, settlement_cycle.c.cycle_id == cycle_id)
        .values(
            state=state.value,
            approved_by=actor,
            approved_at=now,
            settled_at=approved.settled_at,
        )
    )
    await db.execute(
        update(statement)
        .where(statement.c.network_id == network_id, statement.c.cycle_id == cycle_id)
        .values(state="final")
    )
    return approved, orders


async def _post(
    db: AsyncConnection, network_id: int, one: Statement, actor: str, now: datetime
) -> None:
    if one.outcome is Outcome.CARRIED:
        return  # it stays where it is and opens the next statement
    net = settlement_net_journal(one, actor=actor, now=now)
    if net.without_zeros():
        await post_journal(db, network_id=network_id, draft=net, now=now)
    if one.net:
        draft = settlement_position_journal(one, actor=actor, now=now)
        await post_journal(db, network_id=network_id, draft=draft, now=now)


async def _compare_with_postings(
    db: AsyncConnection, network_id: int, cycle: SettlementCycle, issued: Sequence[Statement]
) -> None:
    sums = await sum_movements(
        db,
        network_id=network_id,
        types=SCOPE,
        without_kinds=OWN_KINDS,
        after_seq=cycle.from_seq,
        to_seq=cycle.to_seq,
    )
    drawn = {(one.partner_id, one.currency): one for one in draw_positions(sums, ())}
    for one in issued:
        again = drawn.pop((one.partner_id, one.currency), None)
        if again is None and one.lines_count == 0:
            continue
        if again is None:
            raise StatementAltered(number=one.number)
        again = replace(
            again,
            opening_receivable=one.opening_receivable,
            opening_payable=one.opening_payable,
        )
        content_hash = hash_position(
            again, number=one.number, from_seq=cycle.from_seq, to_seq=cycle.to_seq
        )
        if content_hash != one.content_hash:
            raise StatementAltered(number=one.number)
    if drawn:
        raise StatementAltered
