"""Reads of vouchers; none of them opens a code."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vouchers.model import Code, Voucher
from catalog.vouchers.tables import voucher, voucher_reveal
from catalog.vouchers.vault import Vault


async def read_vouchers(
    db: AsyncConnection, *, network_id: int, voucher_ids: Collection[UUID]
) -> dict[UUID, Voucher]:
    """Tell vouchers by id; absent ones are left out."""
    found = await _read(db, network_id, voucher.c.voucher_id.in_(voucher_ids))
    return {one.voucher_id: one for one in found}


async def read_vouchers_of_redemptions(
    db: AsyncConnection, *, network_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, list[Voucher]]:
    """Tell the vouchers of each redemption, in the order of their delivery."""
    by_redemption: dict[UUID, list[Voucher]] = {one: [] for one in redemption_ids}
    for one in await _read(db, network_id, voucher.c.redemption_id.in_(redemption_ids)):
        assert one.redemption_id is not None
        by_redemption[one.redemption_id].append(one)
    return by_redemption


async def read_vouchers_of_cards(
    db: AsyncConnection, *, network_id: int, card_ids: Collection[UUID]
) -> dict[UUID, Voucher]:
    """Tell the voucher of each card of the network's own."""
    found = await _read(db, network_id, voucher.c.card_id.in_(card_ids))
    return {one.card_id: one for one in found if one.card_id is not None}


async def find_delivered(
    db: AsyncConnection, *, network_id: int, digests: Collection[bytes]
) -> set[bytes]:
    """Tell which of these digests belong to codes that were delivered."""
    rows = await db.execute(
        select(voucher.c.digest).where(
            voucher.c.network_id == network_id, voucher.c.digest.in_(digests)
        )
    )
    return set(rows.scalars())


async def find_card_of_code(
    db: AsyncConnection, *, vault: Vault, network_id: int, realm: str, code: Code
) -> UUID | None:
    """Find the card of the network's own that a code opens, by its keyed digest alone."""
    digests = vault.digests(network_id=network_id, realm=realm, code=code)
    row = await db.execute(
        select(voucher.c.card_id).where(
            voucher.c.network_id == network_id, voucher.c.digest.in_(digests)
        )
    )
    return row.scalar_one_or_none()


async def _read(db: AsyncConnection, network_id: int, which: ColumnElement[bool]) -> list[Voucher]:
    rows = await db.execute(
        select(
            voucher.c.voucher_id,
            voucher.c.redemption_id,
            voucher.c.card_id,
            voucher.c.partner_id,
            voucher.c.member_id,
            voucher.c.last4,
            voucher.c.created_at,
            voucher_reveal.c.revealed_at,
        )
        .select_from(
            voucher.outerjoin(
                voucher_reveal,
                and_(
                    voucher_reveal.c.network_id == voucher.c.network_id,
                    voucher_reveal.c.voucher_id == voucher.c.voucher_id,
                    voucher_reveal.c.network_id == network_id,
                ),
            )
        )
        .where(voucher.c.network_id == network_id, which)
        .order_by(voucher.c.voucher_id)
    )
    return [_voucher(row) for row in rows]


def _voucher(row: Any) -> Voucher:
    return Voucher(
        row.voucher_id,
        row.redemption_id,
        row.card_id,
        row.partner_id,
        row.member_id,
        row.last4,
        row.created_at,
        row.revealed_at,
    )
