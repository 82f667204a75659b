"""Connects to public hosts only, and to the very address that was checked.

A name is resolved once. What it resolves to is checked, and the connection is made to that address
with the name kept for TLS and Host, so that a second answer of the name's server changes nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx2

from catalog.suppliers.errors import SupplierBusy
from catalog.suppliers.exchange import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from catalog.suppliers.public_address import (
    check_public_addresses,
    check_public_url,
    origin_of,
)

RESOLVE_TIMEOUT_SECONDS = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """Ask the machine's resolver for the addresses of a name. Raises SupplierBusy."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise SupplierBusy("The supplier's host cannot be found.") from None
    return [str(address[0]) for *_, address in found]


class PublicTransport(httpx2.AsyncBaseTransport):
    """A transport that refuses what is not public.

    `trusted_origins`, such as `http://127.0.0.1:4010`, are taken as they are: they are a test's own
    doubles, named by a setting, and by default there are none.
    """

    def __init__(
        self,
        *,
        trusted_origins: frozenset[str] = frozenset(),
        resolve: Resolve = resolve_name,
        inner: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._trusted = trusted_origins
        self._resolve = resolve
        self._inner = inner or httpx2.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises AddressRefused before anything is connected."""
        url = str(request.url)
        check_public_url(url, trusted_origins=self._trusted)
        if origin_of(url) not in self._trusted:
            host, port = request.url.host, request.url.port or 443
            addresses = check_public_addresses(await self._resolve(host, port))
            request.url = request.url.copy_with(host=addresses[0])
            request.extensions = {**request.extensions, "sni_hostname": host}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._inner.aclose()


def open_public_client(
    *, trusted_origins: frozenset[str] = frozenset(), resolve: Resolve = resolve_name
) -> httpx2.AsyncClient:
    """Open a client with our timeouts that reaches public hosts only and follows no redirect."""
    return httpx2.AsyncClient(
        transport=PublicTransport(trusted_origins=trusted_origins, resolve=resolve),
        timeout=httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )
