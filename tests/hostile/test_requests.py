"""Requests that are none: each gets a 4xx or a clear error, never a 5xx, and changes nothing."""

import json
from typing import Any

import pytest

from api.graphql.nodes import NODE_KINDS
from api.graphql.permissions import DECLARATIONS
from tests.hostile.conftest import Attack
from tests.permissions.documents import argument_type, is_id, paths_of, plausible, put, root_fields
from tests.permissions.walk import kinds_named

GOOD = {"query": "{ viewer { kind } }"}
DEEP = b'{"query": "{ viewer { kind } }", "variables": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "half of a document": (b'{"query": "{ view', 400),
    "no JSON": (b"query=x", 400),
    "a number": (b"1", 400),
    "a text": (b'"query"', 400),
    "an empty list": (b"[]", 400),
    "a batch": (json.dumps([GOOD, GOOD]).encode(), 400),
    "no query": (b"{}", 400),
    "a query that is null": (b'{"query": null}', 400),
    "a query that is a list": (b'{"query": ["{ viewer { kind } }"]}', 400),
    "an empty query": (b'{"query": ""}', 400),
    "not UTF-8": (b'{"query": "\xff\xfe"}', 400),
    "UTF-16": ('{"query": "{ viewer { kind } }"}'.encode("utf-16"), 400),
    "NaN": (b'{"query": "{ viewer { kind } }", "variables": {"x": NaN}}', 400),
    "trailing text": (json.dumps(GOOD).encode() + b"x", 400),
    "deep JSON": (DEEP, 400),
    "a huge text": (b'{"query": "' + b"x" * 3_000_000 + b'"}', 413),
    "variables that are a list": (b'{"query": "{ viewer { kind } }", "variables": [1]}', 400),
    "a deep document": (
        json.dumps({"query": "{ node(id: 1) " + "{ id " * 300 + "}" * 301}).encode(),
        400,
    ),
    "NUL in a text": (b'{"query": "{ viewer { kind } }", "variables": {"x": "a\\u0000"}}', 400),
    "half a character": (b'{"query": "{ viewer { kind } }", "variables": {"x": "\\ud800"}}', 400),
    "half a character in a name": (
        b'{"query": "{ viewer { kind } }", "variables": {"\\udfff": 1}}',
        400,
    ),
    # A document that was read and is not valid is answered with 200, as GraphQL over HTTP has it.
    "an unknown field": (b'{"query": "{ viewer { secret } }"}', 200),
    "an unknown root field": (b'{"query": "{ everything { id } }"}', 200),
    "an unknown argument": (b'{"query": "{ viewer(of: 1) { kind } }"}', 200),
    "an unknown operation": (
        b'{"query": "query a { viewer { kind } }", "operationName": "b"}',
        400,
    ),
    "a subscription to nothing": (b'{"query": "subscription { x }"}', 400),
}


@pytest.mark.parametrize("name", BODIES)
async def test_body_that_is_no_request_is_refused(attack: Attack, name: str) -> None:
    body, status = BODIES[name]
    async with attack.nothing_changes():
        answer = await attack.post(attack.caller("partner"), body)
    assert answer.status_code == status, answer.text[:300]
    assert answer.json()["errors"][0]["extensions"]["code"] != "INTERNAL"
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x", ""],
)
async def test_another_content_type_is_refused(attack: Attack, kind: str) -> None:
    async with attack.nothing_changes():
        answer = await attack.app.http.post(
            "/graphql", content=json.dumps(GOOD).encode(), headers={"content-type": kind}
        )
    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_another_method_is_refused(attack: Attack, method: str) -> None:
    answer = await attack.app.http.request(method, "/graphql")
    assert answer.status_code == 405


@pytest.mark.parametrize("field", sorted(root_fields("Mutation")))
async def test_unknown_fields_of_an_input_are_refused(attack: Attack, field: str) -> None:
    given = plausible(argument_type(root_fields("Mutation")[field]))
    async with attack.nothing_changes():
        answer = await attack.mutate("operator", field, {**given, "isAdmin": True})
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["DOCUMENT_INVALID"]
    assert answer.get("data") is None


def bad_ids(attack: Attack) -> dict[str, Any]:
    kinds = {f"of a {kind}": attack.id_of(kind) for kind in NODE_KINDS if kind not in ("Reward",)}
    return {
        **kinds,
        "of nothing": "",
        "plain": "1",
        "a UUID": "018f0000-0000-7000-8000-0000000000ff",
        "no base64": "!!!!",
        "padded": attack.id_of("Member") + "=",
        "too long": "A" * 10_000,
        "Arabic": "معرّف",
        "of a negative network": "TWVtYmVyOi0xOjAxOGYwMDAwMDAwMDcwMDA4MDAwMDAwMDAwMDAwMGZm",
        "an injection": "'; DROP TABLE partners.member; --",
    }


async def test_bad_ids_of_every_type_are_nothing_to_every_query(attack: Attack) -> None:
    async with attack.nothing_changes():
        for one in bad_ids(attack).values():
            body = {"query": "query($id: ID!) { reward(id: $id) { id } }", "variables": {"id": one}}
            answer = await attack.post(attack.caller("operator"), body)
            assert answer.json() == {"data": {"reward": None}}, (one, answer.text)


PLACES = [
    (name, path)
    for name, one in sorted(root_fields("Mutation").items())
    for path in paths_of(argument_type(one), is_id)
]


@pytest.mark.parametrize(("name", "path"), PLACES, ids=lambda x: x if isinstance(x, str) else None)
async def test_bad_ids_of_every_type_are_problems_of_every_mutation(
    attack: Attack, name: str, path: tuple[str, ...]
) -> None:
    """Whoever may call it: an id of another type is no better than one of nothing."""
    who = caller_of(name)
    base = plausible(argument_type(root_fields("Mutation")[name]), "", path)
    right = {f"of a {kind}" for kind in kinds_named(path[-1])}
    async with attack.nothing_changes():
        for label, one in bad_ids(attack).items():
            if label not in right:
                assert_refused(await attack.mutate(who, name, put(base, path, one)), name)


def caller_of(name: str) -> str:
    """Somebody whom a mutation lets in."""
    names = DECLARATIONS[f"Mutation.{name}"].names
    order = ("operator", "partner", "member", "finance_maker", "finance_checker", "auditor")
    return next(one for one in order if one in names)


def assert_refused(answer: dict[str, Any], name: str) -> None:
    if "errors" in answer:
        codes = [one["extensions"].get("code") for one in answer["errors"]]
        assert "INTERNAL" not in codes, answer
        return
    assert answer["data"][name]["problems"], answer
