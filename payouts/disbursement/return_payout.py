"""Giving back the value of a payout that did not arrive."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.journals import return_journal, take_journal
from payouts.disbursement.model import Payout
from payouts.ledger import find_journal, post_journal, resolve_hold


async def return_payout(
    db: AsyncConnection, *, network_id: int, payout: Payout, actor: str, now: datetime
) -> None:
    """Give the value of a payout back to its owner, once per round, whether held or taken.

    A member's comes back to the lots it was taken from, with their end.
    """
    if payout.is_taken:
        draft = return_journal(payout, actor=actor, now=now)
        if payout.kind == "cashback":
            key = take_journal(payout, actor=actor, now=now).key
            taken = await find_journal(db, network_id=network_id, key=key)
            draft = replace(draft, restores=taken)
        await post_journal(db, network_id=network_id, draft=draft, now=now)
    elif payout.hold_id is not None:
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=payout.hold_id,
            kind="voided",
            amount=payout.amount,
            key=f"payout:{payout.payout_id}:void:{payout.round}",
            now=now,
        )
