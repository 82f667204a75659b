import gzip
import json
import logging
import socket
import time
from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette

from api.graphql.document_limits import DocumentLimits
from api.http.graphql_view import graphql_routes
from api.http.request_guard import RequestRefused
from tests.api.http import small_schema
from tests.api.http.loopback_server import serve

JSON = {"content-type": "application/json"}
SPEC = {"accept": "application/graphql-response+json"}


async def caller_of(request: object) -> object:
    kind = request.headers.get("x-kind", "member")
    if kind == "nobody":
        raise RequestRefused(
            401, "UNAUTHENTICATED", "Sign in.", headers={"www-authenticate": "Bearer"}
        )
    if kind == "broken":
        raise KeyError("secret-4242")
    return {"kind": kind}


def limits_of(context: object) -> DocumentLimits:
    return DocumentLimits(nodes_max=50 if context["kind"] == "member" else 1_000)


@pytest.fixture(scope="module")
def api() -> Iterator[httpx2.Client]:
    routes = graphql_routes(
        small_schema.small_schema(),
        context_factory=caller_of,
        limits_for=limits_of,
        deadline_seconds=0.3,
    )
    with (
        serve(Starlette(routes=routes)) as url,
        httpx2.Client(base_url=url, timeout=10, trust_env=False) as client,
    ):
        yield client


def ask(api: httpx2.Client, query: str, headers: dict | None = None, **members) -> httpx2.Response:
    return api.post("/graphql", json={"query": query, **members}, headers=headers or SPEC)


def code_of(response: httpx2.Response) -> str:
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    return error["extensions"]["code"]


def document(**members: object) -> bytes:
    return json.dumps({"query": "{ hello }", **members}).encode()


