"""Speaks HTTP with Reloadly: tokens, deadlines, size limits, and what each failure means."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2

from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.model import Secret

CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 30.0
ORDER_DEADLINE_SECONDS = 60.0
GET_DEADLINE_SECONDS = 60.0
ANSWER_BYTES_MAX = 4 * 1024 * 1024
TOKEN_MARGIN_SECONDS = 60
TOKEN_LIFE_MAX_SECONDS = 60 * 24 * 3600
MESSAGE_LENGTH_MAX = 200

_ACCEPT = "application/com.reloadly.giftcards-v1+json"
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True)
class ReloadlyAccess:
    """Where Reloadly is and who we are there."""

    client_id: str
    client_secret: Secret
    auth_url: str = "https://auth.reloadly.com"
    api_url: str = "https://giftcards.reloadly.com"
    audience: str = "https://giftcards.reloadly.com"
    order_deadline_seconds: float = ORDER_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


def open_client() -> httpx2.AsyncClient:
    """Open a client with our timeouts, which follows no redirect and reads no proxy settings."""
    timeout = httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)


class ReloadlyHttp:
    """Requests to Reloadly, each with a token that is cached until it expires."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        access: ReloadlyAccess,
        now: Callable[[], datetime],
    ) -> None:
        self.client = client
        self._access = access
        self._now = now
        self._token: Secret | None = None
        self._expires_at: datetime | None = None
        self._gate = asyncio.Lock()

    async def get(
        self, path: str, query: Mapping[str, str], bytes_max: int = ANSWER_BYTES_MAX
    ) -> bytes:
        """Read a resource. A read that fails can be tried again, so it is never an unknown outcome."""
        url = self._access.api_url + path
        try:
            answer = await self._authorised("GET", url, bytes_max, params=dict(query))
        except SupplierUnknownOutcome as unknown:
            raise SupplierBusy(unknown.message) from None
        if answer.status >= 500 or answer.status == 408:
            raise SupplierBusy(f"The supplier answers with status {answer.status}.")
        if answer.status == 200:
            return answer.body
        raise _refusal(answer)

    async def order(self, path: str, body: bytes) -> bytes:
        """Send an order, at most once with effect."""
        url = self._access.api_url + path
        answer = await self._authorised("POST", url, ANSWER_BYTES_MAX, content=body)
        if answer.status in (200, 201):
            return answer.body
        if answer.status < 400 or answer.status >= 500 or answer.status == 408:
            raise SupplierUnknownOutcome(f"The supplier answers with status {answer.status}.")
        raise _refusal(answer)

    async def _authorised(self, method: str, url: str, bytes_max: int, **content: Any) -> _Answer:
        """Send a request; when the token is not accepted, once more with a new one.

        A request refused with 401 had no effect, so the second try is safe for orders too.
        """
        token = await self._fresh_token(refused=None)
        answer = await self._send(method, url, bytes_max, token=token, **content)
        if answer.status == 401:
            token = await self._fresh_token(refused=token)
            answer = await self._send(method, url, bytes_max, token=token, **content)
        if answer.status in (401, 403):
            raise SupplierUnauthorised()
        if answer.status == 429:
            raise SupplierBusy("The supplier asks us to slow down.")
        return answer

    async def _fresh_token(self, *, refused: Secret | None) -> Secret:
        async with self._gate:
            has_expired = self._expires_at is None or self._now() >= self._expires_at
            if self._token is None or has_expired or self._token == refused:
                self._token = None
                self._token, self._expires_at = await self._fetch_token()
            return self._token

    async def _fetch_token(self) -> tuple[Secret, datetime]:
        credentials = {
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret.reveal(),
            "grant_type": "client_credentials",
            "audience": self._access.audience,
        }
        url = self._access.auth_url + "/oauth/token"
        try:
            answer = await self._send("POST", url, 64 * 1024, content=json.dumps(credentials))
        except SupplierUnknownOutcome as unknown:
            raise SupplierBusy(unknown.message) from None
        if answer.status == 429 or answer.status >= 500:
            raise SupplierBusy("The supplier gives no token now.")
        if answer.status != 200:
            raise SupplierUnauthorised()
        try:
            value = json.loads(answer.body)
            token, seconds = value["access_token"], value["expires_in"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SupplierAnswerInvalid("The token cannot be read.") from None
        is_sound = isinstance(token, str) and token.isascii() and token.isprintable() and token
        if not is_sound or type(seconds) is not int:
            raise SupplierAnswerInvalid("The token cannot be read.")
        life = max(min(seconds, TOKEN_LIFE_MAX_SECONDS) - TOKEN_MARGIN_SECONDS, 0)
        return Secret(token), self._now() + timedelta(seconds=life)

    async def _send(
        self,
        method: str,
        url: str,
        bytes_max: int,
        *,
        token: Secret | None = None,
        **content: Any,
    ) -> _Answer:
        headers = {
            "Accept": _ACCEPT,
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        is_order = token is not None and method == "POST"
        deadline = self._access.order_deadline_seconds if is_order else GET_DEADLINE_SECONDS
        try:
            async with (
                asyncio.timeout(deadline),
                self.client.stream(method, url, headers=headers, **content) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > bytes_max:
                        raise SupplierUnknownOutcome("The supplier's answer is too large.")
                return _Answer(response.status_code, bytes(body))
        except _NOT_SENT:
            raise SupplierBusy("The supplier cannot be reached.") from None
        except (TimeoutError, httpx2.TimeoutException):
            raise SupplierUnknownOutcome("The supplier did not answer in time.") from None
        except httpx2.HTTPError:
            raise SupplierUnknownOutcome("The connection to the supplier was lost.") from None


def _refusal(answer: _Answer) -> SupplierRefused:
    code, message = f"HTTP_{answer.status}", ""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        given = value.get("errorCode"), value.get("message")
        code = given[0][:60] if isinstance(given[0], str) and given[0] else code
        message = given[1] if isinstance(given[1], str) else ""
    printable = "".join(mark if mark.isprintable() else " " for mark in message)
    return SupplierRefused(code, printable[:MESSAGE_LENGTH_MAX])
