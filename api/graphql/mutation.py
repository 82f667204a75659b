"""Carrying out a mutation once per key: the key is written first, in the money's transaction."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.crash import crash_here
from api.database.tables import idempotency_key
from api.graphql.context import Context
from api.graphql.languages import Locale
from api.graphql.nodes import load_one
from api.graphql.problems import (
    InvalidInput,
    Problem,
    ProblemCode,
    problem,
    show_problem,
)
from api.graphql.scalars import MoneyInput, bounded
from api.request_keys import KeyedRequest, tell_refusal
from payouts.refusal import Refusal

KEY_LENGTH_MAX = 255
ATTEMPTS_MAX = 3
_TRY_AGAIN = frozenset({"40001", "40P01"})
LOCK_NOT_AVAILABLE = "55P03"

Work = Callable[[AsyncConnection], Awaitable[Mapping[str, UUID]]]


@dataclass(frozen=True, slots=True)
class Performed:
    """How a mutation ended: the ids of what it made, or the problem that stopped it."""

    ids: Mapping[str, UUID] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    replayed: bool = False

    async def load(self, info: Info, type_: str, name: str) -> Any:
        """Show a thing that the mutation made, as it is now."""
        key = self.ids.get(name)
        return None if key is None else await load_one(info.context, type_, key)


@dataclass(frozen=True, slots=True)
class _Request:
    network_id: int
    caller: str
    mutation: str
    key: str
    digest: bytes


async def perform(info: Info, *, mutation: str, input: Any, work: Work) -> Performed:  # noqa: A002
    """Carry out `work` once for this caller, mutation and key, in one transaction.

    `work(db)` calls one verb and returns the ids of what it made, by name. Its refusals become
    problems and leave nothing behind; those that a retry cannot cure are remembered under the key.
    A second request waits for the first, up to the lock timeout, then is IN_PROGRESS.
    """
    context: Context = info.context
    await context.close()
    try:
        own = keyed(context, input)
        request = _Request(context.network_id, own.caller, mutation, own.key, own.digest)
        return await _attempt(context, request, work)
    except Refusal as refusal:
        return refused(refusal, context.locale)


def refused(refusal: Refusal, locale: str) -> Performed:
    """Render a refusal of which nothing is kept."""
    return Performed(problems=_shown(tell_refusal(refusal), locale))


def keyed(context: Context, input: Any) -> KeyedRequest:  # noqa: A002
    """Read the key of an input, and digest what the caller meant by it; raises InvalidInput."""
    key = bounded(input.idempotency_key, "idempotencyKey", longest=KEY_LENGTH_MAX)
    meant = orjson.dumps(canonical(input), option=orjson.OPT_SORT_KEYS)
    return KeyedRequest(context.known_caller.identity, key, hashlib.sha256(meant).digest())


async def _attempt(context: Context, request: _Request, work: Work) -> Performed:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return await _once(context, request, work)
        except DBAPIError as error:
            sqlstate = getattr(error.orig, "sqlstate", None)
            if sqlstate == LOCK_NOT_AVAILABLE:
                return Performed(problems=[problem(ProblemCode.IN_PROGRESS, context.locale)])
            if sqlstate not in _TRY_AGAIN or attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("the last attempt returns or raises")


async def _once(context: Context, request: _Request, work: Work) -> Performed:
    try:
        async with context.database.writing(request.network_id) as db:
            if not await _claim(db, request, context.now):
                return await _replay(db, request, context.locale)
            ids = await work(db)
            outcome = {"ids": {name: key.hex for name, key in ids.items()}}
            await _remember(db, request, outcome)
            crash_here(f"{request.mutation}.before_commit")
        crash_here(f"{request.mutation}.after_commit")
        return Performed(ids=ids)
    except Refusal as refusal:
        if refusal.retryable or isinstance(refusal, InvalidInput):
            raise
        return await _remember_refusal(context, request, refusal)


async def _remember_refusal(context: Context, request: _Request, refusal: Refusal) -> Performed:
    outcome = tell_refusal(refusal)
    async with context.database.writing(request.network_id) as db:
        if not await _claim(db, request, context.now):
            return await _replay(db, request, context.locale)
        await _remember(db, request, outcome)
    return Performed(problems=_shown(outcome, context.locale))


async def _claim(db: AsyncConnection, request: _Request, now: datetime) -> bool:
    row = insert(idempotency_key).values(
        network_id=request.network_id,
        caller=request.caller,
        mutation=request.mutation,
        key=request.key,
        request_hash=request.digest,
        created_at=now,
    )
    inserted = await db.execute(row.on_conflict_do_nothing().returning(idempotency_key.c.key))
    return inserted.scalar_one_or_none() is not None


def _own_row(request: _Request) -> tuple[Any, ...]:
    return (
        idempotency_key.c.network_id == request.network_id,
        idempotency_key.c.caller == request.caller,
        idempotency_key.c.mutation == request.mutation,
        idempotency_key.c.key == request.key,
    )


async def _remember(db: AsyncConnection, request: _Request, outcome: dict[str, Any]) -> None:
    await db.execute(update(idempotency_key).where(*_own_row(request)).values(outcome=outcome))


async def _replay(db: AsyncConnection, request: _Request, locale: str) -> Performed:
    found = await db.execute(
        select(idempotency_key.c.request_hash, idempotency_key.c.outcome).where(*_own_row(request))
    )
    row = found.one()
    if row.request_hash != request.digest:
        return mismatch(locale)
    return show_outcome(row.outcome, locale, replayed=True)


def mismatch(locale: str) -> Performed:
    """Say that the key was used for another request."""
    shown = problem(ProblemCode.IDEMPOTENCY_MISMATCH, locale, ["idempotencyKey"])
    return Performed(problems=[shown])


def show_outcome(outcome: Mapping[str, Any], locale: str, *, replayed: bool) -> Performed:
    """Render what is kept under a key."""
    if "refusal" in outcome:
        return Performed(problems=_shown(outcome, locale), replayed=replayed)
    ids = {name: UUID(hex=key) for name, key in outcome["ids"].items()}
    return Performed(ids=ids, replayed=replayed)


def _shown(outcome: Mapping[str, Any], locale: str) -> list[Problem]:
    """Render a refusal once for each part of the input that it is about."""
    return [
        show_problem(outcome["refusal"], outcome["facts"], path, locale)
        for path in (outcome["path"], *outcome.get("also", ()))
    ]


def canonical(value: Any) -> Any:
    """Reduce an input to what the caller meant, so that two spellings of it are one request."""
    if isinstance(value, MoneyInput):
        try:
            amount = value.amount()
        except Refusal:
            return [value.currency, value.minor, value.decimal]
        return [amount.currency, str(amount.minor)]
    if is_dataclass(value):
        return {
            one.name: canonical(getattr(value, one.name))
            for one in fields(value)
            if one.name != "idempotency_key"
        }
    if isinstance(value, list | tuple):
        return [canonical(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): canonical(one) for name, one in value.items()}
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Locale):
        return value.upper()  # as the two were called when there were two: old keys stay good
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
