"""Issuing the statements of a cycle."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals import read_last_block
from payouts.settlement.conversion import Quote, show_conversion
from payouts.settlement.decision import Decision, decide_net
from payouts.settlement.hashes import hash_position
from payouts.settlement.model import (
    Position,
    SettlementCycle,
    Statement,
    StatementState,
    minimum_of,
    statement_id_of,
)
from payouts.settlement.queries import find_last_number, read_payout_policies
from payouts.settlement.tables import statement


async def issue_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    cycle: SettlementCycle,
    positions: Sequence[Position],
    quotes: Mapping[UUID, Quote],
    now: datetime,
    earlier: Mapping[UUID, Statement] | None = None,
) -> list[Statement]:
    """Write a statement for each position of a cycle, as of its version.

    One that takes the place of an `earlier` one of its partner has that one's number; new numbers
    go on without a gap. All that is written derives from the cycle, but for the rates in `quotes`
    that are in force now, which the statements fix.
    """
    policies = await read_payout_policies(db, network_id=network_id)
    block = await read_last_block(db, network_id=network_id)
    number = await find_last_number(db, network_id=network_id)
    issued = []
    for one in positions:
        replaced = (earlier or {}).get(one.partner_id)
        if replaced is None:
            number += 1
        its_number = number if replaced is None else replaced.number
        quote = quotes.get(one.partner_id)
        decided = decide_net(one.closing.net, minimum_of(policies, one.currency), quote, now=now)
        issued.append(
            Statement(
                statement_id=statement_id_of(cycle.cycle_id, one, cycle.version),
                cycle_id=cycle.cycle_id,
                number=its_number,
                version=cycle.version,
                position=one,
                stretch=cycle.stretch,
                block=block.block if block else None,
                outcome=decided.outcome,
                remainder=decided.remainder,
                conversion=decided.conversion,
                carried_because=decided.carried_because,
                content_hash=hash_position(
                    one,
                    number=its_number,
                    version=cycle.version,
                    stretch=cycle.stretch,
                    block_digest=block.digest if block else b"",
                    conversion=_said(decided, quote),
                ),
                state=StatementState.ISSUED,
                issued_at=cycle.closed_at,
            )
        )
    if issued:
        await db.execute(insert(statement), [_row(network_id, one) for one in issued])
    return issued


def _said(decided: Decision, quote: Quote | None) -> dict[str, object] | None:
    if decided.conversion is None:
        return None
    assert quote is not None
    assert quote.newest is not None, "what is converted has a rate"
    return show_conversion(decided.conversion, quote.newest)


def _row(network_id: int, one: Statement) -> dict[str, object]:
    position, before, made = one.position, one.stretch.before, one.conversion
    return {
        "network_id": network_id,
        "statement_id": one.statement_id,
        "cycle_id": one.cycle_id,
        "partner_id": one.partner_id,
        "number": one.number,
        "version": one.version,
        "currency": one.currency,
        "from_seq": one.from_seq,
        "to_seq": one.to_seq,
        "cut_at": one.stretch.cut.at,
        "before_seq": before.seq if before else None,
        "before_at": before.at if before else None,
        "block": one.block,
        "opening_receivable": position.opening.receivable.minor,
        "opening_payable": position.opening.payable.minor,
        "settled_receivable": position.settled.receivable.minor,
        "settled_payable": position.settled.payable.minor,
        "receivable": position.moved.receivable.minor,
        "payable": position.moved.payable.minor,
        "lines_count": one.lines_count,
        "outcome": one.outcome.value,
        "remainder": one.remainder.minor,
        "fx_rate_id": made.fx_rate_id if made else None,
        "converted_amount": made.amount.minor if made else None,
        "converted_currency": made.amount.currency if made else None,
        "carried_because": one.carried_because.value if one.carried_because else None,
        "content_hash": one.content_hash,
        "state": one.state.value,
        "issued_at": one.issued_at,
    }
