"""Storing vouchers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vouchers.errors import CodeDelivered
from catalog.vouchers.model import Code, Voucher, hint_of
from catalog.vouchers.tables import voucher
from catalog.vouchers.vault import Vault
from payouts.money import new_id


async def store_voucher(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    realm: str,
    code: Code,
    redemption_id: UUID | None = None,
    card_id: UUID | None = None,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    now: datetime,
) -> Voucher:
    """Keep a delivered code, encrypted, for the member or the partner whose it is.

    `realm` says whose numbers the code is one of: a supplier's, or those of our own cards. Raises
    CodeDelivered when the same code was delivered before.
    """
    known = vault.digests(network_id=network_id, realm=realm, code=code)
    found = await db.execute(
        select(voucher.c.voucher_id).where(
            voucher.c.network_id == network_id, voucher.c.digest.in_(known)
        )
    )
    if found.first() is not None:
        raise CodeDelivered
    voucher_id = new_id(now)
    sealed = vault.seal(network_id=network_id, voucher_id=voucher_id, realm=realm, code=code)
    last4 = hint_of(code.number)
    row = insert(voucher).values(
        network_id=network_id,
        voucher_id=voucher_id,
        redemption_id=redemption_id,
        card_id=card_id,
        partner_id=partner_id,
        member_id=member_id,
        key_id=sealed.key_id,
        ciphertext=sealed.ciphertext,
        digest=sealed.digest,
        last4=last4,
        created_at=now,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing(
            index_elements=[voucher.c.network_id, voucher.c.digest]
        ).returning(voucher.c.voucher_id)
    )
    if inserted.first() is None:
        raise CodeDelivered
    return Voucher(voucher_id, redemption_id, card_id, partner_id, member_id, last4, now, None)
