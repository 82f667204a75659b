"""Changing the key of vouchers."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vouchers.tables import voucher
from catalog.vouchers.vault import Vault


async def rewrap_vouchers(db: AsyncConnection, *, vault: Vault, network_id: int, limit: int) -> int:
    """Seal up to `limit` codes anew with the newest key, and tell how many; 0 when all are.

    Once it says 0 for every network, an older key can be taken away, if no bank account of a payee
    is sealed under it.
    """
    rows = await db.execute(
        select(voucher.c.voucher_id, voucher.c.key_id, voucher.c.ciphertext)
        .where(voucher.c.network_id == network_id, voucher.c.key_id != vault.newest_key_id)
        .order_by(voucher.c.voucher_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for row in rows.all():
        sealed = vault.reseal(
            network_id=network_id,
            voucher_id=row.voucher_id,
            key_id=row.key_id,
            ciphertext=row.ciphertext,
        )
        await db.execute(
            update(voucher)
            .where(voucher.c.network_id == network_id, voucher.c.voucher_id == row.voucher_id)
            .values(key_id=sealed.key_id, ciphertext=sealed.ciphertext, digest=sealed.digest)
        )
        count += 1
    return count
