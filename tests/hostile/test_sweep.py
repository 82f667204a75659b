"""Every field of every mutation's input, with every nasty value of its type."""

from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLEnumType, get_named_type

from tests.fingerprint import KEYS, Print, changed, fingerprint
from tests.hostile.conftest import Attack
from tests.hostile.test_requests import caller_of
from tests.permissions.documents import (
    argument_type,
    is_id,
    paths_of,
    plausible,
    put,
    root_fields,
)
from tests.permissions.walk import kinds_named

TEXTS: list[Any] = [
    "",
    " ",
    "x" * 10_000,
    "a\0b",
    "\u0001\u001f\u007f\u0085",
    "\u202e\u2066gnp.exe\u2069",
    "\ud800",
    "\udfff\ud800",
    "\uffff\ufeff",
    "١٢٣٤٫٥٠",
    "مرحبا\u200f\u0640" * 20,
    "👩‍👩‍👧‍👦" * 90,
    "e\u0301" * 300,
    "'; DROP TABLE payouts.journal; --",
    "%s%n{0}${7*7}{{7*7}}",
    '"}) { __typename } evil: createNetwork(input: {slug: "x',
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "-1",
    "0",
    "1e400",
    "NaN",
    "99999999999999999999999",
    "2026-02-30",
    "9999-99",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999999+00:01",
    "0001-01-01T00:00:00+14:00",
]
NUMBERS: list[Any] = [0, -1, 2**31 - 1, -(2**31), 2**31, 2**63, -(2**63) - 1, 10**40, 1.5, -0.0]
STRANGE: list[Any] = [None, True, [], {}, [[]], {"a": 1}, ["x"] * 1_000, [None], 7, "7", 1e308]
DEEP: Any = "x"
for _ in range(40):
    DEEP = {"a": [DEEP]}
KEY_TRIED_ON = "recordPurchase"
TRIED = {"values": 0, "accepted": 0}


def values_of(attack: Attack, leaf: Any, path: tuple[str, ...]) -> list[Any]:
    if isinstance(leaf, GraphQLEnumType):
        return [*STRANGE, "NOTHING", "", "x" * 10_000, "__typename"]
    if is_id(leaf):
        kinds = kinds_named(path[-1])
        others = [attack.id_of(kinds[0], side=attack.other)] if len(kinds) == 1 else []
        return [*STRANGE, *TEXTS[:12], attack.id_of("Member"), attack.id_of("Journal"), *others]
    if leaf.name in ("Int", "Float", "Boolean"):
        return [*STRANGE, *NUMBERS, *TEXTS[18:22]]
    if leaf.name == "JSON":
        return [*STRANGE, *TEXTS, DEEP, {"keys": ["\ud800"]}, {"kty": "EC"}, {"\0": "\0"}]
    # Long inputs have many texts; each is tried, those deep inside with fewer values.
    return [*STRANGE, *TEXTS] if len(path) == 1 else [*STRANGE[:4], *TEXTS[2::4]]


def inputs(attack: Attack, name: str) -> list[dict[str, Any]]:
    type_ = argument_type(root_fields("Mutation")[name])
    found = []
    for path in paths_of(type_, lambda leaf: True):
        if path == ("idempotencyKey",) and name != KEY_TRIED_ON:
            continue  # one function reads the keys of all
        leaf = _leaf(type_, path)
        base = plausible(type_, "", path)
        for other in paths_of(type_, is_id):
            if other != path and _there(base, other):
                kind = kinds_named(other[-1])[0]
                base = put(base, other, attack.id_of(kind))
        found += [put(base, path, value) for value in values_of(attack, leaf, path)]
    return found


def _leaf(type_: Any, path: tuple[str, ...]) -> Any:
    named = get_named_type(type_)
    for step in path:
        named = get_named_type(named.fields[step].type)
    return named


def _there(value: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


@pytest.mark.parametrize("name", sorted(root_fields("Mutation")))
async def test_no_value_of_any_field_does_harm(attack: Attack, name: str) -> None:
    """Never a 5xx, never INTERNAL; what is refused changes nothing."""
    who, given = caller_of(name), inputs(attack, name)
    before = await look(attack)
    refused, broken = await _send(attack, who, name, given)
    assert broken == [], broken[:5]
    if len(refused) < len(given):  # some were good after all: the others once more, by themselves
        before = await look(attack)
        again, _ = await _send(attack, who, name, refused)
        assert again == refused
    assert changed(before, await look(attack)) == []
    TRIED["values"] += len(given)
    TRIED["accepted"] += len(given) - len(refused)
    print(f"sweep: {name}: {len(given)} tried, {len(given) - len(refused)} taken; in all {TRIED}")


async def look(attack: Attack) -> Print:
    return await fingerprint(attack.standing.superuser, without=KEYS)


async def _send(
    attack: Attack, who: str, name: str, given: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[Any]]:
    type_ = argument_type(root_fields("Mutation")[name])
    document = f"mutation($input: {type_}) {{ {name}(input: $input) {{ problems {{ code }} }} }}"
    client = attack.caller(who)
    refused, broken = [], []
    for one in given:
        fresh = {"idempotencyKey": uuid4().hex} if one.get("idempotencyKey") == "text" else {}
        body = {"query": document, "variables": {"input": {**one, **fresh}}}
        answer = await attack.post(client, body)
        found = answer.json()
        codes = [e["extensions"].get("code") for e in found.get("errors", ())]
        if answer.status_code >= 500 or "INTERNAL" in codes:
            broken.append((str(one)[:300], answer.text[:300]))
        elif codes or found["data"][name]["problems"]:
            refused.append(one)
    return refused, broken
