"""Speaks HTTP with a supplier: credentials, deadlines, size limits, what each failure means."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import httpx2

from catalog.suppliers.errors import (
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from payouts.refusal import Refusal

CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 30.0
ORDER_DEADLINE_SECONDS = 60.0
READ_DEADLINE_SECONDS = 60.0
ANSWER_BYTES_MAX = 4 * 1024 * 1024
CODE_LENGTH_MAX = 60
MESSAGE_LENGTH_MAX = 200

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes = field(repr=False)
    headers: Headers = field(default_factory=dict, repr=False)


class Credentials(Protocol):
    """Who we are at a supplier."""

    async def headers(self, line: "Channel", *, refused: Headers | None) -> Headers:
        """Tell the headers that authorise a request; new ones when `refused` are those of before.

        Raises SupplierUnauthorised when there are no others, or what asking for them may raise.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedCredentials:
    """Credentials that go with every request as they are."""

    given: Headers = field(repr=False)

    async def headers(self, line: "Channel", *, refused: Headers | None) -> Headers:
        """Tell the headers; there are no others."""
        if refused is not None:
            raise SupplierUnauthorised
        return self.given


def open_client(*, read_timeout_seconds: float = READ_TIMEOUT_SECONDS) -> httpx2.AsyncClient:
    """Open a client with our timeouts, which follows no redirect and reads no proxy settings."""
    timeout = httpx2.Timeout(read_timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx2.AsyncClient(
        timeout=timeout, follow_redirects=False, trust_env=False, verify=_trusted()
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Read whom we trust, once: every client of its own would take a tenth of a second for it."""
    return httpx2.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """One connection pool to a supplier, and how its requests are written."""

    client: httpx2.AsyncClient
    headers: Headers

    async def send(
        self,
        method: str,
        url: str,
        *,
        deadline_seconds: float,
        bytes_max: int = ANSWER_BYTES_MAX,
        headers: Headers | None = None,
        **content: Any,
    ) -> Answer:
        """Send one request. Raises SupplierBusy (it was not sent) or SupplierUnknownOutcome."""
        try:
            async with (
                asyncio.timeout(deadline_seconds),
                self.client.stream(
                    method, url, headers={**self.headers, **(headers or {})}, **content
                ) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > bytes_max:
                        raise SupplierUnknownOutcome("The supplier's answer is too large.")
                return Answer(response.status_code, bytes(body), response.headers)
        except _NOT_SENT:
            raise SupplierBusy("The supplier cannot be reached.") from None
        except (TimeoutError, httpx2.TimeoutException):
            raise SupplierUnknownOutcome("The supplier did not answer in time.") from None
        except httpx2.HTTPError:
            raise SupplierUnknownOutcome("The connection to the supplier was lost.") from None


class Exchange:
    """Requests to a supplier, each with credentials that are renewed when they are refused."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        credentials: Credentials,
        *,
        accept: str = "application/json",
        order_deadline_seconds: float = ORDER_DEADLINE_SECONDS,
        read_refusal: Callable[[Answer], Refusal] | None = None,
        is_denied: Callable[[Answer], bool] | None = None,
    ) -> None:
        """`is_denied` tells the answers that speak of our credentials; usually 401 and 403 do."""
        written = {
            "Accept": accept,
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        self.line = Channel(client, written)
        self._credentials = credentials
        self._order_deadline = order_deadline_seconds
        self._read_refusal = read_refusal or read_plain_refusal
        self._is_denied = is_denied or _is_plainly_denied

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.line.client.aclose()

    async def read(
        self,
        url: str,
        query: Mapping[str, str] | None = None,
        *,
        bytes_max: int = ANSWER_BYTES_MAX,
        method: str = "GET",
        body: bytes | None = None,
    ) -> bytes:
        """Ask for something. A read that fails can be tried again: it is never an unknown outcome.

        `method` and `body` are for suppliers whose reads are posted.
        """
        content: dict[str, Any] = {"params": dict(query)} if query else {}
        if body is not None:
            content["content"] = body
        try:
            answer = await self._authorised(
                method, url, READ_DEADLINE_SECONDS, bytes_max=bytes_max, **content
            )
        except SupplierUnknownOutcome as unknown:
            raise SupplierBusy(unknown.message) from None
        if answer.status >= 500 or answer.status == 408:
            raise SupplierBusy(f"The supplier answers with status {answer.status}.")
        if answer.status == 200:
            return answer.body
        raise self._read_refusal(answer)

    async def order(self, url: str, body: bytes, *, method: str = "POST") -> bytes:
        """Send what takes effect, at most once.

        Raises SupplierRefused when nothing happened, SupplierUnknownOutcome when it may have.
        """
        return (await self.submit(url, body, method=method)).body

    async def submit(self, url: str, body: bytes, *, method: str = "POST") -> Answer:
        """Send what takes effect, as `order` does, where the status of a success says something."""
        answer = await self._authorised(method, url, self._order_deadline, content=body)
        if answer.status in (200, 201, 202):
            return answer
        if answer.status < 400 or answer.status >= 500 or answer.status == 408:
            raise SupplierUnknownOutcome(f"The supplier answers with status {answer.status}.")
        raise self._read_refusal(answer)

    async def _authorised(
        self, method: str, url: str, deadline_seconds: float, **content: Any
    ) -> Answer:
        """Send a request; when its credentials are refused, once more with new ones.

        A request whose credentials are refused had no effect, so the second try is safe for orders
        too.
        """
        ours = await self._credentials.headers(self.line, refused=None)
        answer = await self.line.send(
            method, url, deadline_seconds=deadline_seconds, headers=ours, **content
        )
        if answer.status != 403 and self._is_denied(answer):
            ours = await self._credentials.headers(self.line, refused=ours)
            answer = await self.line.send(
                method, url, deadline_seconds=deadline_seconds, headers=ours, **content
            )
        if self._is_denied(answer):
            raise SupplierUnauthorised
        if answer.status == 429:
            raise SupplierBusy("The supplier asks us to slow down.")
        return answer


def _is_plainly_denied(answer: Answer) -> bool:
    return answer.status in (401, 403)


def read_plain_refusal(answer: Answer) -> SupplierRefused:
    """Read a refusal out of a JSON object with `errorCode` and `message`."""
    value = object_of(answer.body)
    return refusal(value.get("errorCode"), value.get("message"), status=answer.status)


def refusal(code: Any, message: Any, *, status: int) -> SupplierRefused:
    """Build a refusal out of whatever a supplier gave as its code and message."""
    named = code[:CODE_LENGTH_MAX] if isinstance(code, str) and code else f"HTTP_{status}"
    text = message if isinstance(message, str) else ""
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    # No supplier documents its words for this; a code or sentence that says it in plain English is
    # believed, and whatever says it otherwise is a refusal like any other.
    said = f"{named} {printable[:MESSAGE_LENGTH_MAX]}".replace("_", " ").replace("-", " ").lower()
    is_out = "out of stock" in said
    return SupplierRefused(named, printable[:MESSAGE_LENGTH_MAX], is_out_of_stock=is_out)


def object_of(body: bytes) -> dict[str, Any]:
    """Read a JSON object; anything else is an empty one."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
