"""Conditions on postings of an earlier time."""

from datetime import datetime

from sqlalchemy import ColumnElement

from payouts.ledger.tables import posting


def posted_before(
    effective_before: datetime | None, recorded_before: datetime | None
) -> list[ColumnElement[bool]]:
    """Write the conditions on a posting: what had happened, and what was known, at an instant."""
    conditions: list[ColumnElement[bool]] = []
    if effective_before is not None:
        conditions.append(posting.c.effective_at < effective_before)
    if recorded_before is not None:
        conditions.append(posting.c.recorded_at < recorded_before)
    return conditions
