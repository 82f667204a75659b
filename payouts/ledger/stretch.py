"""The query of a stretch of the sealed order: each posting with its place, journal and account."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from payouts.ledger.tables import account, journal, posting, seal

_JOINED = (
    seal.join(
        journal,
        and_(journal.c.book_id == seal.c.book_id, journal.c.journal_id == seal.c.journal_id),
    )
    .join(
        posting,
        and_(posting.c.book_id == seal.c.book_id, posting.c.journal_id == seal.c.journal_id),
    )
    .join(
        account,
        and_(account.c.book_id == posting.c.book_id, account.c.account_id == posting.c.account_id),
    )
)


def select_stretch(
    columns: Sequence[ColumnElement[Any]],
    *,
    network_id: int,
    without_kinds: Sequence[str],
    after_seq: int,
    to_seq: int,
) -> Select[Any]:
    """Write the query of all postings after one place of the order, up to another."""
    return (
        select(*columns)
        .select_from(_JOINED)
        .where(
            seal.c.book_id == network_id,
            journal.c.book_id == network_id,
            posting.c.book_id == network_id,
            account.c.book_id == network_id,
            seal.c.seq > after_seq,
            seal.c.seq <= to_seq,
            journal.c.kind.not_in(without_kinds),
        )
    )
