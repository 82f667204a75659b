"""Issuing the statements of a settlement cycle anew."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Cut
from payouts.seals import seal_journals
from payouts.settlement.decision import is_decided_anew
from payouts.settlement.errors import SettlementCycleNotInReview
from payouts.settlement.hashes import hash_result
from payouts.settlement.issue_statements import issue_statements
from payouts.settlement.model import (
    CycleState,
    SettlementCycle,
    Statement,
    StatementState,
)
from payouts.settlement.queries import list_cycle_statements, lock_settlement_cycle
from payouts.settlement.read_positions import read_positions
from payouts.settlement.read_quotes import read_quotes
from payouts.settlement.tables import settlement_cycle, statement


async def reissue_settlement_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID, now: datetime
) -> SettlementCycle:
    """Cut a cycle in review again at the same instant, with what has been sealed since.

    Statements that come out otherwise are superseded by a later version of the same number, whose
    difference is the lines behind the place of the earlier one; the others stand as they are, with
    the rates that they have. A first approval was of what stood before, and is void. When none
    comes out otherwise, nothing changes. Raises SettlementCycleNotFound, SettlementCycleNotInReview.
    """
    position = await seal_journals(db, network_id=network_id, now=now)
    cycle = await lock_settlement_cycle(db, network_id=network_id, cycle_id=cycle_id)
    if cycle.state is not CycleState.IN_REVIEW:
        raise SettlementCycleNotInReview(state=cycle.state.value)
    again = replace(
        cycle,
        version=cycle.version + 1,
        cut=Cut(cycle.cut.at, position.last_seq),
        first_approved_by=None,
        first_approved_at=None,
    )
    standing = {
        one.partner_id: one
        for one in await list_cycle_statements(db, network_id=network_id, cycle_id=cycle_id)
    }
    positions = await read_positions(db, network_id=network_id, cycle=again)
    assert cycle.currency is not None, "a cycle of earlier releases is not in review"
    quotes = await read_quotes(db, network_id=network_id, currency=cycle.currency, now=now)
    changed = [
        one
        for one in positions
        if is_decided_anew(one, standing.get(one.partner_id), quotes.get(one.partner_id), now=now)
    ]
    if not changed:
        return cycle
    replaced = [standing[one.partner_id] for one in changed if one.partner_id in standing]
    await _set_state(db, network_id, replaced, StatementState.SUPERSEDED)
    await issue_statements(
        db,
        network_id=network_id,
        cycle=again,
        positions=changed,
        quotes=quotes,
        now=now,
        earlier=standing,
    )
    issued = await list_cycle_statements(db, network_id=network_id, cycle_id=cycle_id)
    again = replace(again, result_hash=hash_result(one.content_hash for one in issued))
    await db.execute(
        update(settlement_cycle)
        .where(settlement_cycle.c.network_id == network_id, settlement_cycle.c.cycle_id == cycle_id)
        .values(
            version=again.version,
            to_seq=again.cut.seq,
            result_hash=again.result_hash,
            first_approved_by=None,
            first_approved_at=None,
        )
    )
    return again


async def _set_state(
    db: AsyncConnection, network_id: int, statements: list[Statement], state: StatementState
) -> None:
    await db.execute(
        update(statement)
        .where(
            statement.c.network_id == network_id,
            statement.c.statement_id.in_([one.statement_id for one in statements]),
        )
        .values(state=state.value)
    )
