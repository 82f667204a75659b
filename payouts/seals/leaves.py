"""The leaves of journals, computed where the journals are.

The encoding is that of record_send, written out in the statement with built-in functions alone: a
function kept in the database could be replaced there by whoever has something to hide.
"""

from sqlalchemy import BigInteger, TextClause, Uuid, bindparam, text

from payouts.seals.merkle import LEAF_PREFIX
from payouts.seals.model import HEADER_DOMAIN, LINE_DOMAIN, PARTICULARS_DOMAIN


def _record(domain: str, *columns: str) -> str:
    return f"pg_catalog.record_send(ROW('{domain}'::text, {', '.join(columns)}))"


_PARTICULARS = _record(
    PARTICULARS_DOMAIN, "j.ledger_key::text", "j.request_hash", "j.actor::text", "j.note::text"
)
_HEADER = _record(
    HEADER_DOMAIN,
    "j.book_id",
    "j.network_id",
    "j.journal_id",
    "j.kind::text",
    "j.effective_at",
    "j.recorded_at",
    "j.period",
    "j.origin_period",
    "j.cause_kind::text",
    "j.cause_id::text",
    "j.reverses",
    "j.lines::bigint",
    f"pg_catalog.sha256({_PARTICULARS})",
)
_LINE = _record(
    LINE_DOMAIN,
    "p.book_id",
    "p.journal_id",
    "p.line::bigint",
    "p.account_id",
    "p.account_type::text",
    "p.owner_kind::text",
    "p.owner_id::text",
    "p.sub::text",
    "p.unit::text",
    "p.amount",
    "p.effective_at",
)

# The service reads the tables of its book, the auditor the views of all books.
SERVICE_LINES = """
    SELECT t.book_id, t.journal_id, t.line, t.account_id, a.type AS account_type, a.owner_kind,
      a.owner_id, a.sub, t.unit, t.amount, t.effective_at
    FROM payouts.posting t LEFT JOIN payouts.account a
      ON a.book_id = :book AND a.book_id = t.book_id AND a.account_id = t.account_id
    WHERE t.book_id = :book
"""
AUDITOR_LINES = """
    SELECT t.book_id, t.journal_id, t.line, t.account_id, t.account_type, t.owner_kind,
      t.owner_id, t.sub, t.unit, t.amount, t.effective_at
    FROM audit.posting t
    WHERE t.book_id = :book
"""


def leaves_of_stretch(*, schema: str, lines: str) -> str:
    """Write the query of the journals at the places `:from_seq` to `:to_seq`.

    The leaf of a place whose journal is gone is null.
    """
    return f"""
        SELECT k.seq, k.journal_id, j.recorded_at,
          CASE WHEN j.journal_id IS NOT NULL THEN
            pg_catalog.sha256('\\x{LEAF_PREFIX.hex()}'::bytea || {_HEADER}
              || coalesce(own.digests, ''::bytea)) END AS leaf
        FROM {schema}.seal k
        LEFT JOIN LATERAL (
          SELECT x.book_id, x.network_id, x.journal_id, x.kind, x.ledger_key, x.request_hash,
            x.effective_at, x.recorded_at, x.period, x.origin_period, x.cause_kind, x.cause_id,
            x.reverses, x.actor, x.note, x.lines
          FROM {schema}.journal x
          WHERE x.book_id = :book AND x.book_id = k.book_id AND x.journal_id = k.journal_id
          OFFSET 0
        ) j ON true
        LEFT JOIN LATERAL (
          SELECT string_agg(pg_catalog.sha256({_LINE}), ''::bytea ORDER BY p.line) AS digests
          FROM ({lines}) p WHERE p.journal_id = k.journal_id OFFSET 0
        ) own ON true
        WHERE k.book_id = :book AND k.seq BETWEEN :from_seq AND :to_seq
        """  # noqa: S608 made of this file's own words


