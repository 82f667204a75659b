"""The canonical encoding, version 1: one value has one sequence of bytes, and no two share one.

`docs/proof-format.md` describes it for those who write it again; a change of it is a new version.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

VERSION = 1
HASH_BYTES = 32
INSTANT_BYTES = 8
NO_HASH = bytes(HASH_BYTES)
"""What stands for the block before the first."""

# The numbers by which PostgreSQL knows the types, so that its record_send writes the same bytes.
TYPES = {"int": 20, "text": 25, "uuid": 2950, "bytes": 17, "instant": 1184, "date": 1082}
NO_LENGTH = b"\xff\xff\xff\xff"
# As PostgreSQL sends instants and dates: microseconds and days since then.
FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
FIRST_DATE = date(2000, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
# Beyond these, PostgreSQL knows instants that Python does not.
_FIRST_PAST = (datetime.min.replace(tzinfo=UTC) - FIRST_INSTANT) // _MICROSECOND
_LAST_PAST = (datetime.max.replace(tzinfo=UTC) - FIRST_INSTANT) // _MICROSECOND

Value = int | str | bytes | UUID | datetime | date | None


@dataclass(frozen=True, slots=True)
class Missing:
    """No value, in a field that has a type all the same."""

    kind: str


def encode(*values: Value | Missing) -> bytes:
    """Write how many values there are, and each with its type and its length before it."""
    return len(values).to_bytes(4, "big") + b"".join(_encode(value) for value in values)


def digest_of(*values: Value | Missing) -> bytes:
    """Hash values as they are encoded."""
    return sha256(encode(*values)).digest()


def earliest_of(instants: bytes) -> datetime:
    """Find the earliest of instants that were written one after the other."""
    past: int = min(struct.unpack(f">{len(instants) // INSTANT_BYTES}q", instants))
    return FIRST_INSTANT + min(max(past, _FIRST_PAST), _LAST_PAST) * _MICROSECOND


def or_missing(value: Value, kind: str) -> Value | Missing:
    """Give the type of its field to a value that may not be there."""
    return Missing(kind) if value is None else value


def _encode(value: Value | Missing) -> bytes:
    assert not isinstance(value, bool), "a yes or no has no encoding"
    match value:
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
        case Missing():
            return TYPES[value.kind].to_bytes(4, "big") + NO_LENGTH
    raise TypeError("a missing value has the type of its field")


def _framed(kind: str, content: bytes) -> bytes:
    return TYPES[kind].to_bytes(4, "big") + len(content).to_bytes(4, "big") + content
