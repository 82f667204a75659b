"""Changing the key of codes in pools."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools.model import CodeState
from catalog.pools.tables import pool_code
from catalog.vouchers import Vault


async def rewrap_pool_codes(
    db: AsyncConnection, *, vault: Vault, network_id: int, limit: int
) -> int:
    """Seal up to `limit` codes anew with the newest key, and tell how many; 0 when all are.

    An older key is needed as long as this does not say 0 for every network.
    """
    rows = await db.execute(
        select(pool_code.c.pool_code_id, pool_code.c.key_id, pool_code.c.ciphertext)
        .where(
            pool_code.c.network_id == network_id,
            pool_code.c.key_id != vault.newest_key_id,
            pool_code.c.state != CodeState.DELIVERED,
        )
        .order_by(pool_code.c.pool_code_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for row in rows.all():
        sealed = vault.reseal(
            network_id=network_id,
            voucher_id=row.pool_code_id,
            key_id=row.key_id,
            ciphertext=row.ciphertext,
        )
        await db.execute(
            update(pool_code)
            .where(
                pool_code.c.network_id == network_id, pool_code.c.pool_code_id == row.pool_code_id
            )
            .values(key_id=sealed.key_id, ciphertext=sealed.ciphertext, digest=sealed.digest)
        )
        count += 1
    return count
