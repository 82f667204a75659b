"""Keys of many requests at once: claimed first, in the transaction of what they stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.refusal import Refusal
from payouts.statement import First, Statement

Name = tuple[str, str]
Outcome = Mapping[str, Any]

# In the order of the primary key, so that two processes never wait for each other.
_CLAIM = """
    INSERT INTO api.idempotency_key
        (network_id, caller, mutation, key, request_hash, outcome, created_at)
      SELECT CAST(:network_id AS bigint), g.caller, CAST(:mutation AS text), g.key, g.request_hash,
          g.outcome, CAST(:claimed_at AS timestamptz)
        FROM unnest(CAST(:caller AS text[]), CAST(:key AS text[]), CAST(:request_hash AS bytea[]),
          CAST(:outcome AS jsonb[])) AS g (caller, key, request_hash, outcome)
        WHERE %(where)s
      ON CONFLICT ON CONSTRAINT idempotency_key_pkey DO NOTHING
      RETURNING ARRAY[caller, key] AS id
    """
_READ = Statement(
    text(
        """
    SELECT k.caller, k.key, k.request_hash, k.outcome
      FROM unnest(CAST(:caller AS text[]), CAST(:key AS text[])) AS g (caller, key)
      CROSS JOIN LATERAL (
        SELECT x.caller, x.key, x.request_hash, x.outcome FROM api.idempotency_key x
          WHERE x.network_id = CAST(:network_id AS bigint) AND x.mutation = :mutation
            AND x.caller = g.caller AND x.key = g.key OFFSET 0) k
    """
    )
)
_REMEMBER = Statement(
    text(
        """
    UPDATE api.idempotency_key k SET outcome = g.outcome
      FROM unnest(CAST(:caller AS text[]), CAST(:key AS text[]), CAST(:outcome AS jsonb[]))
        AS g (caller, key, outcome)
      WHERE k.network_id = CAST(:network_id AS bigint) AND k.mutation = :mutation
        AND k.caller = g.caller AND k.key = g.key
    """
    )
)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request under its caller's key; the digest tells whether another one is the same."""

    caller: str
    key: str
    digest: bytes

    @property
    def name(self) -> Name:
        """What the key is unique by, within a network and a mutation."""
        return self.caller, self.key


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a key already stands for."""

    digest: bytes
    outcome: Outcome


def claim_of_keys(
    *,
    network_id: int,
    mutation: str,
    expected: Sequence[tuple[KeyedRequest, Outcome]],
    now: datetime,
) -> First:
    """Write down the claim of keys with the outcomes that are expected, for what they stand for.

    It gives the names of those that nobody used before. It waits for a transaction that is writing
    one of them, up to the lock timeout.
    """
    ordered = sorted(expected, key=lambda one: one[0].name)
    values = {
        "network_id": network_id,
        "mutation": mutation,
        "claimed_at": now,
        "caller": [request.caller for request, _ in ordered],
        "key": [request.key for request, _ in ordered],
        "request_hash": [request.digest for request, _ in ordered],
        "outcome": [orjson.dumps(outcome).decode() for _, outcome in ordered],
    }
    return First(_CLAIM, values, len(ordered))


async def read_keys(
    db: AsyncConnection, *, network_id: int, mutation: str, names: Sequence[Name]
) -> dict[Name, Remembered]:
    """Read what keys stand for; one that nobody used is left out."""
    if not names:
        return {}
    rows = await _READ.rows(db, {"network_id": network_id, "mutation": mutation, **_columns(names)})
    return {
        (row["caller"], row["key"]): Remembered(row["request_hash"], row["outcome"]) for row in rows
    }


async def correct_keys(
    db: AsyncConnection, *, network_id: int, mutation: str, outcomes: Mapping[Name, Outcome]
) -> None:
    """Write outcomes that came otherwise than expected."""
    if not outcomes:
        return
    names = sorted(outcomes)
    await _REMEMBER.rows(
        db,
        {
            "network_id": network_id,
            "mutation": mutation,
            "outcome": [orjson.dumps(outcomes[name]).decode() for name in names],
            **_columns(names),
        },
    )


def _columns(names: Sequence[Name]) -> dict[str, list[str]]:
    return {"caller": [caller for caller, _ in names], "key": [key for _, key in names]}


def tell_refusal(refusal: Refusal) -> dict[str, Any]:
    """Write down a refusal so that it can be shown again in any language."""
    told: dict[str, Any] = {
        "refusal": type(refusal).__name__,
        "facts": {name: str(value) for name, value in refusal.facts.items()},
        "path": list(refusal.path),
    }
    if refusal.also:
        told["also"] = [list(path) for path in refusal.also]
    return told
