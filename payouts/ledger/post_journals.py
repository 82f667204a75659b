"""Posting many journals at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Draft, Posted
from payouts.ledger.open_accounts import open_accounts
from payouts.ledger.posting_arrays import POST, outcome_of, parameters_of
from payouts.money import AmountOutOfRange, new_id
from payouts.refusal import Refusal

AMOUNT_MAX = 2**63 - 1


async def post_journals(
    db: AsyncConnection, *, network_id: int, drafts: Sequence[Draft], now: datetime
) -> list[Posted | Refusal]:
    """Write balanced journals, each once per key, with the outcome of each in their order.

    They are posted as if one after the other, and one that is refused changes nothing and never
    fails the others: BalanceTooLow, AccountNotOpen, PeriodClosed, AmountOutOfRange. Accounts are
    opened as needed. One that is malformed, unbalanced, reuses a key or reverses what cannot be
    reversed raises LedgerFault, which is a defect of ours.
    """
    outcomes: dict[int, Posted | Refusal] = {}
    bookable = []
    for place, draft in enumerate(drafts):
        if any(abs(line.amount.minor) > AMOUNT_MAX for line in draft.lines):
            outcomes[place] = AmountOutOfRange()
        else:
            bookable.append((place, draft))
    if bookable:
        posted = await _post(db, network_id, [draft for _, draft in bookable], now)
        outcomes.update(zip((place for place, _ in bookable), posted, strict=True))
    return [outcomes[place] for place in range(len(drafts))]


async def _post(
    db: AsyncConnection, network_id: int, drafts: Sequence[Draft], now: datetime
) -> list[Posted | Refusal]:
    accounts = {line.account for draft in drafts for line in draft.lines if line.amount.minor}
    await open_accounts(db, network_id=network_id, accounts=accounts, now=now)
    ids = [new_id(now) for _ in drafts]
    with ledger_refusals():
        rows = await db.execute(
            POST, parameters_of(drafts, ids=ids, network_id=network_id, now=now)
        )
        return [outcome_of(row.journal_id, row.outcome) for row in rows]
