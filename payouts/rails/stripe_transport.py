"""The official SDK: its client, and its errors in the bank's words.

Importing this module imports the SDK, which takes a third of a second; only a rail in use does.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import stripe

from payouts.rails.errors import (
    ProviderBalanceTooLow,
    ProviderBusy,
    ProviderRefused,
    RailError,
    UnknownOutcome,
)


class AsyncTransport(stripe.HTTPXClient):
    """The SDK's asynchronous transport, closed by us.

    Plain HTTP is spoken on this machine only: no certificates to load, no proxy between.
    """

    def __init__(self, timeout_seconds: float, *, plain: bool) -> None:
        super().__init__(timeout=timeout_seconds, verify_ssl_certs=not plain)
        if plain:
            self._client_async = httpx.AsyncClient(verify=False, trust_env=False)  # noqa: S501

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client_async.aclose()

    def _get_request_args_kwargs(self, method: str, url: str, headers: Any, post_data: Any) -> Any:
        # The SDK passes the form as `data`, which httpx deprecates for text already encoded.
        content = {"content": post_data} if post_data else {}
        return [(method, url), {"headers": headers, "timeout": self._timeout, **content}]


@dataclass(frozen=True, slots=True)
class Clients:
    """Two clients on one transport: one that may ask again by itself, and one that never does."""

    reading: stripe.StripeClient
    changing: stripe.StripeClient
    transport: AsyncTransport


def open_clients(
    api_key: str, *, api_base: str | None, timeout_seconds: float, retries_max: int
) -> Clients:
    """Make clients of Stripe, or of whoever speaks its language at another address.

    What changes something is sent once: after a lost answer, the answer to a second try (such as
    that the key is in use) would hide that the first may have taken effect.
    """
    plain = api_base is not None and api_base.startswith("http://")
    transport = AsyncTransport(timeout_seconds, plain=plain)

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
