"""Folding."""

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Fold

FOLD_MAX = 10_000

_FOLD = text("SELECT folded_seq, folded FROM payouts.fold_balances(:book, :limit)").bindparams(
    bindparam("book", type_=BigInteger), bindparam("limit", type_=BigInteger)
)


async def fold_balances(db: AsyncConnection, *, network_id: int, limit: int = FOLD_MAX) -> Fold:
    """Bring the snapshot of every append-only balance forward over sealed journals.

    No balance changes by it: what a snapshot does not hold yet is read from the postings. Until
    this transaction ends, nobody else seals or folds the same book.
    """
    row = (await db.execute(_FOLD, {"book": network_id, "limit": limit})).one()
    return Fold(row.folded_seq, row.folded)
