"""Every argument of every query, with values and cursors that nobody was given."""

import base64
import json
from typing import Any

import pytest

from api.graphql.permissions import DECLARATIONS
from tests.hostile.conftest import Attack
from tests.hostile.test_sweep import STRANGE, TEXTS, values_of
from tests.permissions.documents import is_id, paths_of, plausible, put, query_call, root_fields

PARTS: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    2**64 - 1,
    1.5,
    "",
    "x",
    "a\0b",
    "\ud800",
    "0" * 32,
    "018f000000007000800000000000dead",
    "2026-03-15T09:00:00+00:00",
    "2026-03-15T09:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    {},
]


def cursor(parts: Any) -> str:
    plain = json.dumps(parts).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


CURSORS = [
    *(cursor([one]) for one in PARTS),
    *(cursor([one, "018f000000007000800000000000dead"]) for one in PARTS),
    *(cursor(["2026-03-15T09:00:00+00:00", one]) for one in PARTS),
    *(cursor([1000, one]) for one in PARTS),
    *(cursor([one, one, one]) for one in PARTS),
    cursor([]),
    cursor({}),
    cursor([1] * 90),
    cursor("[" * 100),
    base64.urlsafe_b64encode(b"[NaN]").decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "!",
    "",
    "A" * 10_000,
    "مؤشر",
]
LISTS = sorted(name for name, one in root_fields("Query").items() if "after" in one.args)


def reader_of(name: str) -> str:
    names = DECLARATIONS[f"Query.{name}"].names
    order = ("operator", "partner", "member", "finance_maker", "auditor")
    return next(one for one in order if one in names)


async def assert_harmless(attack: Attack, who: str, call: Any) -> list[str]:
    body = {"query": call.document, "variables": call.variables}
    answer = await attack.post(attack.caller(who), body)
    codes = [one["extensions"].get("code") for one in answer.json().get("errors", ())]
    assert answer.status_code < 500, (call, answer.text)
    assert "INTERNAL" not in codes, (call, answer.text)
    return codes


@pytest.mark.parametrize("name", LISTS)
async def test_forged_cursors_are_request_errors_or_places(attack: Attack, name: str) -> None:
    async with attack.nothing_changes():
        who = reader_of(name)
        for one in CURSORS:
            await assert_harmless(attack, who, query_call(name, 1, first=2, after=one))
        for one in CURSORS[::5]:
            await assert_harmless(attack, who, query_call(name, 1, last=2, before=one))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1])
async def test_a_page_of_another_size_is_refused(attack: Attack, name: str, size: int) -> None:
    who = reader_of(name)
    assert await assert_harmless(attack, who, query_call(name, 1, first=size)) == ["BAD_ARGUMENT"]
    assert await assert_harmless(attack, who, query_call(name, 1, last=size)) == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_without_a_size_or_with_two_is_refused(attack: Attack, name: str) -> None:
    who = reader_of(name)
    both = query_call(name, 1, first=2, last=2)
    assert await assert_harmless(attack, who, both) == ["BAD_ARGUMENT"]
    assert await assert_harmless(attack, who, query_call(name, 1, first=None)) == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("name", sorted(root_fields("Query")))
async def test_no_value_of_any_argument_does_harm(attack: Attack, name: str) -> None:
    field = root_fields("Query")[name]
    who = reader_of(name)
    async with attack.nothing_changes():
        for argument, kind in field.args.items():
            for path in paths_of(kind.type, lambda leaf: True):
                leaf = _leaf(kind.type, path)
                values = [*STRANGE, *TEXTS[:8]] if is_id(leaf) else values_of(attack, leaf, ("x",))
                base = plausible(kind.type, "", path)
                for value in values:
                    call = query_call(name, 1, **{argument: put(base, path, value)})
                    await assert_harmless(attack, who, call)


def _leaf(type_: Any, path: tuple[str, ...]) -> Any:
    from graphql import get_named_type

    named = get_named_type(type_)
    for step in path:
        named = get_named_type(named.fields[step].type)
    return named
