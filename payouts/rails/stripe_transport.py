"""The official SDK: its client, and its errors in the bank's words.

Importing this module imports the SDK, which takes a third of a second; only a rail in use does.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import stripe

from payouts.rails.errors import (
    ProviderBalanceTooLow,
    ProviderBusy,
    ProviderRefused,
    RailError,
    UnknownOutcome,
)
from payouts.rails.stripe_connections import ConnectionFailed, Connections


class DirectTransport(stripe.HTTPClient):
    """The SDK's requests over connections of ours; asynchronous ones only.

    Plain HTTP is spoken on this machine only: no certificates to load.
    """

    name = "httptools"

    def __init__(self, timeout_seconds: float, *, plain: bool) -> None:
        super().__init__(verify_ssl_certs=not plain)
        tls = None if plain else ssl.create_default_context(cafile=stripe.ca_bundle_path)
        self._connections = Connections(timeout_seconds, tls)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request, once."""
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        try:
            answer = await self._connections.request(method, url, headers, body)
        except (ConnectionFailed, TimeoutError) as error:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                f"No answer of Stripe: {type(error).__name__}", should_retry=True
            ) from error
        return answer.body, answer.status, httpx.Headers(answer.headers)

    def sleep_async(self, delay_seconds: float) -> Awaitable[None]:
        """Wait before the SDK asks again."""
        return asyncio.sleep(delay_seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()


class ProxiedTransport(stripe.HTTPXClient):
    """The SDK's own asynchronous transport, which goes through the proxy of the environment."""

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(timeout=timeout_seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client_async.aclose()

    def _get_request_args_kwargs(self, method: str, url: str, headers: Any, post_data: Any) -> Any:
        # The SDK passes the form as `data`, which httpx deprecates for text already encoded.
        content = {"content": post_data} if post_data else {}
        return [(method, url), {"headers": headers, "timeout": self._timeout, **content}]


Transport = DirectTransport | ProxiedTransport


def open_transport(timeout_seconds: float, *, api_base: str | None) -> Transport:
    """Choose how requests travel: directly, unless the environment names a proxy for them."""
    place = urlsplit(api_base or stripe.DEFAULT_API_BASE)
    if place.scheme == "http":
        return DirectTransport(timeout_seconds, plain=True)
    if getproxies().get("https") and not proxy_bypass(place.hostname or ""):
        return ProxiedTransport(timeout_seconds)
    return DirectTransport(timeout_seconds, plain=False)


@dataclass(frozen=True, slots=True)
class Clients:
    """Two clients on one transport: one that may ask again by itself, and one that never does."""

    reading: stripe.StripeClient
    changing: stripe.StripeClient
    transport: Transport


def open_clients(
    api_key: str, *, api_base: str | None, timeout_seconds: float, retries_max: int
) -> Clients:
    """Make clients of Stripe, or of whoever speaks its language at another address.

    What changes something is sent once: after a lost answer, the answer to a second try (such as
    that the key is in use) would hide that the first may have taken effect.
    """
    transport = open_transport(timeout_seconds, api_base=api_base)

    def client(retries: int) -> stripe.StripeClient:
        return stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=retries,
            http_client=transport,
        )

    return Clients(client(retries_max), client(0), transport)


def translate(error: stripe.StripeError, *, mutates: bool) -> RailError:
    """Say in the bank's words what an error of the SDK means for the call that met it."""
    status = error.http_status or 0
    facts: dict[str, Any] = {"request_id": error.request_id} if error.request_id else {}
    # A key of ours that is not accepted (401) says nothing about what was asked: it waits for one.
    if status in (401, 409, 429):
        return ProviderBusy(**facts)
    if isinstance(error, stripe.APIConnectionError) or not 400 <= status < 500:
        return UnknownOutcome(**facts) if mutates else ProviderBusy(**facts)
    code = _code_of(error)
    message = (error.user_message or "")[:300]
    if code == "balance_insufficient":
        return ProviderBalanceTooLow(code=code, provider_message=message, **facts)
    left_behind = _intent_of(error)
    if left_behind:
        facts["object_id"] = left_behind
    return ProviderRefused(message or None, code=code, **facts)


def _code_of(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_mismatch"
    detail = error.error
    declined = getattr(detail, "decline_code", None) if detail is not None else None
    return str(declined or error.code or type(error).__name__)


def _intent_of(error: stripe.StripeError) -> str | None:
    body = error.json_body
    detail = body.get("error") if isinstance(body, dict) else None
    intent = detail.get("payment_intent") if isinstance(detail, dict) else None
    return str(intent["id"]) if isinstance(intent, dict) else None
