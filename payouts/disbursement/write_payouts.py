"""Writing many payouts down."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import given_rows, given_values
from payouts.disbursement.model import Payout
from payouts.disbursement.tables import payout as payout_table

_CHANGED = (
    *("state", "round", "hold_id", "taken", "destination_hash", "approved_by", "released_by"),
    *("reason", "changed_at", "paid_at"),
)
_NAMES = ("payout_id", *_CHANGED)
_GIVEN = given_rows(payout_table, _NAMES)
_WRITE = (
    update(payout_table)
    .where(
        payout_table.c.network_id == bindparam("network", type_=BigInteger),
        payout_table.c.payout_id == _GIVEN.c.payout_id,
    )
    .values({one: _GIVEN.c[one] for one in _CHANGED})
)


async def write_payouts(db: AsyncConnection, *, network_id: int, payouts: Sequence[Payout]) -> None:
    """Write locked payouts down as they have become, by one statement."""
    if not payouts:
        return
    rows = (
        {
            "payout_id": one.payout_id,
            "state": one.state.value,
            "round": one.round,
            "hold_id": one.hold_id,
            "taken": int(one.is_taken),
            "destination_hash": one.destination_hash,
            "approved_by": one.approved_by,
            "released_by": one.released_by,
            "reason": one.reason,
            "changed_at": one.changed_at,
            "paid_at": one.paid_at,
        }
        for one in payouts
    )
    await db.execute(_WRITE, {"network": network_id, **given_values(_NAMES, rows)})
