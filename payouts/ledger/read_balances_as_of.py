"""Balances of the past."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.chart import CHART
from payouts.ledger.earlier import posted_before
from payouts.ledger.model import Account
from payouts.ledger.tables import posting
from payouts.money import Money


async def read_balances_as_of(
    db: AsyncConnection,
    *,
    network_id: int,
    accounts: Sequence[Account],
    effective_before: datetime | None = None,
    recorded_before: datetime | None = None,
) -> dict[Account, Money]:
    """Tell what each account had, on its normal side, from what lies before an instant.

    Changes nothing. `effective_before` leaves out what had not happened yet, `recorded_before`
    what was not in the books yet, both together what a report of then said about then. Holds are
    no postings and are not in it.
    """
    by_id = {one.id_in(network_id): one for one in accounts}
    rows = await db.execute(
        select(posting.c.account_id, func.sum(posting.c.amount))
        .where(
            posting.c.book_id == network_id,
            posting.c.account_id.in_(list(by_id)),
            *posted_before(effective_before, recorded_before),
        )
        .group_by(posting.c.account_id)
    )
    found = {one: Money.zero(one.unit) for one in accounts}
    for account_id, net in rows:
        one = by_id[account_id]
        found[one] = Money(int(net) * CHART[one.type].normal, one.unit)
    return found
