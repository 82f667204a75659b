"""The postings that an approved statement leads to."""

from datetime import datetime

from payouts.events import rate_note, settlement_convert, settlement_net, settlement_position
from payouts.fx import FxRate
from payouts.ledger import Cause, Draft
from payouts.settlement.model import Sides, Statement


def set_off_sides(statement: Statement) -> Sides:
    """Tell what of both sides is set off: all but what stays, on the side that is the larger."""
    closing, stays = statement.position.closing, statement.carried
    if stays.minor > 0:
        return Sides(closing.receivable - stays, closing.payable)
    return Sides(closing.receivable, closing.payable + stays)


def settlement_net_journal(statement: Statement, *, actor: str, now: datetime) -> Draft:
    """Set a partner's gross obligations off against each other; they leave its running accounts.

    What is carried stays there. Nothing reverses it: a correction is a movement of a later cycle.
    """
    owner, currency = str(statement.partner_id), statement.currency
    sides = set_off_sides(statement)
    return Draft(
        kind="settlement.net",
        key=f"cycle:{statement.cycle_id}:{owner}:{currency}:net",
        cause=Cause("settlement_cycle", str(statement.cycle_id)),
        lines=settlement_net(
            partner_id=statement.partner_id,
            cycle_id=statement.cycle_id,
            receivable=sides.receivable,
            payable=sides.payable,
        ),
        actor=actor,
        effective_at=now,
        note={"statement": statement.number},
    )


def settlement_position_journal(statement: Statement, *, actor: str, now: datetime) -> Draft:
    """Turn what is settled of a partner's net into what is collected from it or paid to it.

    Nothing reverses it: a correction is a movement of a later cycle.
    """
    owner, currency = str(statement.partner_id), statement.currency
    return Draft(
        kind="settlement.position",
        key=f"cycle:{statement.cycle_id}:{owner}:{currency}:pos",
        cause=Cause("settlement_cycle", str(statement.cycle_id)),
        lines=settlement_position(
            partner_id=statement.partner_id, cycle_id=statement.cycle_id, net=statement.to_settle
        ),
        actor=actor,
        effective_at=now,
        note={"statement": statement.number},
    )


def settlement_convert_journal(
    statement: Statement, rate: FxRate, *, actor: str, now: datetime
) -> Draft:
    """Turn a partner's net into what it owes or is owed in another currency, at the quoted rate.

    Nothing reverses it: a correction is a movement of a later cycle.
    """
    assert statement.conversion is not None
    owner, currency = str(statement.partner_id), statement.currency
    return Draft(
        kind="settlement.convert",
        key=f"cycle:{statement.cycle_id}:{owner}:{currency}:fx",
        cause=Cause("settlement_cycle", str(statement.cycle_id)),
        lines=settlement_convert(
            partner_id=statement.partner_id,
            cycle_id=statement.cycle_id,
            net=statement.net,
            converted=statement.conversion.amount,
        ),
        actor=actor,
        effective_at=now,
        note={"statement": statement.number, **rate_note(rate)},
    )
