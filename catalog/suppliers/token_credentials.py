"""Credentials that are exchanged for a token, which is kept until it expires."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exchange import READ_DEADLINE_SECONDS, Headers, Line

ANSWER_BYTES_MAX = 64 * 1024
MARGIN_SECONDS = 60
LIFE_MAX_SECONDS = 60 * 24 * 3600


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

    async def headers(self, line: Line, *, refused: Headers | None) -> Headers:
        """Tell the header with a token that is good; a new one when `refused` has the last."""
        async with self._gate:
            has_expired = self._expires_at is None or self._now() >= self._expires_at
            if self._headers is None or has_expired or self._headers == refused:
                self._headers = None
                token, self._expires_at = await self._fetch(line)
                self._headers = {"Authorization": f"Bearer {token}"}
            return self._headers

    async def _fetch(self, line: Line) -> tuple[str, datetime]:
        try:
            answer = await line.send(
                "POST",
                self._url,
                deadline_seconds=READ_DEADLINE_SECONDS,
                bytes_max=ANSWER_BYTES_MAX,
                content=json.dumps(dict(self._ask())),
            )
        except SupplierUnknownOutcome as unknown:
            raise SupplierBusy(unknown.message) from None
        if answer.status == 429 or answer.status >= 500:
            raise SupplierBusy("The supplier gives no token now.")
        if answer.status != 200:
            raise SupplierUnauthorised
        return self._read(answer.body)

    def _read(self, body: bytes) -> tuple[str, datetime]:
        try:
            value: Any = json.loads(body)
            token, seconds = value["access_token"], value["expires_in"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SupplierAnswerInvalid("The token cannot be read.") from None
        is_sound = isinstance(token, str) and token.isascii() and token.isprintable() and token
        if not is_sound or type(seconds) is not int:
            raise SupplierAnswerInvalid("The token cannot be read.")
        life = max(min(seconds, LIFE_MAX_SECONDS) - MARGIN_SECONDS, 0)
        return token, self._now() + timedelta(seconds=life)
