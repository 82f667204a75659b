"""Locking a payee that was read before."""

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Payee
from payouts.disbursement.queries import lock_payee


async def lock_payee_as_read(db: AsyncConnection, *, network_id: int, payee: Payee) -> bool:
    """Keep others from changing a payee, and tell whether nobody has since it was read.

    An account may become ready and stop being ready: what was read of it before somebody else
    wrote may be the older news, and must not replace theirs.
    """
    found = await lock_payee(db, network_id=network_id, payee_id=payee.payee_id)
    return found == payee
