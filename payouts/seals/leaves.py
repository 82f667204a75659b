"""The leaves of journals, computed where the journals are.

The encoding is written out in the statement with built-in functions alone: a function kept in the
database could be replaced there by whoever has something to hide.
"""

from sqlalchemy import BigInteger, TextClause, bindparam, text

from payouts.seals.canonical import NULL, TAGS
from payouts.seals.model import HEADER_DOMAIN, LINE_DOMAIN, PARTICULARS_DOMAIN

_WIDTHS = {"int": 8, "uuid": 16, "instant": 8, "date": 4}
_SENT = {
    "int": "pg_catalog.int8send({}::bigint)",
    "uuid": "pg_catalog.uuid_send({})",
    "instant": "pg_catalog.timestamptz_send({})",
    "date": "pg_catalog.date_send({})",
    "text": "pg_catalog.convert_to({0}, 'UTF8')",
    "bytes": "{}",
}


def _constant(content: bytes) -> str:
    return f"'\\x{content.hex()}'::bytea"


def _value(kind: str, column: str) -> str:
    sent = _SENT[kind].format(column)
    if kind in _WIDTHS:
        return f"{_constant(TAGS[kind] + _WIDTHS[kind].to_bytes(4, 'big'))} || {sent}"
    return (
        f"{_constant(TAGS[kind])} || pg_catalog.int4send(pg_catalog.octet_length({column}))"
        f" || {sent}"
    )


def _optional(kind: str, column: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN {_constant(NULL)} ELSE {_value(kind, column)} END"


def _domain(name: str) -> str:
    return _constant(TAGS["text"] + len(name).to_bytes(4, "big") + name.encode())


_PARTICULARS = " || ".join(
    (
        _domain(PARTICULARS_DOMAIN),
        _value("text", "j.ledger_key"),
        _value("bytes", "j.request_hash"),
        _value("text", "j.actor"),
        _value("text", "j.note::text"),
    )
)
_HEADER = " || ".join(
    (
        _domain(HEADER_DOMAIN),
        _value("int", "j.book_id"),
        _value("int", "j.network_id"),
        _value("uuid", "j.journal_id"),
        _value("text", "j.kind"),
        _value("instant", "j.effective_at"),
        _value("instant", "j.recorded_at"),
        _value("date", "j.period"),
        _optional("date", "j.origin_period"),
        _value("text", "j.cause_kind"),
        _value("text", "j.cause_id"),
        _optional("uuid", "j.reverses"),
        _value("int", "j.lines"),
        _constant(TAGS["bytes"] + (32).to_bytes(4, "big")),
        f"pg_catalog.sha256({_PARTICULARS})",
    )
)
_LINE = " || ".join(
    (
        _domain(LINE_DOMAIN),
        _value("int", "p.book_id"),
        _value("uuid", "p.journal_id"),
        _value("int", "p.line"),
        _value("uuid", "p.account_id"),
        _optional("text", "p.account_type"),
        _optional("text", "p.owner_kind"),
        _optional("text", "p.owner_id"),
        _optional("text", "p.sub"),
        _value("text", "p.unit"),
        _value("int", "p.amount"),
        _value("instant", "p.effective_at"),
    )
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
            pg_catalog.sha256({_constant(bytes(1))} || {_HEADER}
              || coalesce(own.digests, ''::bytea)) END AS leaf
        FROM {schema}.seal k
        LEFT JOIN {schema}.journal j
          ON j.book_id = :book AND j.book_id = k.book_id AND j.journal_id = k.journal_id
        LEFT JOIN LATERAL (
          SELECT string_agg(pg_catalog.sha256({_LINE}), ''::bytea ORDER BY p.line) AS digests
          FROM ({lines}) p WHERE p.journal_id = k.journal_id OFFSET 0
        ) own ON true
        WHERE k.book_id = :book AND k.seq BETWEEN :from_seq AND :to_seq
        """  # noqa: S608 made of this file's own words


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
# All leaves of a stretch in one value, and the earliest instant: enough when nothing is wrong.
AUDITOR_SUM = on_stretch(
    f"""
    SELECT count(one.leaf) AS journals, min(one.recorded_at) AS since,
      string_agg(one.leaf, ''::bytea ORDER BY one.seq) AS leaves
    FROM ({_AUDITED}) one
    """  # noqa: S608
)