def _leaves_of_range() -> str:
    """Write the same for journals whose ids lie between `:first` and `:last`.

    Ids are made in the order of time, so a stretch of the order is about a range of them, and that
    is read at once instead of journal by journal. A full join cannot be a loop within a loop, which
    is what a planner without statistics takes for what it thinks is one row.
    """
    return f"""
        SELECT k.seq, CASE WHEN k.seq IS NOT NULL THEN j.recorded_at END AS recorded_at,
          CASE WHEN k.seq IS NOT NULL AND j.journal_id IS NOT NULL THEN
            pg_catalog.sha256('\\x{LEAF_PREFIX.hex()}'::bytea || {_HEADER}
              || coalesce(own.digests, ''::bytea)) END AS leaf
        FROM (
          SELECT s.seq, s.journal_id FROM audit.seal s
          WHERE s.book_id = :book AND s.seq BETWEEN :from_seq AND :to_seq OFFSET 0
        ) k
        FULL JOIN (
          SELECT x.book_id, x.network_id, x.journal_id, x.kind, x.ledger_key, x.request_hash,
            x.effective_at, x.recorded_at, x.period, x.origin_period, x.cause_kind, x.cause_id,
            x.reverses, x.actor, x.note, x.lines
          FROM audit.journal x
          WHERE x.book_id = :book AND x.journal_id BETWEEN :first AND :last OFFSET 0
        ) j ON j.journal_id = k.journal_id
        FULL JOIN (
          SELECT p.journal_id,
            string_agg(pg_catalog.sha256({_LINE}), ''::bytea ORDER BY p.line) AS digests
          FROM ({AUDITOR_LINES}) p WHERE p.journal_id BETWEEN :first AND :last
          GROUP BY p.journal_id
        ) own ON own.journal_id = k.journal_id
        OFFSET 0
        """  # noqa: S608 made of this file's own words


def _summed(query: str) -> str:
    """All leaves of a stretch in one value, and all instants: enough when nothing is wrong."""
    return f"""
        SELECT count(one.leaf) AS journals,
          string_agg(one.leaf, ''::bytea ORDER BY one.seq) AS leaves,
          string_agg(pg_catalog.timestamptz_send(one.recorded_at), ''::bytea ORDER BY one.seq)
            AS instants
        FROM ({query}) one
        """  # noqa: S608


def on_stretch(query: str) -> TextClause:
    """Make a statement of a query on the places `:from_seq` to `:to_seq` of a `:book`."""
    return text(query).bindparams(
        *(bindparam(name, type_=BigInteger) for name in ("book", "from_seq", "to_seq"))
    )


_AUDITED = leaves_of_stretch(schema="audit", lines=AUDITOR_LINES)
SERVICE_LEAVES = on_stretch(
    f"{leaves_of_stretch(schema='payouts', lines=SERVICE_LINES)} ORDER BY k.seq"
)
AUDITOR_LEAVES = on_stretch(f"{_AUDITED} ORDER BY k.seq")
AUDITOR_SUM = on_stretch(_summed(_AUDITED))
AUDITOR_RANGE_SUM = on_stretch(_summed(_leaves_of_range())).bindparams(
    bindparam("first", type_=Uuid), bindparam("last", type_=Uuid)
)
# The range of a stretch's ids, and how many journals have one of these: `:limit` and more are not
# told apart.
AUDITOR_SPAN = on_stretch(
    """
    WITH place AS MATERIALIZED (
      SELECT k.journal_id FROM audit.seal k
      WHERE k.book_id = :book AND k.seq BETWEEN :from_seq AND :to_seq
    ),
    span AS MATERIALIZED (
      SELECT (SELECT e.journal_id FROM place e ORDER BY e.journal_id LIMIT 1) AS first,
        (SELECT l.journal_id FROM place l ORDER BY l.journal_id DESC LIMIT 1) AS last
    )
    SELECT span.first, span.last, (SELECT count(*) FROM (
        SELECT 1 FROM audit.journal j
        WHERE j.book_id = :book AND j.journal_id BETWEEN span.first AND span.last LIMIT :limit
      ) one) AS within
    FROM span
    """
).bindparams(bindparam("limit", type_=BigInteger))
