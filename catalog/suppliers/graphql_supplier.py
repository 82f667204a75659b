"""A brand that offers its products by a GraphQL endpoint of its own, as a Relay connection.

What we assume of it, after the specifications of GraphQL, of GraphQL over HTTP and of Relay's
connections: a query is posted as JSON with `query` and `variables`; the connection takes `first`
and `after` and has `pageInfo { hasNextPage endCursor }` beside its list; `errors` may stand beside
partial `data`, and an error's `path` names the item it is about by its place in the list. The query
is the network's own; it is given `$first`, `$after`, and `$country` where it declares one.
Credentials are a Bearer token. Brands that throttle say so by status 429 or by an error with the
code THROTTLED or RATE_LIMITED.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.errors import (
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
)
from catalog.suppliers.exchange import Answer, Exchange, FixedCredentials, object_of, refusal
from catalog.suppliers.feed_mapping import FeedMapping
from catalog.suppliers.json_pages import BYTES_MAX, ITEMS_MAX, Page, read_page
from catalog.suppliers.mapped_feed import read_mapped_page
from catalog.suppliers.model import Feed, Reason, Secret
from catalog.suppliers.pooled_supplier import PooledSupplier
from catalog.suppliers.public_transport import open_public_client

PAGE_SIZE = 100
PAGES_MAX = 500
CURSOR_LENGTH_MAX = 1_000
ERRORS_MAX = 100
_ACCEPT = "application/graphql-response+json, application/json"
_THROTTLED = frozenset({"THROTTLED", "RATE_LIMITED", "TOO_MANY_REQUESTS"})
_UNKNOWN_TO_THEM = frozenset({"UNAUTHENTICATED", "FORBIDDEN", "ACCESS_DENIED"})


@dataclass(frozen=True, slots=True)
class GraphqlAccess:
    """Where a brand's endpoint is, what it is asked, and by what token."""

    mapping: FeedMapping
    url: str
    token: Secret | None = None
    trusted_origins: frozenset[str] = frozenset()
    """Origins of a test's own doubles; nothing else that is not public is ever reached."""


@dataclass(slots=True)
class _Joined:
    """The pages so far: items as they were written, and what was said against them."""

    items: list[str]
    faults: dict[int, str]
    remarks: list[str]

    def add(self, page: Page, list_path: str) -> None:
        start = len(self.items)
        self.items.extend(text for _, text in page.items)
        for error in _errors(page):
            place = _place_of(error, list_path)
            words = refusal(None, error.get("message"), status=200).message
            if place is None or place >= len(page.items):
                self.remarks.append(words)
            else:
                self.faults.setdefault(start + place, words)
        self.remarks.extend(reason.message for reason in page.remarks)
        if page.cut is not None:
            self.remarks.append(page.cut)

    def written(self, *, is_last: bool) -> bytes:
        faults = [{"item": place, "message": words} for place, words in self.faults.items()]
        remarks = self.remarks if is_last else [*self.remarks, "the pages do not come to an end"]
        rest = json.dumps({"faults": faults, "remarks": remarks[:ERRORS_MAX]})
        text = f'{{"content":[{",".join(self.items)}],{rest[1:]}'
        return text.encode("utf-8", errors="surrogateescape")


