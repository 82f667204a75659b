"""The statements that write accruals: alone, or with what they come of and what they post."""

from functools import lru_cache

from sqlalchemy import text

from payouts.due import ANNOUNCE
from payouts.ledger import posting_binds, posting_call
from payouts.statement import Statement

# Shares refer to their accrual; both are written by one statement, at whose end this is checked.
_WRITE = """
    made AS (
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
    ), shared AS (
      INSERT INTO partners.accrual_share
          (network_id, accrual_id, line, funder, partner_id, amount, reversed)
        SELECT CAST(:network_id AS bigint), s.accrual_id, s.line, s.funder, s.partner_id, s.amount, 0
          FROM unnest(CAST(:share_of AS uuid[]), CAST(:line AS smallint[]), CAST(:funder AS text[]),
            CAST(:paid_by AS uuid[]), CAST(:amount AS bigint[]))
          AS s (accrual_id, line, funder, partner_id, amount)
          WHERE %(where)s
    ), announced AS (
      %(announce)s WHERE %(where)s
    )
"""

# What comes first is written, or nothing else is; all are posted, or no accrual is written.
_ALL = """
    WITH first AS (%(first)s
    ), begun AS MATERIALIZED (
      SELECT count(*) = CAST(:expected AS bigint) AS is_whole FROM first
    ), posted AS MATERIALIZED (
      SELECT p.item, p.journal_id, p.outcome FROM begun b CROSS JOIN LATERAL %(call)s AS p
    ), told AS MATERIALIZED (
      SELECT b.is_whole AND coalesce((SELECT bool_and(p.outcome = 'posted') FROM posted p), true)
          AS is_well
        FROM begun b
    ), %(write)s
    SELECT b.is_whole, t.is_well,
        CASE WHEN NOT b.is_whole THEN ARRAY(SELECT f.id FROM first f) END AS ids,
        CASE WHEN NOT t.is_well THEN ARRAY(SELECT p.journal_id FROM posted p ORDER BY p.item) END
          AS journal_ids,
        CASE WHEN NOT t.is_well THEN ARRAY(SELECT p.outcome FROM posted p ORDER BY p.item) END
          AS outcomes
      FROM begun b CROSS JOIN told t
"""

_ALONE = _WRITE % {"where": "true", "announce": ANNOUNCE}
WRITE = Statement(text("WITH" + _ALONE + "SELECT 1"))


@lru_cache(maxsize=8)
def post_and_write(first: str) -> Statement:
    """Make the statement that writes what comes first, posts, and writes the accruals."""
    write = _WRITE % {"where": "(SELECT t.is_well FROM told t)", "announce": ANNOUNCE}
    query = _ALL % {"first": first, "call": posting_call(where="b.is_whole"), "write": write}
    return Statement(text(query).bindparams(*posting_binds()))
