import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.http import graphiql
from api.http.graphql_view import graphql_routes
from api.http.request_guard import RequestRefused
from tests.api.http import small_schema
from tests.api.http.loopback_server import serve

SSE = {"accept": "text/event-stream"}


class Context:
    connection_params: dict | None = None


async def context_of(_request: object) -> object:
    return Context()


async def accept_known(context: object) -> None:
    if (context.connection_params or {}).get("token") == "wrong":
        raise RequestRefused(401, "UNAUTHENTICATED", "Sign in.")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    routes = graphql_routes(
        small_schema.small_schema(),
        context_factory=context_of,
        authenticate_socket=accept_known,
        deadline_seconds=0.3,
    )
    with serve(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture(scope="module")
def api(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, timeout=10, trust_env=False) as client:
        yield client


def events(response: httpx2.Response) -> list[tuple[str, object]]:
    found = re.findall(r"event: (\w+)\r\ndata: ?(.*)\r\n", response.text)
    return [(kind, json.loads(data) if data else None) for kind, data in found]


def socket_to(address: str, **options: object) -> connect:
    url = address.replace("http", "ws") + "/graphql"
    return connect(url, subprotocols=["graphql-transport-ws"], proxy=None, **options)


async def say(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict:
    frame = await asyncio.wait_for(socket.recv(), 5)
    assert isinstance(frame, str)
    return json.loads(frame)


async def close_code(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(socket.recv(), 5)
    return closed.value.rcvd.code


def test_a_subscription_streams_as_server_sent_events(api):
    response = api.post(
        "/graphql", json={"query": "subscription { count(target: 2) }"}, headers=SSE
    )

    assert response.headers["content-type"].startswith("text/event-stream")
    assert events(response) == [
        ("next", {"data": {"count": 0}}),
        ("next", {"data": {"count": 1}}),
        ("complete", None),
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { broken }", "INTERNAL"),
        ("{ slow }", "DEADLINE_EXCEEDED"),
        ("{ brands { items { name brand { items { name } } } } }", "DOCUMENT_TOO_COSTLY"),
        ("{ nothing }", "DOCUMENT_INVALID"),
        ("{", "DOCUMENT_UNREADABLE"),
        ("query a { hello } query b { hello }", "OPERATION_AMBIGUOUS"),
        ("fragment f on Brand { name }", "OPERATION_NOT_FOUND"),
    ],
)
def test_the_guard_stands_before_server_sent_events_as_well(api, query, code):
    response = api.post("/graphql", json={"query": query}, headers=SSE)

    assert response.status_code == 200
    assert "secret-4242" not in response.text
    *_, (_, failed), end = events(response)
    assert failed["errors"][0]["extensions"]["code"] == code
    assert end == ("complete", None)


def test_mutations_may_not_come_by_get_as_server_sent_events_either(api):
    small_schema.calls.clear()

    response = api.get("/graphql", params={"query": "mutation { touch }"}, headers=SSE)

    (_, failed), _ = events(response)
    assert failed["errors"][0]["extensions"]["code"] == "TRANSPORT_NOT_SUPPORTED"
    assert small_schema.calls == []


async def test_a_subscription_streams_over_a_websocket(address):
    async with socket_to(address) as socket:
        await say(socket, type="connection_init")
        assert await hear(socket) == {"type": "connection_ack"}
        await say(
            socket, type="subscribe", id="1", payload={"query": "subscription { count(target: 1) }"}
        )
        assert await hear(socket) == {"id": "1", "type": "next", "payload": {"data": {"count": 0}}}
        assert await hear(socket) == {"id": "1", "type": "complete"}
        await say(socket, type="subscribe", id="2", payload={"query": "{ hello }"})
        answer = await hear(socket)
        assert answer["payload"] == {"data": {"hello": "مرحبا Mizan"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ boom }", "INTERNAL"),
        ("{ slow }", "DEADLINE_EXCEEDED"),
        ("{ brands { items { name brand { items { name } } } } }", "DOCUMENT_TOO_COSTLY"),
        ("{ nothing }", "DOCUMENT_INVALID"),
    ],
)
async def test_the_guard_stands_before_a_websocket_as_well(address, query, code):
    async with socket_to(address) as socket:
        await say(socket, type="connection_init")
        await hear(socket)
        await say(socket, type="subscribe", id="1", payload={"query": query})
        message = await hear(socket)

    assert "secret-4242" not in json.dumps(message)
    payload = message["payload"]
    errors = payload if message["type"] == "error" else payload["errors"]
    assert errors[0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "frame",
    [
        "null",
        "[]",
        "x",
        "[" * 20_000,
        '{"type":' + "9" * 5_000 + "}",
        '{"type":"subscribe","id":"1","payload":null}',
        '{"type":"subscribe","id":"1","payload":{"query":7}}',
        '{"type":"subscribe","id":[],"payload":{"query":"{ hello }"}}',
        json.dumps({"type": "ping", "payload": {"x": "a" * 300_000}}),
    ],
)
async def test_a_hostile_message_closes_the_socket_in_good_order(address, frame):
    async with socket_to(address) as socket:
        await say(socket, type="connection_init")
        await hear(socket)
        await socket.send(frame)

        assert await close_code(socket) == 4400


async def test_connection_parameters_may_be_refused(address):
    async with socket_to(address) as socket:
        await say(socket, type="connection_init", payload={"token": "wrong"})

        assert await close_code(socket) == 4403


async def test_a_page_of_another_origin_gets_no_socket(address):
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(address, origin="https://elsewhere.example"):
            pass

    assert refused.value.response.status_code == 403


def test_a_browser_gets_graphiql_and_everything_it_loads_comes_from_here(api):
    page = api.get("/graphql", headers={"accept": "text/html,*/*"})

    assert page.status_code == 200
    assert "://" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "://" not in policy
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(loaded) == 6
    for name in loaded:
        asset = api.get(name)
        assert asset.status_code == 200
        assert asset.headers["x-content-type-options"] == "nosniff"
        # Its text names no place that a browser could load a program from.
        assert re.findall(r"unpkg\.com|jsdelivr\.net|esm\.sh|cdnjs\.", asset.text) == []


def test_a_client_without_a_query_gets_no_page(api):
    response = api.get("/graphql", headers={"accept": "*/*"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_MISSING"


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fgraphiql.py", "%2e%2e/graphiql.py"])
def test_no_other_file_is_served(api, name):
    assert api.get(f"/graphql/assets/{name}").status_code == 404


def test_each_vendored_file_is_served_and_has_its_licence():
    folder = Path(graphiql.__file__).parent / "assets" / "graphiql"

    assert {file.name for file in folder.iterdir()} == graphiql._ASSETS
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_000_000
    for licence in folder.glob("LICENSE-*"):
        assert "MIT License" in licence.read_text()