class GraphqlSupplier(PooledSupplier):
    """A brand's endpoint, as a supplier."""

    def __init__(self, access: GraphqlAccess, http: Exchange) -> None:
        super().__init__(access.mapping)
        assert access.mapping.query is not None, "an endpoint is asked a query"
        self._query = access.mapping.query
        self._url = access.url
        self._http = http

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch every page of the brand's products, of one country where the query asks for it."""
        if country not in COUNTRIES:
            raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"{country[:8]!a} is no country.")
        return await self._fetch(country)

    async def fetch_all(self) -> bytes:
        """Fetch every page of the brand's products, as the network's description asks for them."""
        return await self._fetch(self.mapping.country)

    async def _fetch(self, country: str | None) -> bytes:
        """Fetch the pages and join them into one document.

        When the pages do not come to an end, or errors stand beside them, the document says so, and
        no reader takes it for complete.
        """
        joined = _Joined([], {}, [])
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(PAGES_MAX):
            page = await self._page(country, cursor)
            joined.add(page, self.mapping.list_path)
            info = page.facts.get("pageInfo")
            info = info if isinstance(info, dict) else {}
            if page.cut is not None or page.remarks or len(joined.items) > ITEMS_MAX:
                break
            if info.get("hasNextPage") is False:
                return joined.written(is_last=True)
            cursor = info.get("endCursor")
            # A cursor that comes back would lead round for ever.
            if not isinstance(cursor, str) or len(cursor) > CURSOR_LENGTH_MAX or cursor in seen:
                break
            seen.add(cursor)
        return joined.written(is_last=False)

    def read_feed(self, raw: bytes) -> Feed:
        """Read the joined pages; an item that an error is about is refused by that error."""
        page = read_page(raw)
        faults = {
            one["item"]: f"the supplier says: {one.get('message')}"
            for one in _as_errors(page.facts.get("faults"))
            if type(one.get("item")) is int
        }
        page.remarks += [Reason("errors", str(text)) for text in page.facts.get("remarks") or []]
        return read_mapped_page(page, self.mapping, faults=faults)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _page(self, country: str | None, cursor: str | None) -> Page:
        variables: dict[str, Any] = {"first": PAGE_SIZE, "after": cursor}
        if "$country" in self._query:
            variables["country"] = country
        body = json.dumps({"query": self._query, "variables": variables}).encode()
        raw = await self._http.read(self._url, method="POST", body=body, bytes_max=BYTES_MAX)
        try:
            return read_page(raw, list_path=self.mapping.list_path)
        except FeedUnreadable as unreadable:
            _refuse(_as_errors(object_of(raw).get("errors")))
            raise SupplierAnswerInvalid(unreadable.message) from None


def open_graphql(
    access: GraphqlAccess, client: httpx2.AsyncClient | None = None
) -> GraphqlSupplier:
    """Open the adapter with connections of its own, which lead to public hosts only."""
    token = access.token
    given = {} if token is None else {"Authorization": f"Bearer {token.reveal()}"}
    exchange = Exchange(
        client or open_public_client(trusted_origins=access.trusted_origins),
        FixedCredentials(given),
        accept=_ACCEPT,
        read_refusal=_read_refusal,
    )
    return GraphqlSupplier(access, exchange)


def _read_refusal(answer: Answer) -> SupplierRefused:
    """Read why a request was refused whole out of its first error."""
    if 300 <= answer.status < 400:
        return SupplierRefused("REDIRECTED", "The address leads elsewhere.")
    errors = _as_errors(object_of(answer.body).get("errors"))
    first = errors[0] if errors else {}
    return refusal(_code_of(first), first.get("message"), status=answer.status)


def _refuse(errors: Sequence[dict[str, Any]]) -> None:
    """Refuse an answer that has errors and no list."""
    if not errors:
        return
    code = _code_of(errors[0])
    if code in _THROTTLED:
        raise SupplierBusy("The supplier asks us to slow down.")
    if code in _UNKNOWN_TO_THEM:
        raise SupplierUnauthorised
    raise refusal(code, errors[0].get("message"), status=200)


def _errors(page: Page) -> list[dict[str, Any]]:
    return _as_errors(page.facts.get("errors"))


def _as_errors(value: Any) -> list[dict[str, Any]]:
    given = value if isinstance(value, list) else []
    return [one for one in given[:ERRORS_MAX] if isinstance(one, dict)]


def _code_of(error: dict[str, Any]) -> Any:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None


def _place_of(error: dict[str, Any], list_path: str) -> int | None:
    """Tell which item of the list an error is about, by its path from `data` on."""
    path = error.get("path")
    if not isinstance(path, list):
        return None
    steps = list_path.split(".")[1:]
    is_inside = path[: len(steps)] == steps and len(path) > len(steps)
    place = path[len(steps)] if is_inside else None
    return place if type(place) is int and place >= 0 else None
