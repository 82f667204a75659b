"""Listing accounts from which was paid lately."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import LIVE, AttemptState, Leg
from payouts.disbursement.tables import payout_attempt
from payouts.money import first_id

_OPEN = sorted(state.value for state in LIVE | {AttemptState.SUCCEEDED})


async def list_paid_accounts(
    db: AsyncConnection, *, network_id: int, since: datetime, after: str, limit: int
) -> list[str]:
    """List the accounts whose payouts to a bank, tried since an instant, may still have news.

    Changes nothing. In the order of their ids; go on after the last one.
    """
    rows = await db.execute(
        select(payout_attempt.c.account_id)
        .where(
            payout_attempt.c.network_id == network_id,
            # Ids sort by time: the primary key finds what is young.
            payout_attempt.c.attempt_id >= first_id(since),
            payout_attempt.c.leg == Leg.PAYOUT.value,
            payout_attempt.c.state.in_(_OPEN),
            payout_attempt.c.account_id > after,
        )
        .distinct()
        .order_by(payout_attempt.c.account_id)
        .limit(limit)
    )
    return list(rows.scalars())
