"""Taking reserved codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools.errors import ReservationLost
from catalog.pools.model import CodeState
from catalog.pools.tables import pool_code
from catalog.vouchers import Code, Vault


async def take_code(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    quote_id: UUID,
    redemption_id: UUID,
    now: datetime,
) -> Code:
    """Take the code that is reserved for a quote out of the pool, for good, and hand it out.

    The pool forgets what it was made of; whoever takes it stores it as a voucher in the same
    transaction. Raises ReservationLost when another has it.
    """
    row = await db.execute(
        select(pool_code.c.pool_code_id, pool_code.c.key_id, pool_code.c.ciphertext)
        .where(
            pool_code.c.network_id == network_id,
            pool_code.c.quote_id == quote_id,
            pool_code.c.state == CodeState.RESERVED,
        )
        .with_for_update()
    )
    found = row.one_or_none()
    if found is None:
        raise ReservationLost(path=("quoteId",))
    code = vault.unseal(
        network_id=network_id,
        voucher_id=found.pool_code_id,
        key_id=found.key_id,
        ciphertext=found.ciphertext,
    )
    await db.execute(
        update(pool_code)
        .where(
            pool_code.c.network_id == network_id,
            pool_code.c.pool_code_id == found.pool_code_id,
        )
        .values(
            state=CodeState.DELIVERED,
            ciphertext=None,
            redemption_id=redemption_id,
            delivered_at=now,
        )
    )
    return code
