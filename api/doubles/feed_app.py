"""The double of a supplier that offers its catalogue as a file, in CSV and in JSON.

It keeps `ETag` and `Last-Modified`, wants a Bearer token, and takes any file by control.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from email.utils import format_datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.clock import Clock
from api.doubles.feed_store import Fault, FeedStore, control_routes, is_authorised, store_of
from api.doubles.outages import die, hang

KINDS = frozenset(
    {"timeout_before", "error_500_before", "error_429", "not_found", "redirect", "no_content"}
    | {"malformed", "cut_short", "endless", "kill_before"}
)
ENDLESS_CHUNK = b"x" * 1024 * 1024
_ROWS = (
    ("JR-50", "Jarir Bookstore 50", "Jarir", "50", "48.50"),
    ("JR-100", "Jarir Bookstore 100", "Jarir", "100", "97.00"),
    ("EX-100", "eXtra 100", "eXtra", "100", "96.00"),
    ("NN-200", "بطاقة نون 200", "noon", "200", "192.00"),
)
_COLUMNS = ("sku", "name", "brand", "value", "price")


def create_app(folder: Path, clock: Clock) -> Starlette:
    """Build the double over a folder that holds its state; at first it has a small catalogue."""
    store = FeedStore(folder)
    if store.file("feed.csv") is None:
        lines = [",".join(row) for row in (_COLUMNS, *_ROWS)]
        store.put_file("feed.csv", "".join(f"{line}\r\n" for line in lines).encode())
        items = [dict(zip(_COLUMNS, row, strict=True)) for row in _ROWS]
        store.put_file("feed.json", json.dumps({"data": {"items": items}}).encode())
    app = Starlette(routes=[*control_routes(KINDS), Route("/{name}", give_file)])
    app.state.store = store
    app.state.clock = clock
    return app


async def give_file(request: Request) -> Response:
    """Give a file, unless who asks has it; plays the fault that waits, if any."""
    store = store_of(request)
    store.count("file")
    if not is_authorised(request):
        return Response(status_code=401)
    fault = store.take_fault()
    refused = await _fail_before(request, fault)
    if refused is not None:
        return refused
    found = store.file(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    body, version = found
    etag = f'"{request.path_params["name"]}-{version}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(request.app.state.clock.now())}
    if request.headers.get("if-none-match") == etag:
        store.count("unchanged")
        return Response(status_code=304, headers=headers)
    store.count("given")
    if fault.kind == "malformed":
        body = body[: len(body) * 2 // 3]
    if fault.kind == "cut_short":  # the connection ends before what was announced
        headers["Content-Length"] = str(len(body))
        return StreamingResponse(_half(body), headers=headers)
    return Response(body, headers=headers, media_type="text/csv")


async def _fail_before(request: Request, fault: Fault) -> Response | None:
    """Play the faults in which no file is given."""
    statuses = {"error_500_before": 500, "error_429": 429, "not_found": 404, "no_content": 204}
    if fault.kind in statuses:
        return Response(status_code=statuses[fault.kind])
    if fault.kind == "redirect":
        return Response(status_code=302, headers={"Location": fault.place})
    if fault.kind == "endless":
        return StreamingResponse(_endless(), media_type="text/csv")
    if fault.kind == "kill_before":
        die()
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    return None


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield ENDLESS_CHUNK
        await asyncio.sleep(0.001)  # to notice that nobody listens any more
