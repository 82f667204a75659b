"""Only what the provider surely did not do counts as not done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from payouts.money import Money
from payouts.rails import ProviderBusy, UnknownOutcome
from payouts.rails.stripe_rail import StripeRail

Told = tuple[str, bytes]
Act = Callable[[StripeRail], Awaitable[object]]

_IN_USE: Told = (
    "409 Conflict",
    b'{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}',
)
_KEY_REVOKED: Told = (
    "401 Unauthorized",
    b'{"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}',
)


@asynccontextmanager
async def rail_to(
    answer: Callable[[int], Told | None],
) -> AsyncIterator[tuple[StripeRail, list[str]]]:
    """Run a provider that answers the n-th request so, or with None hangs up after acting on it."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.split(b"\r\n")[0].decode())
        told = answer(len(seen))
        if told is not None:
            status, body = told
            lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close")
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rail = StripeRail("sk_test_x", api_base=f"http://127.0.0.1:{port}", timeout_seconds=5.0)
    try:
        yield rail, seen
    finally:
        await rail.aclose()
        server.close()


async def _transfer(rail: StripeRail) -> object:
    amount = Money.of_decimal("1.00", "SAR")
    return await rail.create_transfer(
        key="k", amount=amount, destination="acct_1", transfer_group="g"
    )


async def _reverse(rail: StripeRail) -> object:
    amount = Money.of_decimal("1.00", "SAR")
    return await rail.reverse_transfer(key="k", transfer_id="tr_1", amount=amount)


async def _read(rail: StripeRail) -> object:
    return await rail.get_transfer("tr_1")


@pytest.mark.parametrize("act", [_transfer, _reverse])
async def test_a_lost_answer_is_unknown_even_if_a_second_try_would_be_told_to_wait(
    act: Act,
) -> None:
    async with rail_to(lambda n: None if n == 1 else _IN_USE) as (rail, seen):
        with pytest.raises(UnknownOutcome):
            await act(rail)
    assert len(seen) == 1


async def test_a_read_is_asked_again() -> None:
    async with rail_to(lambda n: None) as (rail, seen):
        with pytest.raises(ProviderBusy):
            await _read(rail)
    # Twice by the SDK, and each time once more when the connection was lost.
    assert len(seen) == 4


@pytest.mark.parametrize("act", [_transfer, _reverse, _read])
async def test_a_key_that_is_not_accepted_refuses_nothing_for_good(act: Act) -> None:
    async with rail_to(lambda n: _KEY_REVOKED) as (rail, seen):
        with pytest.raises(ProviderBusy):
            await act(rail)
    assert len(seen) == 1
