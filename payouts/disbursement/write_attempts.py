"""Writing down what became of many tries."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import given_rows, given_values
from payouts.disbursement.model import Attempt
from payouts.disbursement.tables import payout_attempt

_CHANGED = ("state", "external_id", "code", "sends", "lookups", "sent_at", "resolved_at")
_NAMES = ("attempt_id", *_CHANGED)
_GIVEN = given_rows(payout_attempt, _NAMES)
_WRITE = (
    update(payout_attempt)
    .where(
        payout_attempt.c.network_id == bindparam("network", type_=BigInteger),
        payout_attempt.c.attempt_id == _GIVEN.c.attempt_id,
    )
    .values({one: _GIVEN.c[one] for one in _CHANGED})
)


async def write_attempts(
    db: AsyncConnection, *, network_id: int, attempts: Sequence[Attempt]
) -> None:
    """Write attempts of locked payouts down as they have become, by one statement."""
    if not attempts:
        return
    rows = (
        {
            "attempt_id": one.attempt_id,
            "state": one.state.value,
            "external_id": one.external_id,
            "code": one.code,
            "sends": one.sends,
            "lookups": one.lookups,
            "sent_at": one.sent_at,
            "resolved_at": one.resolved_at,
        }
        for one in attempts
    )
    await db.execute(_WRITE, {"network": network_id, **given_values(_NAMES, rows)})
