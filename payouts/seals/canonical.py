"""The canonical encoding, version 1: one value has one sequence of bytes, and no two share one.

`docs/proof-format.md` describes it for those who write it again; a change of it is a new version.
"""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

VERSION = 1
HASH_BYTES = 32
NO_HASH = bytes(HASH_BYTES)
"""What stands for the block before the first."""

TAGS = {"int": b"i", "text": b"t", "uuid": b"u", "bytes": b"b", "instant": b"s", "date": b"d"}
NULL = b"n\0\0\0\0"
# As PostgreSQL sends instants and dates: microseconds and days since then.
FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
FIRST_DATE = date(2000, 1, 1)
_MICROSECOND = timedelta(microseconds=1)

Value = int | str | bytes | UUID | datetime | date | None


def encode(*values: Value) -> bytes:
    """Write values one after the other, each with its type and its length before it."""
    return b"".join(_encode(value) for value in values)


def digest_of(*values: Value) -> bytes:
    """Hash values as they are encoded."""
    return sha256(encode(*values)).digest()


def _encode(value: Value) -> bytes:
    assert not isinstance(value, bool), "a yes or no has no encoding"
    match value:
        case None:
            return NULL
        case int():
            return _framed("int", value.to_bytes(8, "big", signed=True))
        case str():
            return _framed("text", value.encode())
        case UUID():
            return _framed("uuid", value.bytes)
        case bytes():
            return _framed("bytes", value)
        case datetime():
            past = (value - FIRST_INSTANT) // _MICROSECOND
            return _framed("instant", past.to_bytes(8, "big", signed=True))
        case date():
            return _framed("date", (value - FIRST_DATE).days.to_bytes(4, "big", signed=True))


def _framed(kind: str, content: bytes) -> bytes:
    return TAGS[kind] + len(content).to_bytes(4, "big") + content
