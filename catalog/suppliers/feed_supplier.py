"""A supplier that offers its catalogue as a file at an address, in a shape the network described.

There is no documented interface to keep to. What we assume: a GET of the address answers the whole
file with status 200; a server that keeps an `ETag` or `Last-Modified` answers 304 when we have that
file already; credentials, where there are any, are a Bearer token in a header. A file is not of one
country: it is fetched whole, and each item says its own.
"""

from dataclasses import dataclass, field

import httpx2

from catalog.suppliers.csv_rows import BYTES_MAX
from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exchange import Answer, Channel, read_plain_refusal
from catalog.suppliers.feed_mapping import FeedMapping
from catalog.suppliers.model import Secret
from catalog.suppliers.pooled_supplier import PooledSupplier
from catalog.suppliers.public_transport import open_public_client

PULL_DEADLINE_SECONDS = 120.0
ETAG_LENGTH_MAX = 500
DATE_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class FeedAccess:
    """Where a feed is, how it is read, and by what token it is had."""

    mapping: FeedMapping
    url: str | None = None
    token: Secret | None = None
    trusted_origins: frozenset[str] = frozenset()
    """Origins of a test's own doubles; nothing else that is not public is ever reached."""
    deadline_seconds: float = PULL_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file as its server has it; without its bytes when it is the one that we have."""

    raw: bytes | None = field(repr=False)
    etag: str | None
    last_modified: str | None


class FeedSupplier(PooledSupplier):
    """A described feed, as a supplier."""

    def __init__(self, access: FeedAccess, client: httpx2.AsyncClient) -> None:
        super().__init__(access.mapping)
        self._url = access.url
        self._deadline = access.deadline_seconds
        written = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if access.token is not None:
            written["Authorization"] = f"Bearer {access.token.reveal()}"
        self._line = Channel(client, written)

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the file, whole; a file is not of one country."""
        fetched = await self.fetch_file()
        assert fetched.raw is not None, "what is asked for without conditions comes"
        return fetched.raw

    async def fetch_file(
        self, *, etag: str | None = None, last_modified: str | None = None
    ) -> FetchedFile:
        """Fetch the file, unless it is still the one of the `etag` or the date that we name."""
        if self._url is None:
            raise SupplierRefused("NO_ADDRESS", "The feed has no address; its file is uploaded.")
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in asked.items() if value is not None}
        try:
            answer = await self._line.send(
                "GET",
                self._url,
                deadline_seconds=self._deadline,
                bytes_max=BYTES_MAX,
                headers=conditions,
            )
        except SupplierUnknownOutcome as unknown:
            raise SupplierBusy(unknown.message) from None
        if answer.status == 304 and conditions:
            return FetchedFile(None, etag, last_modified)
        _refuse_other(answer)
        return FetchedFile(
            answer.body,
            _header(answer, "etag", ETAG_LENGTH_MAX),
            _header(answer, "last-modified", DATE_LENGTH_MAX),
        )

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._line.client.aclose()


def open_feed(access: FeedAccess, client: httpx2.AsyncClient | None = None) -> FeedSupplier:
    """Open the adapter with connections of its own, which lead to public hosts only."""
    return FeedSupplier(
        access, client or open_public_client(trusted_origins=access.trusted_origins)
    )


def _refuse_other(answer: Answer) -> None:
    """Refuse every answer that is not the whole file."""
    if answer.status == 200:
        return
    if answer.status in (401, 403):
        raise SupplierUnauthorised
    if answer.status in (408, 429) or answer.status >= 500:
        raise SupplierBusy(f"The supplier answers with status {answer.status}.")
    if 300 <= answer.status < 400:
        raise SupplierRefused(
            "REDIRECTED", "The address leads elsewhere; redirects are not followed."
        )
    if answer.status < 300:
        raise SupplierAnswerInvalid(f"The supplier answers with status {answer.status}.")
    raise read_plain_refusal(answer)


def _header(answer: Answer, name: str, length_max: int) -> str | None:
    """Keep a header that is sent back as it came; a longer or stranger one is not worth keeping."""
    value = answer.headers.get(name)
    is_plain = value is not None and len(value) <= length_max
    return value if is_plain and value.isascii() and value.isprintable() else None  # type: ignore[union-attr]
