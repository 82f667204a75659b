"""Making many attempts."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import given_rows, given_values
from payouts.disbursement.model import Attempt
from payouts.disbursement.tables import payout_attempt

_NAMES = (
    *("attempt_id", "payout_id", "round", "epoch", "leg", "key", "account_id"),
    *("amount", "currency", "state", "sends", "lookups", "prepared_at", "sent_at"),
)
_GIVEN = given_rows(payout_attempt, _NAMES)
_MAKE = insert(payout_attempt).from_select(
    ["network_id", *_NAMES],
    select(bindparam("network", type_=BigInteger), *(_GIVEN.c[one] for one in _NAMES)),
)


async def make_attempts(
    db: AsyncConnection, *, network_id: int, attempts: Sequence[Attempt]
) -> None:
    """Write new attempts down with their keys, before anything is sent for them."""
    if not attempts:
        return
    rows = (
        {
            "attempt_id": one.attempt_id,
            "payout_id": one.payout_id,
            "round": one.round,
            "epoch": one.epoch,
            "leg": one.leg.value,
            "key": one.key,
            "account_id": one.account_id,
            "amount": one.amount.minor,
            "currency": one.amount.currency,
            "state": one.state.value,
            "sends": one.sends,
            "lookups": one.lookups,
            "prepared_at": one.prepared_at,
            "sent_at": one.sent_at,
        }
        for one in attempts
    )
    await db.execute(_MAKE, {"network": network_id, **given_values(_NAMES, rows)})
