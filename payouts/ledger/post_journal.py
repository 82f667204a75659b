"""Posting."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Draft, Posted
from payouts.ledger.open_accounts import open_accounts
from payouts.money import new_id

_POST = text(
    "SELECT journal_id, replayed FROM payouts.post_journal("
    ":book, :journal, :kind, :key, :effective_at, :recorded_at, :cause_kind, :cause_id,"
    " :reverses, :actor, :note, :accounts, :units, :amounts)"
).bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("journal", type_=Uuid),
    bindparam("effective_at", type_=DateTime(timezone=True)),
    bindparam("recorded_at", type_=DateTime(timezone=True)),
    bindparam("reverses", type_=Uuid),
    bindparam("note", type_=JSONB),
    bindparam("accounts", type_=ARRAY(Uuid)),
    bindparam("units", type_=ARRAY(Text)),
    bindparam("amounts", type_=ARRAY(BigInteger)),
)


async def post_journal(
    db: AsyncConnection, *, network_id: int, draft: Draft, now: datetime
) -> Posted:
    """Write one balanced journal, once per key; a second call with the key returns the first.

    Accounts are opened as needed. Raises BalanceTooLow, AccountNotOpen, PeriodClosed; a journal
    that is malformed, unbalanced or reuses a key raises LedgerFault, which is a defect of ours.
    """
    lines = draft.without_zeros()
    await open_accounts(
        db, network_id=network_id, accounts=[line.account for line in lines], now=now
    )
    with ledger_refusals():
        row = await db.execute(
            _POST,
            {
                "book": network_id,
                "journal": new_id(now),
                "kind": draft.kind,
                "key": draft.key,
                "effective_at": draft.effective_at,
                "recorded_at": now,
                "cause_kind": draft.cause.kind,
                "cause_id": draft.cause.id,
                "reverses": draft.reverses,
                "actor": draft.actor,
                "note": draft.note,
                "accounts": [line.account.id_in(network_id) for line in lines],
                "units": [line.account.unit for line in lines],
                "amounts": [line.amount.minor for line in lines],
            },
        )
        posted = row.one()
    return Posted(posted.journal_id, posted.replayed)
