"""How a posting at its place in the sealed order is read out of a row."""

from typing import Any

from sqlalchemy import tuple_

from payouts.ledger.model import Cause, Movement
from payouts.ledger.tables import account, journal, posting, seal
from payouts.money import Money

PLACE = tuple_(seal.c.seq, posting.c.line)
MOVEMENT_COLUMNS = (
    seal.c.seq,
    posting.c.line,
    posting.c.journal_id,
    journal.c.kind,
    journal.c.cause_kind,
    journal.c.cause_id,
    journal.c.effective_at,
    journal.c.recorded_at,
    account.c.type,
    posting.c.amount,
    posting.c.unit,
)


def movement_of(row: Any) -> Movement:
    """Read a movement."""
    return Movement(
        row.seq,
        row.line,
        row.journal_id,
        row.kind,
        Cause(row.cause_kind, row.cause_id),
        row.effective_at,
        row.recorded_at,
        row.type,
        Money(row.amount, row.unit),
    )
