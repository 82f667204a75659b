"""Finding whose transfer it is."""

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import OwnedTransfer
from payouts.disbursement.tables import payout, payout_attempt


async def find_owner_of_transfer(
    db: AsyncConnection, *, network_id: int, transfer_id: str
) -> OwnedTransfer | None:
    """Find the payout behind a transfer or a reversal of the provider; changes nothing."""
    own = and_(
        payout.c.network_id == payout_attempt.c.network_id,
        payout.c.payout_id == payout_attempt.c.payout_id,
    )
    row = await db.execute(
        select(payout.c.payout_id, payout.c.kind, payout.c.member_id, payout.c.partner_id)
        .select_from(payout_attempt.join(payout, own))
        .where(
            payout_attempt.c.network_id == network_id,
            payout.c.network_id == network_id,
            payout_attempt.c.external_id == transfer_id,
        )
    )
    found = row.one_or_none()
    if found is None:
        return None
    return OwnedTransfer(found.payout_id, found.kind, found.member_id or found.partner_id)
