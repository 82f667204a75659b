"""Opening a dispute."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disputes.errors import (
    DisputeAboveLine,
    DisputeTooLate,
    InvalidReason,
    LineDisputed,
    LineNotDisputable,
    StatementNotDisputable,
)
from payouts.disputes.model import REASON_MAX, Dispute, DisputeState, contest_journal
from payouts.disputes.queries import find_dispute_of_line
from payouts.disputes.tables import dispute
from payouts.ledger import Movement, post_journal
from payouts.money import CurrencyMismatch, Money, new_id
from payouts.seals import seal_journals
from payouts.settlement import (
    OWN_KINDS,
    Statement,
    StatementState,
    get_statement,
    list_statement_lines,
    lock_settlement_cycle,
    reissue_settlement_cycle,
)


async def open_dispute(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    statement_id: UUID,
    journal_id: UUID,
    line: int,
    amount: Money,
    reason: str,
    actor: str,
    now: datetime,
) -> Dispute:
    """Contest an amount of a line of a statement under review; the rest of it is settled.

    The amount leaves what the partner owes by a posting right before the cut and waits for the
    decision on an account of its own; the statement is issued anew without it. Raises
    StatementNotFound, StatementNotDisputable, DisputeTooLate, LineNotDisputable, LineDisputed,
    DisputeAboveLine, CurrencyMismatch, InvalidReason.
    """
    if not 0 < len(reason.strip()) <= REASON_MAX:
        raise InvalidReason(path=("reason",))
    # In the order in which a cycle is issued anew: first the seal, then the cycle.
    await seal_journals(db, network_id=network_id, now=now)
    contested = await get_statement(
        db, network_id=network_id, statement_id=statement_id, partner_id=partner_id
    )
    cycle = await lock_settlement_cycle(db, network_id=network_id, cycle_id=contested.cycle_id)
    contested = await get_statement(db, network_id=network_id, statement_id=statement_id)
    if contested.state is not StatementState.ISSUED:
        raise StatementNotDisputable(state=contested.state.value)
    if now >= cycle.review_ends_at:
        raise DisputeTooLate(until=cycle.review_ends_at.isoformat())
    found = await _find_line(db, network_id, contested, (journal_id, line), amount)
    opened = Dispute(
        dispute_id=new_id(now),
        statement_id=statement_id,
        partner_id=partner_id,
        journal_id=journal_id,
        line=line,
        account_type=found.type,
        amount=amount,
        reason=reason.strip(),
        state=DisputeState.OPEN,
        opened_by=actor,
        opened_at=now,
        accepted=None,
        remark=None,
        decided_by=None,
        decided_at=None,
    )
    await db.execute(insert(dispute).values(network_id=network_id, **_row(opened)))
    draft = contest_journal(opened, effective_at=cycle.ended_at - timedelta(microseconds=1))
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    await reissue_settlement_cycle(db, network_id=network_id, cycle_id=contested.cycle_id, now=now)
    return opened


async def _find_line(
    db: AsyncConnection,
    network_id: int,
    contested: Statement,
    of_line: tuple[UUID, int],
    amount: Money,
) -> Movement:
    """Find a line by which the partner owes more or is owed less, by as much at least."""
    lines = await list_statement_lines(
        db, network_id=network_id, of=contested, limit=1, of_line=of_line
    )
    if not lines or lines[0].amount.minor <= 0 or lines[0].kind in OWN_KINDS:
        raise LineNotDisputable
    if amount.currency != lines[0].amount.currency:
        raise CurrencyMismatch
    if not 0 < amount.minor <= lines[0].amount.minor:
        raise DisputeAboveLine(path=("amount",))
    journal_id, line = of_line
    if await find_dispute_of_line(db, network_id=network_id, journal_id=journal_id, line=line):
        raise LineDisputed
    return lines[0]


def _row(one: Dispute) -> dict[str, object]:
    return {
        "dispute_id": one.dispute_id,
        "statement_id": one.statement_id,
        "partner_id": one.partner_id,
        "journal_id": one.journal_id,
        "line": one.line,
        "account_type": one.account_type,
        "amount": one.amount.minor,
        "currency": one.amount.currency,
        "reason": one.reason,
        "state": one.state.value,
        "opened_by": one.opened_by,
        "opened_at": one.opened_at,
    }
