"""The query of append-only balances: their snapshot, and the journals it does not hold yet.

A snapshot holds every journal up to one place of the book's order. Beyond it are the journals
sealed since, and those without a place; all three are read in one statement, so they are of one
instant and nothing is counted twice or left out. The sealer's hint says where the unsealed begin;
in another cluster than that it was taken in, it means nothing. LATERAL with OFFSET 0 keeps the
planner from reading all postings of an account, or the whole order, for the few journals sought.
The bounds are plain columns of `stand`: behind a wall, an index is used with nothing that could leak.
"""

from sqlalchemy import BigInteger, TextClause, bindparam, text

_BEYOND = """
WITH stand AS MATERIALIZED (
  SELECT coalesce(s.seq, 0) AS seq, coalesce(s.folded_seq, 0) AS folded_seq,
    CASE WHEN s.cluster = c.system_identifier THEN s.hint ELSE '0'::xid8 END AS hint,
    CASE WHEN s.cluster = c.system_identifier THEN greatest(
      pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned()
    ) ELSE '18446744073709551615'::xid8 END AS top
  FROM pg_control_system() c LEFT JOIN payouts.sealer s ON s.book_id = :book
),
tail AS (
  SELECT sealed.journal_id FROM stand
  CROSS JOIN LATERAL (SELECT k.journal_id FROM payouts.seal k
    WHERE k.book_id = :book AND k.seq > stand.folded_seq AND k.seq <= stand.seq OFFSET 0) sealed
  UNION ALL
  SELECT fresh.journal_id FROM stand
  CROSS JOIN LATERAL (SELECT j.journal_id FROM payouts.journal j
    WHERE j.book_id = :book AND j.xid >= stand.hint AND j.xid <= stand.top
      AND NOT EXISTS (SELECT 1 FROM payouts.seal k
        WHERE k.book_id = :book AND k.book_id = j.book_id AND k.journal_id = j.journal_id
        OFFSET 0)
    OFFSET 0) fresh
),
beyond AS (
  SELECT line.account_id, line.amount FROM tail
  CROSS JOIN LATERAL (SELECT p.account_id, p.amount FROM payouts.posting p
    WHERE p.book_id = :book AND p.journal_id = tail.journal_id OFFSET 0) line
)
"""


def with_beyond(query: str) -> TextClause:
    """Write a statement on one book (`:book`), with every posting that no snapshot holds yet.

    These are the rows `beyond (account_id, amount)` that the query may read.
    """
    return text("\n".join((_BEYOND, query))).bindparams(bindparam("book", type_=BigInteger))
