"""Describing a statement."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx import FxRate, get_fx_rates
from payouts.ledger import Account, read_zone, sum_kinds
from payouts.money import Money, Rounding
from payouts.seals import find_block_holding
from payouts.settlement.description import Moved, StatementDescription, sides_of
from payouts.settlement.errors import StatementAltered
from payouts.settlement.model import SCOPE, Statement
from payouts.settlement.queries import (
    get_settlement_cycle,
    get_statement,
)


async def describe_statement(
    db: AsyncConnection, *, network_id: int, statement_id: UUID, partner_id: UUID | None = None
) -> StatementDescription:
    """Say all that a statement says but its lines; with `partner_id`, only of that partner's.

    Changes nothing. The lines are added up anew, so that no document says a total that its lines
    do not come to. Raises StatementNotFound, StatementAltered.
    """
    one = await get_statement(
        db, network_id=network_id, statement_id=statement_id, partner_id=partner_id
    )
    cycle = await get_settlement_cycle(db, network_id=network_id, cycle_id=one.cycle_id)
    described = StatementDescription(
        network_id=network_id,
        statement=one,
        cycle_number=cycle.number,
        value_on=cycle.value_on,
        zone=await read_zone(db, network_id=network_id),
        kinds=await _sum_kinds(db, network_id, one),
        block=await find_block_holding(db, network_id=network_id, seq=one.to_seq),
        rate=await _find_rate(db, network_id, one),
    )
    settled, moved, position = described.settled, described.moved, one.position
    if (settled.sides, moved.sides, described.lines.count) != (
        position.settled,
        position.moved,
        one.lines_count,
    ):
        raise StatementAltered
    assert position.opening + described.lines.sides == position.closing, "opening and lines"
    assert one.opening + settled.net + moved.net == one.net, "are what the statement closes with"
    assert one.to_settle + one.exchanged + one.carried == one.net, "a net goes somewhere, once"
    assert 0 <= one.to_settle.minor * one.net.minor <= one.net.minor**2, "and never more than all"
    return described


async def _find_rate(db: AsyncConnection, network_id: int, one: Statement) -> FxRate | None:
    """Find the rate of a conversion, by which the net must come to what is said."""
    if one.conversion is None:
        return None
    key = one.conversion.fx_rate_id
    rate = (await get_fx_rates(db, network_id=network_id, fx_rate_ids=[key])).get(key)
    if rate is None or rate.convert(one.net, Rounding.HALF_EVEN) != one.conversion.amount:
        raise StatementAltered
    return rate


async def _sum_kinds(
    db: AsyncConnection, network_id: int, statement: Statement
) -> dict[str, Moved]:
    zero = Money.zero(statement.currency)
    owner = str(statement.partner_id)
    sums = await sum_kinds(
        db,
        network_id=network_id,
        accounts=[Account(kind, owner, statement.currency) for kind in SCOPE],
        stretch=statement.stretch,
    )
    kinds: dict[str, Moved] = {}
    for one in sums:
        moved = Moved(one.lines, *sides_of(one))
        kinds[one.kind] = kinds.get(one.kind, Moved(0, zero, zero)) + moved
    return dict(sorted(kinds.items()))
