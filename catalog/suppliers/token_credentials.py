"""Credentials that are exchanged for a token, which is kept until it expires."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exchange import READ_DEADLINE_SECONDS, Channel, Headers

ANSWER_BYTES_MAX = 64 * 1024
MARGIN_SECONDS = 60
LIFE_MAX_SECONDS = 60 * 24 * 3600


@dataclass(frozen=True, slots=True)
class GivenToken:
    """What a supplier gave for credentials."""

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str | None = field(default=None, repr=False)
    """By which the next one is asked for, where the supplier gives such."""


class TokenCredentials:
    """An access token (OAuth 2.0), asked for with a JSON body and sent as Bearer."""

    def __init__(
        self, url: str, ask: Callable[[], Mapping[str, str]], now: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._ask = ask
        self._now = now
        self._headers: Headers | None = None
        self._expires_at: datetime | None = None
        self._gate = asyncio.Lock()

    async def headers(self, line: Channel, *, refused: Headers | None) -> Headers:
        """Tell the header with a token that is good; a new one when `refused` has the last."""
        async with self._gate:
            has_expired = self._expires_at is None or self._now() >= self._expires_at
            if self._headers is None or has_expired or self._headers == refused:
                self._headers = None
                given = await ask_for_token(line, self._url, self._ask(), now=self._now())
                self._expires_at = given.expires_at
                self._headers = bearer(given.access)
            return self._headers


def bearer(access: str) -> Headers:
    """Write the header that carries an access token."""
    return {"Authorization": f"Bearer {access}"}


async def ask_for_token(
    line: Channel, url: str, asked: Mapping[str, str], *, now: datetime
) -> GivenToken:
    """Ask for an access token.

    Raises SupplierBusy, SupplierUnauthorised when there is none for us, or SupplierAnswerInvalid.
    """
    try:
        answer = await line.send(
            "POST",
            url,
            deadline_seconds=READ_DEADLINE_SECONDS,
            bytes_max=ANSWER_BYTES_MAX,
            content=json.dumps(dict(asked)),
        )
    except SupplierUnknownOutcome as unknown:
        raise SupplierBusy(unknown.message) from None
    if answer.status == 429 or answer.status >= 500:
        raise SupplierBusy("The supplier gives no token now.")
    if answer.status != 200:
        raise SupplierUnauthorised
    return _read(answer.body, now)


def _read(body: bytes, now: datetime) -> GivenToken:
    try:
        value: Any = json.loads(body)
        token, seconds = value["access_token"], value["expires_in"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SupplierAnswerInvalid("The token cannot be read.") from None
    refresh = value.get("refresh_token")
    is_sound = _is_token(token) and (refresh is None or _is_token(refresh))
    if not is_sound or type(seconds) is not int:
        raise SupplierAnswerInvalid("The token cannot be read.")
    life = max(min(seconds, LIFE_MAX_SECONDS) - MARGIN_SECONDS, 0)
    return GivenToken(token, now + timedelta(seconds=life), refresh)


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and bool(value)
