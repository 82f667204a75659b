"""Posting."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Draft, Posted
from payouts.ledger.post_journals import post_journals


async def post_journal(
    db: AsyncConnection, *, network_id: int, draft: Draft, now: datetime
) -> Posted:
    """Write one balanced journal, once per key; a second call with the key returns the first.

    Accounts are opened as needed. Raises BalanceTooLow, AccountNotOpen, PeriodClosed,
    AmountOutOfRange; a journal that is malformed, unbalanced, reuses a key or reverses what cannot
    be reversed raises LedgerFault, which is a defect of ours.
    """
    (outcome,) = await post_journals(db, network_id=network_id, drafts=[draft], now=now)
    if isinstance(outcome, Posted):
        return outcome
    raise outcome
