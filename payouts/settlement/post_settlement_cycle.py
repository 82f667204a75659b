"""Posting an approved settlement cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx import FxRate, get_fx_rates
from payouts.ledger import post_journals
from payouts.refusal import Refusal
from payouts.seals import list_blocks
from payouts.settlement.conversion import show_conversion
from payouts.settlement.count_approvals_needed import count_approvals_needed
from payouts.settlement.errors import (
    AlreadyApproved,
    ApproverIsMaker,
    ContentChanged,
    ReviewOpen,
    SettlementCycleNotInReview,
    StatementAltered,
)
from payouts.settlement.hashes import hash_position, hash_result
from payouts.settlement.journals import (
    settlement_convert_journal,
    settlement_net_journal,
    settlement_position_journal,
)
from payouts.settlement.model import (
    CycleState,
    Outcome,
    SettlementCycle,
    Statement,
    StatementState,
)
from payouts.settlement.queries import list_cycle_statements, lock_settlement_cycle
from payouts.settlement.read_positions import read_positions
from payouts.settlement.tables import settlement_cycle, statement


async def post_settlement_cycle(
    db: AsyncConnection,
    *,
    network_id: int,
    cycle_id: UUID,
    actor: str,
    now: datetime,
    result_hash: str | None = None,
) -> tuple[SettlementCycle, list[Statement]]:
    """Approve a cycle in review: net every partner's obligations and book what is left to settle.

    Returns the statements that are to be paid or collected; what is converted is neither, but a
    movement of a cycle of the other currency, at the rate that its statement fixed. `result_hash`
    is that of what the approver has seen. The statements are drawn again from the postings first; if one differs,
    nothing happens. The first of two approvals is recorded and books nothing: the cycle stays in
    review, and nothing is to be paid. Raises SettlementCycleNotFound, SettlementCycleNotInReview,
    ApproverIsMaker, AlreadyApproved, ReviewOpen, ContentChanged, StatementAltered.
    """
    cycle = await lock_settlement_cycle(db, network_id=network_id, cycle_id=cycle_id)
    _check(cycle, actor, result_hash, now)
    issued = await list_cycle_statements(db, network_id=network_id, cycle_id=cycle_id)
    rates = await _read_rates(db, network_id, issued)
    await _compare_with_postings(db, network_id, cycle, issued, rates)
    needed = await count_approvals_needed(db, network_id=network_id, cycles=[cycle])
    if needed[cycle_id] > 1:
        return await _record_first(db, network_id, cycle, actor, now), []
    await _post(db, network_id, issued, rates, actor, now)
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
        .where(
            statement.c.network_id == network_id,
            statement.c.cycle_id == cycle_id,
            statement.c.state == StatementState.ISSUED.value,
        )
        .values(state=StatementState.FINAL.value)
    )
    return approved, orders


def _check(cycle: SettlementCycle, actor: str, result_hash: str | None, now: datetime) -> None:
    if cycle.state is not CycleState.IN_REVIEW:
        raise SettlementCycleNotInReview(state=cycle.state.value)
    if cycle.closed_by == actor:
        raise ApproverIsMaker
    if cycle.first_approved_by == actor:
        raise AlreadyApproved
    if result_hash not in (None, cycle.result_hash):
        raise ContentChanged(path=("result_hash",))
    if now < cycle.review_ends_at:
        raise ReviewOpen(until=cycle.review_ends_at.isoformat())


async def _record_first(
    db: AsyncConnection, network_id: int, cycle: SettlementCycle, actor: str, now: datetime
) -> SettlementCycle:
    await db.execute(
        update(settlement_cycle)
        .where(
            settlement_cycle.c.network_id == network_id,
            settlement_cycle.c.cycle_id == cycle.cycle_id,
        )
        .values(first_approved_by=actor, first_approved_at=now)
    )
    return replace(cycle, first_approved_by=actor, first_approved_at=now)


async def _post(
    db: AsyncConnection,
    network_id: int,
    issued: Sequence[Statement],
    rates: Mapping[UUID, FxRate],
    actor: str,
    now: datetime,
) -> None:
    # What is carried stays where it is and opens the next statement.
    settled = [one for one in issued if one.outcome is not Outcome.CARRIED]
    drafts = [settlement_net_journal(one, actor=actor, now=now) for one in settled]
    drafts += [
        settlement_convert_journal(one, rates[one.conversion.fx_rate_id], actor=actor, now=now)
        if one.conversion
        else settlement_position_journal(one, actor=actor, now=now)
        for one in settled
        if one.net
    ]
    for outcome in await post_journals(
        db,
        network_id=network_id,
        drafts=[one for one in drafts if one.without_zeros()],
        now=now,
    ):
        if isinstance(outcome, Refusal):
            raise outcome


async def _read_rates(
    db: AsyncConnection, network_id: int, issued: Sequence[Statement]
) -> dict[UUID, FxRate]:
    ids = {one.conversion.fx_rate_id for one in issued if one.conversion}
    return await get_fx_rates(db, network_id=network_id, fx_rate_ids=ids) if ids else {}


async def _compare_with_postings(
    db: AsyncConnection,
    network_id: int,
    cycle: SettlementCycle,
    issued: Sequence[Statement],
    rates: Mapping[UUID, FxRate],
) -> None:
    """Draw every statement again; the digests of blocks and the rates are read anew too."""
    drawn = {
        one.partner_id: one for one in await read_positions(db, network_id=network_id, cycle=cycle)
    }
    digests = await _read_digests(db, network_id, {one.block for one in issued if one.block})
    for one in issued:
        again = drawn.pop(one.partner_id, None)
        rate = rates.get(one.conversion.fx_rate_id) if one.conversion else None
        content_hash = hash_position(
            again or one.position,
            number=one.number,
            version=one.version,
            stretch=one.stretch,
            block_digest=digests.get(one.block, b"") if one.block else b"",
            conversion=show_conversion(one.conversion, rate) if one.conversion and rate else None,
        )
        if again is None or content_hash != one.content_hash:
            raise StatementAltered(number=one.number)
    if drawn or hash_result(one.content_hash for one in issued) != cycle.result_hash:
        raise StatementAltered


async def _read_digests(db: AsyncConnection, network_id: int, blocks: set[int]) -> dict[int, bytes]:
    found = {}
    for block in blocks:  # one for each version of the cycle
        for one in await list_blocks(db, network_id=network_id, after=block - 1, limit=1):
            found[one.block] = one.digest
    return found