HOSTILE = {
    "nothing": (b"", 400, "REQUEST_UNREADABLE"),
    "null": (b"null", 400, "REQUEST_INVALID"),
    "a string": (b'"x"', 400, "REQUEST_INVALID"),
    "a number": (b"1", 400, "REQUEST_INVALID"),
    "a batch": (b'[{"query":"{ hello }"}]', 400, "REQUEST_INVALID"),
    "an empty batch": (b"[]", 400, "REQUEST_INVALID"),
    "an empty object": (b"{}", 400, "QUERY_MISSING"),
    "an empty query": (b'{"query":" "}', 400, "QUERY_MISSING"),
    "a query of another type": (b'{"query":{"a":1}}', 400, "QUERY_MISSING"),
    "variables of another type": (document(variables="x"), 400, "REQUEST_INVALID"),
    "an operation name of another type": (document(operationName=7), 400, "REQUEST_INVALID"),
    "extensions of another type": (document(extensions=[1]), 400, "REQUEST_INVALID"),
    "invalid UTF-8": (b'{"query":"{ hello \xff }"}', 400, "REQUEST_UNREADABLE"),
    "UTF-16": ('{"query":"{ hello }"}'.encode("utf-16"), 400, "REQUEST_UNREADABLE"),
    "a byte order mark": (b"\xef\xbb\xbf" + document(), 400, "REQUEST_UNREADABLE"),
    "deep arrays": (
        b'{"query":"{ hello }","variables":{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}}",
        400,
        "REQUEST_UNREADABLE",
    ),
    "deep objects": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400, "REQUEST_UNREADABLE"),
    "65 levels": (b'{"a":' * 65 + b"1" + b"}" * 65, 400, "REQUEST_UNREADABLE"),
    "64 levels": (b'{"a":' * 64 + b"1" + b"}" * 64, 400, "QUERY_MISSING"),
    "an integer of 5,000 digits": (
        b'{"query":"{ hello }","variables":{"x":' + b"9" * 5_000 + b"}}",
        400,
        "REQUEST_UNREADABLE",
    ),
    "an integer of 20 digits": (
        b'{"query":"{ hello }","variables":{"x":' + b"9" * 20 + b"}}",
        400,
        "REQUEST_UNREADABLE",
    ),
    "a number beyond all": (
        b'{"query":"{ hello }","variables":{"x":1e999}}',
        400,
        "REQUEST_UNREADABLE",
    ),
    "NaN": (b'{"query":"{ hello }","variables":{"x":NaN}}', 400, "REQUEST_UNREADABLE"),
    "U+0000 in a variable": (document(variables={"x": "a\x00"}), 400, "REQUEST_UNREADABLE"),
    "U+0000 in a key": (document(variables={"a\x00": 1}), 400, "REQUEST_UNREADABLE"),
    "U+0000 in a literal": (
        json.dumps({"query": '{ hello(name: "\\u0000") }'}).encode(),
        400,
        "REQUEST_UNREADABLE",
    ),
    "half a surrogate pair": (
        b'{"query":"{ hello }","variables":{"x":"\\ud800"}}',
        400,
        "REQUEST_UNREADABLE",
    ),
    "quotes without end": (b'{"' + b'\\"' * 120_000 + b"[" * 65, 400, "REQUEST_UNREADABLE"),
    "300 kB": (document(variables={"x": "a" * 300_000}), 413, "REQUEST_TOO_LARGE"),
    "30 MB": (document(variables={"x": "a" * 30_000_000}), 413, "REQUEST_TOO_LARGE"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_quickly_and_in_the_shape_of_graphql(api, name):
    body, status, code = HOSTILE[name]

    started = time.monotonic()
    response = api.post("/graphql", content=body, headers=JSON)

    assert (response.status_code, code_of(response)) == (status, code)
    assert time.monotonic() - started < 5


def test_the_server_answers_as_before_after_every_hostile_body(api):
    assert ask(api, "{ hello }").json() == {"data": {"hello": "مرحبا Mizan"}}


def test_brackets_inside_text_are_not_nesting(api):
    response = ask(api, "query($x: String!) { hello(name: $x) }", variables={"x": '[{"\\' * 200})

    assert response.status_code == 200
    assert response.json()["data"]["hello"] == "مرحبا " + '[{"\\' * 200


def test_the_last_of_two_equal_keys_wins(api):
    response = api.post(
        "/graphql", content=b'{"query":"{ boom }","query":"{ hello }"}', headers=JSON
    )

    assert response.json() == {"data": {"hello": "مرحبا Mizan"}}


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": ""},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_other_content_types_are_refused(api, headers):
    body = gzip.compress(document()) if "content-encoding" in headers else document()

    response = api.post("/graphql", content=body, headers=headers)

    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(api, method):
    response = api.request(method, "/graphql")

    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, POST"


def test_a_body_that_never_ends_is_refused_by_its_size(api):
    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b"a" * 65_536

    response = api.post("/graphql", content=endless(), headers=JSON)

    assert (response.status_code, code_of(response)) == (413, "REQUEST_TOO_LARGE")


def test_queries_may_come_by_get(api):
    response = api.get(
        "/graphql",
        params={"query": "query($n: String!) { hello(name: $n) }", "variables": '{"n": "ميزان"}'},
    )

    assert (response.status_code, response.json()) == (200, {"data": {"hello": "مرحبا ميزان"}})
    assert "مرحبا ميزان".encode() in response.content


def test_mutations_may_not_come_by_get(api):
    small_schema.calls.clear()

    response = api.get("/graphql", params={"query": "mutation { touch }"})

    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"
    assert small_schema.calls == []


@pytest.mark.parametrize(
    "query_string",
    ["query=%FF%FE", "query=%7Bhello%7D&variables=%5B1%5D", "variables=%7B%7D", "x=1"],
)
def test_a_query_string_that_is_no_query_is_refused(api, query_string):
    assert api.get(f"/graphql?{query_string}").status_code == 400


def test_a_query_string_that_is_too_long_is_refused(api):
    response = api.get("/graphql", params={"query": "{ hello }", "x": "a" * 40_000})

    assert (response.status_code, code_of(response)) == (414, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize(
    ("query", "members", "code"),
    [
        ("query a { hello } mutation b { touch }", {}, "OPERATION_AMBIGUOUS"),
        ("mutation a { touch } mutation b { touch }", {}, "OPERATION_AMBIGUOUS"),
        ("query a { hello }", {"operationName": "b"}, "OPERATION_NOT_FOUND"),
        ("{brands(first:100){items(first:100){name}}}", {}, "DOCUMENT_TOO_COSTLY"),
        ("{ brand {" + "parent {" * 80 + "name" + "}" * 82, {}, "DOCUMENT_TOO_DEEP"),
        ("{ brand {" + "parent {" * 500 + "name" + "}" * 502, {}, "DOCUMENT_TOO_DEEP"),
        ("{" + " hello" * 3_000 + "}", {}, "DOCUMENT_TOO_LONG"),
        ("{ hello(name: " + "[" * 900 + "]" * 900 + ") }", {}, "DOCUMENT_TOO_DEEP"),
        ("mutation { touch b: touch }", {}, "DOCUMENT_TOO_MANY_MUTATIONS"),
        ("subscription { count }", {}, "TRANSPORT_NOT_SUPPORTED"),
    ],
)
def test_a_refused_document_is_a_400_and_nothing_of_it_is_executed(
    api, query, members, code, accept
):
    small_schema.calls.clear()

    response = ask(api, query, headers={"accept": accept}, **members)

    assert (response.status_code, code_of(response)) == (400, code)
    assert small_schema.calls == []


def test_a_named_operation_of_several_is_executed_alone(api):
    small_schema.calls.clear()

    response = ask(api, "query a { hello } mutation b { touch }", operationName="a")

    assert response.json() == {"data": {"hello": "مرحبا Mizan"}}
    assert small_schema.calls == []


def test_limits_follow_the_caller(api):
    query = "{ brands(first: 60) { name } }"

    assert code_of(ask(api, query)) == "DOCUMENT_TOO_COSTLY"
    staff = ask(api, query, headers={**SPEC, "x-kind": "staff"})
    assert staff.json() == {"data": {"brands": [{"name": "brand"}]}}
    assert staff.headers["x-mizan-cost"] == "60"


def test_a_refused_caller_is_told_how_to_sign_in(api):
    response = ask(api, "{ hello }", headers={**SPEC, "x-kind": "nobody"})

    assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == "Bearer"


def test_an_unexpected_error_is_masked_and_logged_under_its_reference(api, caplog):
    with caplog.at_level(logging.ERROR):
        response = ask(api, "{ boom hello }")

    assert response.status_code == 200
    assert "secret-4242" not in response.text
    assert response.json()["data"] == {"boom": None, "hello": "مرحبا Mizan"}
    (error,) = response.json()["errors"]
    assert error["message"] == "Unexpected error"
    assert error["path"] == ["boom"]
    assert error["extensions"]["code"] == "INTERNAL"
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert error["extensions"]["reference"] in record.getMessage()
    assert isinstance(record.exc_info[1], KeyError)


def test_an_unexpected_error_before_execution_is_masked_as_well(api):
    response = ask(api, "{ hello }", headers={**SPEC, "x-kind": "broken"})

    assert (response.status_code, code_of(response)) == (500, "INTERNAL")
    assert "secret-4242" not in response.text


def test_an_error_that_a_resolver_states_is_shown(api):
    (error,) = ask(api, "{ refused }").json()["errors"]

    assert error["message"] == "Not yours"
    assert error["extensions"] == {"code": "FORBIDDEN"}


def test_at_most_five_errors_are_returned(api):
    query = "{ brand {" + " ".join(f"x{n}" for n in range(30)) + "} }"

    assert len(ask(api, query).json()["errors"]) == 5


def test_names_of_the_schema_are_not_suggested(api):
    error = ask(api, "{ helo }").json()["errors"][0]

    assert error["message"] == "Cannot query field 'helo' on type 'Query'."


def test_a_request_that_takes_too_long_ends_with_503(api):
    started = time.monotonic()
    response = ask(api, "{ slow }")

    assert (response.status_code, code_of(response)) == (503, "DEADLINE_EXCEEDED")
    assert time.monotonic() - started < 3


def test_a_client_that_goes_away_leaves_the_server_well(api):
    url = api.base_url
    with socket.create_connection((url.host, url.port)) as client:
        client.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: 1000\r\n\r\n{"
        )

    assert ask(api, "{ hello }").status_code == 200
