"""The official SDK: its client, and its errors in the bank's words.

Importing this module imports the SDK, which takes a third of a second; only a rail in use does.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import stripe

from payouts.rails.errors import (
    ProviderBalanceTooLow,
    ProviderBusy,
    ProviderRefused,
    RailError,
    UnknownOutcome,
)


class Transport(stripe.AIOHTTPClient):
    """The SDK's quickest asynchronous transport, closed by us.

    Plain HTTP is spoken on this machine only: no certificates to load, no proxy between. Nobody is
    followed elsewhere: Stripe sends no one away.
    """

    def __init__(self, timeout_seconds: float, *, plain: bool) -> None:
        super().__init__(aiohttp.ClientTimeout(total=timeout_seconds), verify_ssl_certs=not plain)
        self._is_plain = plain
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:  # made where a loop runs
            tls = (
                False
                if self._is_plain
                else ssl.create_default_context(cafile=stripe.ca_bundle_path)
            )
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls), trust_env=not self._is_plain
            )
        return self._opened

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request, once, and read the whole answer; half of one is none."""
        given, options = self._get_request_args_kwargs(method, url, headers, post_data)
        try:
            # The SDK's own way lets go of an answer without closing it when half of it is missing.
            async with self._session.request(*given, **options, allow_redirects=False) as answer:
                return await answer.read(), answer.status, answer.headers
        except (aiohttp.ClientError, TimeoutError) as error:
            self._handle_request_error(error)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()


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
    plain = api_base is not None and api_base.startswith("http://")
    transport = Transport(timeout_seconds, plain=plain)

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
