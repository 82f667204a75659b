"""Ending a dispute, however it ends."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disputes.model import Dispute, decision_journals
from payouts.disputes.tables import dispute
from payouts.ledger import post_journal


async def end_dispute(db: AsyncConnection, *, network_id: int, ended: Dispute) -> None:
    """Write how a dispute ended and give the contested amount to whom it belongs.

    The caller holds it locked and knows that it was open.
    """
    assert ended.accepted is not None, "a dispute that ended has been decided"
    assert ended.decided_by is not None, "and by somebody"
    assert ended.decided_at is not None, "at some time"
    await db.execute(
        update(dispute)
        .where(dispute.c.network_id == network_id, dispute.c.dispute_id == ended.dispute_id)
        .values(
            state=ended.state.value,
            accepted=ended.accepted.minor,
            remark=ended.remark,
            decided_by=ended.decided_by,
            decided_at=ended.decided_at,
        )
    )
    for draft in decision_journals(
        ended, accepted=ended.accepted, actor=ended.decided_by, now=ended.decided_at
    ):
        await post_journal(db, network_id=network_id, draft=draft, now=ended.decided_at)
