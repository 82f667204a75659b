"""The double of a brand's own GraphQL endpoint: products as a Relay connection, really executed."""

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, graphql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.feed_store import Fault, FeedStore, control_routes, is_authorised, store_of
from api.doubles.outages import hang

KINDS = frozenset(
    {"timeout_before", "error_500_before", "error_429", "throttled", "redirect", "bad_request"}
    | {"item_error", "null_item", "whole_error", "no_list", "price_change"}
    | {"cursor_loop", "no_cursor", "page_size_ignored", "malformed_json", "withdrawn_item"}
)
PAGE_SIZE_MAX = 250
QUERY_LENGTH_MAX = 20_000

_SCHEMA = build_schema(
    """
    type Query { shop: Shop! }
    type Shop { products(first: Int!, after: String, country: String): ProductConnection! }
    type ProductConnection { edges: [Edge] nodes: [Product] pageInfo: PageInfo! totalCount: Int! }
    type Edge { cursor: String! node: Product }
    type PageInfo { hasNextPage: Boolean! endCursor: String }
    type Product {
      id: ID! title: String! vendor: String! country: String! currency: String!
      faces: [String!]! price: [String!] available: Boolean! description: String
    }
    """
)
PRODUCTS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": f"gid-{number:03d}",
        "title": f"Brand card {number}",
        "vendor": "Brand",
        "country": country,
        "currency": "SAR",
        "faces": ["50.00", "100.00"],
        "price": ["48.00", "96.00"],
        "available": number % 10 != 9,
        "description": "بطاقة هدية",
    }
    for country, numbers in (("SA", range(23)), ("AE", range(23, 25)))
    for number in numbers
)


def create_app(folder: Path, clock: Clock) -> Starlette:
    """Build the double over a folder that holds its state."""
    del clock
    app = Starlette(routes=[Route("/graphql", answer, methods=["POST"]), *control_routes(KINDS)])
    app.state.store = FeedStore(folder)
    return app


async def answer(request: Request) -> Response:
    """Execute a query, playing the fault that waits, if any."""
    store = store_of(request)
    store.count("query")
    if not is_authorised(request):
        return _errors("Who are you?", "UNAUTHENTICATED", status=401)
    fault = store.take_fault()
    refused = await _fail_before(request, fault)
    if refused is not None:
        return refused
    try:
        body = json.loads(await request.body())
        query, variables = body["query"][:QUERY_LENGTH_MAX], body.get("variables")
    except (ValueError, KeyError, TypeError):
        return _errors("This is no GraphQL request.", "BAD_REQUEST", status=400)
    result = await graphql(_SCHEMA, query, _Root(fault), variable_values=variables)
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [error.formatted for error in result.errors]
    if fault.kind == "whole_error":
        told["errors"] = [{"message": "Part of the shop is closed."}]
    text = json.dumps(told)
    if fault.kind == "malformed_json":
        text = text[: len(text) * 2 // 3]
    is_valid = result.data is not None
    return Response(text, 200 if is_valid else 400, media_type="application/graphql-response+json")


def _errors(message: str, code: str, *, status: int) -> Response:
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse({"errors": [error]}, status)


async def _fail_before(request: Request, fault: Fault) -> Response | None:
    """Play the faults in which nothing is executed."""
    if fault.kind == "throttled":
        return _errors("Slow down.", "THROTTLED", status=200)
    if fault.kind == "no_list":
        return JSONResponse({"data": None, "errors": [{"message": "The shop is closed."}]})
    if fault.kind == "bad_request":
        return _errors("No such field.", "GRAPHQL_VALIDATION_FAILED", status=400)
    if fault.kind == "redirect":
        return Response(status_code=302, headers={"Location": fault.place})
    if fault.kind in ("error_500_before", "error_429"):
        return Response(status_code=500 if fault.kind == "error_500_before" else 429)
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    return None


class _Root:
    """The shop, as the fault has it."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def shop(self, _: Any) -> "_Root":
        return self

    def products(
        self, _: Any, first: int, after: str | None = None, country: str | None = None
    ) -> dict[str, Any]:
        """Tell a page of the products."""
        kind = self._fault.kind
        found = [one for one in PRODUCTS if country in (None, one["country"])]
        if kind == "withdrawn_item":
            found = found[1:]
        start = 0 if after is None else _place_of(after) + 1
        size = min(first, PAGE_SIZE_MAX)
        size = size * 3 if kind == "page_size_ignored" else size
        page = [dict(one) for one in found[start : start + size]]
        cursors = [_cursor(start + number) for number in range(len(page))]
        end = cursors[-1] if cursors else None
        shown = self._bent(page)
        is_last = start + size >= len(found)
        return {
            "nodes": shown,
            "edges": [{"cursor": c, "node": n} for c, n in zip(cursors, shown, strict=True)],
            "totalCount": len(found),
            "pageInfo": {
                "hasNextPage": kind in ("cursor_loop", "no_cursor") or not is_last,
                "endCursor": {"cursor_loop": _cursor(0), "no_cursor": None}.get(kind, end),
            },
        }

    def _bent(self, page: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
        # Faults that are about no item have a place of another kind.
        place = int(self._fault.place) if self._fault.place.isdecimal() else 0
        if self._fault.kind == "price_change":
            page[place]["price"] = [str(Decimal(one) / 10) for one in page[place]["price"]]
        if self._fault.kind == "item_error":
            page[place]["price"] = _broken_price
        return [
            None if self._fault.kind == "null_item" and number == place else one
            for number, one in enumerate(page)
        ]


def _broken_price(_: Any) -> None:
    raise GraphQLError("The price is not known now.")


def _cursor(place: int) -> str:
    return base64.b64encode(f"place:{place}".encode()).decode()


def _place_of(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("place:"))
    except ValueError:
        raise GraphQLError("There is no such cursor.") from None
