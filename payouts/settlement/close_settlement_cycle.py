"""Closing a settlement cycle."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import sum_movements
from payouts.money import new_id
from payouts.seals import seal_journals
from payouts.settlement.errors import NothingToSettle
from payouts.settlement.model import (
    OWN_KINDS,
    SCOPE,
    CycleState,
    Position,
    SettlementCycle,
    Statement,
    StatementState,
    decide_outcome,
    draw_positions,
    hash_position,
    hash_result,
    minimum_of,
)
from payouts.settlement.queries import (
    find_last_cycle,
    find_last_number,
    list_carried,
    read_payout_policies,
)
from payouts.settlement.tables import settlement_cycle, statement


async def close_settlement_cycle(
    db: AsyncConnection, *, network_id: int, actor: str, now: datetime
) -> SettlementCycle:
    """Fix everything that moved between partners since the last cycle, and issue its statements.

    No posting is touched: the cycle is a stretch of the sealed order. Of two closes at once one
    makes the cycle and the other returns it; so does closing again before anything has moved.
    Raises NothingToSettle.
    """
    position = await seal_journals(db, network_id=network_id, now=now)
    last = await find_last_cycle(db, network_id=network_id)
    from_seq = last.to_seq if last else 0
    sums = await sum_movements(
        db,
        network_id=network_id,
        types=SCOPE,
        without_kinds=OWN_KINDS,
        after_seq=from_seq,
        to_seq=position.last_seq,
    )
    if not sums:
        if last is not None and last.state is CycleState.IN_REVIEW:
            return last
        raise NothingToSettle
    carried = await list_carried(db, network_id=network_id, cycle_id=last.cycle_id) if last else []
    cycle = SettlementCycle(
        cycle_id=new_id(now),
        number=(last.number if last else 0) + 1,
        from_seq=from_seq,
        to_seq=position.last_seq,
        state=CycleState.IN_REVIEW,
        result_hash="",
        closed_by=actor,
        closed_at=now,
        approved_by=None,
        approved_at=None,
        settled_at=None,
    )
    return await _issue(db, network_id, cycle, draw_positions(sums, carried))


async def _issue(
    db: AsyncConnection, network_id: int, cycle: SettlementCycle, positions: list[Position]
) -> SettlementCycle:
    policies = await read_payout_policies(db, network_id=network_id)
    first = await find_last_number(db, network_id=network_id) + 1
    issued = [
        Statement(
            statement_id=new_id(cycle.closed_at),
            cycle_id=cycle.cycle_id,
            partner_id=one.partner_id,
            number=number,
            currency=one.currency,
            from_seq=cycle.from_seq,
            to_seq=cycle.to_seq,
            opening_receivable=one.opening_receivable,
            opening_payable=one.opening_payable,
            receivable=one.receivable,
            payable=one.payable,
            lines_count=one.lines_count,
            outcome=decide_outcome(one.net, minimum_of(policies, one.currency)),
            content_hash=hash_position(
                one, number=number, from_seq=cycle.from_seq, to_seq=cycle.to_seq
            ),
            state=StatementState.ISSUED,
            issued_at=cycle.closed_at,
        )
        for number, one in enumerate(positions, start=first)
    ]
    result_hash = hash_result(one.content_hash for one in issued)
    await db.execute(
        insert(settlement_cycle).values(
            network_id=network_id,
            cycle_id=cycle.cycle_id,
            number=cycle.number,
            from_seq=cycle.from_seq,
            to_seq=cycle.to_seq,
            state=cycle.state.value,
            result_hash=result_hash,
            closed_by=cycle.closed_by,
            closed_at=cycle.closed_at,
        )
    )
    await db.execute(insert(statement), [_row(network_id, one) for one in issued])
    return replace(cycle, result_hash=result_hash)


def _row(network_id: int, one: Statement) -> dict[str, object]:
    return {
        "network_id": network_id,
        "statement_id": one.statement_id,
        "cycle_id": one.cycle_id,
        "partner_id": one.partner_id,
        "number": one.number,
        "currency": one.currency,
        "from_seq": one.from_seq,
        "to_seq": one.to_seq,
        "opening_receivable": one.opening_receivable.minor,
        "opening_payable": one.opening_payable.minor,
        "receivable": one.receivable.minor,
        "payable": one.payable.minor,
        "lines_count": one.lines_count,
        "outcome": one.outcome.value,
        "content_hash": one.content_hash,
        "state": one.state.value,
        "issued_at": one.issued_at,
    }
