"""Revealing vouchers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vouchers.errors import AlreadyRevealed, VoucherNotFound
from catalog.vouchers.model import RevealedCode
from catalog.vouchers.tables import voucher, voucher_reveal
from catalog.vouchers.vault import Vault
from payouts.halts import refuse_halted


async def reveal_voucher(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    voucher_id: UUID,
    member_id: UUID | None = None,
    partner_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> RevealedCode:
    """Show a code to its owner, once, and record who saw it and when.

    The owner is the member, or the partner when the code belongs to no member. Raises
    VoucherNotFound for an absent or foreign one, AlreadyRevealed, and Halted: all change nothing.
    """
    row = await db.execute(
        select(
            voucher.c.partner_id, voucher.c.member_id, voucher.c.key_id, voucher.c.ciphertext
        ).where(voucher.c.network_id == network_id, voucher.c.voucher_id == voucher_id)
    )
    found = row.one_or_none()
    if found is None or not _is_owner(found.member_id, found.partner_id, member_id, partner_id):
        raise VoucherNotFound
    await refuse_halted(db, network_id=network_id)
    inserted = await db.execute(
        insert(voucher_reveal)
        .values(
            network_id=network_id,
            voucher_id=voucher_id,
            partner_id=partner_id,
            member_id=member_id,
            actor=actor,
            revealed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(voucher_reveal.c.voucher_id)
    )
    if inserted.first() is None:
        raise AlreadyRevealed
    code = vault.unseal(
        network_id=network_id,
        voucher_id=voucher_id,
        key_id=found.key_id,
        ciphertext=found.ciphertext,
    )
    return RevealedCode(voucher_id, code, now)


def _is_owner(
    owning_member: UUID | None,
    owning_partner: UUID | None,
    member_id: UUID | None,
    partner_id: UUID | None,
) -> bool:
    if owning_member is not None:
        return owning_member == member_id
    return owning_partner is not None and owning_partner == partner_id
