"""The statements that write accruals: alone, or with what they come of and what they post."""

from functools import lru_cache

from sqlalchemy import Boolean, case, column, literal_column, select, text, true

from payouts.due import ANNOUNCE
from payouts.ledger import posting_binds, posting_call
from payouts.statement import Firsts, Query, Statement

_MADE = """
    INSERT INTO partners.accrual (network_id, accrual_id, purchase_id, partner_id, member_id,
        rule_id, rate_bps, state, cashback, cashback_reversed, fee, fee_reversed, debt_offset,
        currency, earned_at, available_at, pending_journal_id, expires_at, unspent_to)
      SELECT CAST(:network_id AS bigint), a.accrual_id, a.purchase_id, a.partner_id,
          a.member_id, a.rule_id, a.rate_bps, 'pending', a.cashback, 0, a.fee, 0, 0, a.currency,
          a.earned_at, a.available_at, a.pending_journal_id, a.expires_at, a.unspent_to
        FROM unnest(CAST(:accrual_id AS uuid[]), CAST(:purchase_id AS uuid[]),
          CAST(:partner_id AS uuid[]), CAST(:member_id AS uuid[]), CAST(:rule_id AS uuid[]),
          CAST(:rate_bps AS integer[]), CAST(:cashback AS bigint[]), CAST(:fee AS bigint[]),
          CAST(:currency AS text[]), CAST(:earned_at AS timestamptz[]),
          CAST(:available_at AS timestamptz[]), CAST(:pending_journal_id AS uuid[]),
          CAST(:expires_at AS timestamptz[]), CAST(:unspent_to AS text[]))
        AS a (accrual_id, purchase_id, partner_id, member_id, rule_id, rate_bps, cashback, fee,
          currency, earned_at, available_at, pending_journal_id, expires_at, unspent_to)
        WHERE %(where)s
"""
_SHARED = """
    INSERT INTO partners.accrual_share
        (network_id, accrual_id, line, funder, partner_id, amount, reversed)
      SELECT CAST(:network_id AS bigint), s.accrual_id, s.line, s.funder, s.partner_id, s.amount, 0
        FROM unnest(CAST(:share_of AS uuid[]), CAST(:line AS smallint[]), CAST(:funder AS text[]),
          CAST(:paid_by AS uuid[]), CAST(:amount AS bigint[]))
        AS s (accrual_id, line, funder, partner_id, amount)
        WHERE %(where)s
"""
# Shares refer to their accrual; both are written by one statement, at whose end this is checked.
_WRITTEN = {"made": _MADE, "shared": _SHARED, "announced": ANNOUNCE + " WHERE %(where)s"}
_ALONE = ", ".join(f"{name} AS ({sql % {'where': 'true'}})" for name, sql in _WRITTEN.items())
WRITE = Statement(text(f"WITH {_ALONE} SELECT 1"))


_POSTED = """
    SELECT p.item, p.journal_id, p.outcome FROM begun b CROSS JOIN LATERAL %(call)s AS p
"""
_TOLD = """
    SELECT b.is_whole AND coalesce((SELECT bool_and(p.outcome = 'posted') FROM posted p), true)
        AS is_well
      FROM begun b
"""
_REFUSED = {
    "journal_ids": "ARRAY(SELECT p.journal_id FROM posted p ORDER BY p.item)",
    "outcomes": "ARRAY(SELECT p.outcome FROM posted p ORDER BY p.item)",
}


@lru_cache(maxsize=8)
def post_and_write(queries: tuple[Query, ...]) -> Statement:
    """Make the statement that does what comes first, posts, and writes the accruals.

    All that comes first is whole, or nothing is posted; all are posted, or no accrual is written.
    """
    firsts = Firsts(queries)
    posting = text(_POSTED % {"call": posting_call(where="b.is_whole")})
    posted = posting.bindparams(*posting_binds()).columns().cte("posted")
    told = text(_TOLD).columns(column("is_well", Boolean)).cte("told").prefix_with("MATERIALIZED")
    is_well = {"where": "(SELECT t.is_well FROM told t)"}
    written = [text(sql % is_well).columns().cte(name) for name, sql in _WRITTEN.items()]
    refused = [
        case((~told.c.is_well, literal_column(sql))).label(name) for name, sql in _REFUSED.items()
    ]
    return Statement(
        select(*firsts.told, told.c.is_well, *refused)
        .select_from(firsts.begun.join(told, true()))
        .add_cte(*firsts.ctes, posted.prefix_with("MATERIALIZED"), told, *written)
    )
