"""The parts of the walk that call root fields: queries, mutations, and lists by cursors."""

import json
from typing import Any
from uuid import uuid4

from api.auth.caller import PLATFORM_NETWORK_ID, Caller
from api.graphql.connection import encode_cursor
from api.graphql.permissions import DECLARATIONS
from tests.permissions.documents import (
    argument_type,
    is_id,
    mutation_document,
    paths_of,
    plausible,
    put,
    query_call,
    root_fields,
    subscription_call,
)
from tests.permissions.walk import SHALLOW, Walk, absent, kinds_named


async def walk_queries(walk: Walk) -> None:
    """Read every root field as everybody: with its least arguments, then with foreign ids."""
    for name, one in root_fields("Query").items():
        audience = DECLARATIONS[f"Query.{name}"]
        for who in walk.refused(audience):
            call = query_call(name)
            _expect_error(walk, who, name, await walk.ask(who, call.document, call.variables))
        if name in ("node", "nodes"):
            continue  # walked on their own
        ids = [argument for argument, kind in one.args.items() if _names_ids(kind.type)]
        for who, caller in walk.admitted(audience):
            if who.startswith("b ") and who.endswith(SHALLOW):
                continue
            call = query_call(name, **{one: _own(walk, caller, name, one) for one in ids})
            await walk.ask(who, call.document, call.variables)
            for argument in ids:
                await _foreign_arguments(walk, who, caller, name, argument)


async def walk_subscriptions(walk: Walk) -> None:
    """Follow every subscription as everybody: first with own ids, then with foreign ones."""
    for name, one in root_fields("Subscription").items():
        audience = DECLARATIONS[f"Subscription.{name}"]
        ids = [argument for argument, kind in one.args.items() if _names_ids(kind.type)]
        for who in walk.refused(audience):
            call = subscription_call(name)
            _expect_error(walk, who, name, await walk.follow(who, call.document, call.variables))
        for who, caller in walk.admitted(audience):
            given = {one: _own(walk, caller, name, one) for one in ids}
            is_empty = caller.network_id == PLATFORM_NETWORK_ID  # nothing to follow there
            if "after" in one.args:
                if is_empty:
                    continue  # it would wait for ever
                given["after"] = encode_cursor((0,))
            call = subscription_call(name, **given)
            answer = json.loads(await walk.follow(who, call.document, call.variables))
            if not is_empty and (answer["errors"] or answer["data"].get(name) is None):
                walk.wrong.append(f"{who} may follow {name} and gets {answer}")
            for argument in ids:
                await _foreign_arguments(walk, who, caller, name, argument, is_followed=True)


def _names_ids(type_: Any) -> bool:
    return any(True for _ in paths_of(type_, is_id))


def _own(walk: Walk, caller: Caller, name: str, argument: str) -> Any:
    one = walk.own(caller, _argument(name, argument))
    return [one] if argument.endswith("s") else one


def _argument(name: str, argument: str) -> str:
    """What tells the kind: for `statement(id:)` the field, else the argument."""
    return name if argument == "id" else argument


async def _foreign_arguments(
    walk: Walk, who: str, caller: Caller, name: str, argument: str, *, is_followed: bool = False
) -> None:
    kinds = kinds_named(_argument(name, argument))
    for thing in walk.candidates(caller, kinds, name, argument):
        is_list = argument.endswith("s")
        foreign = [thing.id] if is_list else thing.id
        nothing: Any = absent(thing.node_kind, thing.owned.network_id)
        nothing = [nothing] if is_list else nothing
        make = subscription_call if is_followed else query_call
        call = make(name, depth=2, **{argument: foreign})
        await walk.compare(
            who,
            call.document,
            call.variables,
            {**call.variables, argument: nothing},
            is_followed=is_followed,
        )


def _expect_error(walk: Walk, who: str, name: str, answer: str) -> None:
    code = "UNAUTHENTICATED" if who == "anonymous" else "FORBIDDEN"
    found = json.loads(answer)
    codes = [one["extensions"].get("code") for one in found["errors"] if one["extensions"]]
    if codes != [code] or (found["data"] or {}).get(name) is not None:
        walk.wrong.append(f"{who} may not read {name} and gets {answer[:300]}")


async def walk_forbidden_mutations(walk: Walk, name: str) -> None:
    """Try a mutation as everybody whom its declaration keeps out."""
    document = mutation_document(name)
    for who in walk.refused(DECLARATIONS[f"Mutation.{name}"]):
        given = plausible(argument_type(root_fields("Mutation")[name]))
        answer = await walk.ask(who, document, {"input": given})
        if who == "anonymous":
            _expect_error(walk, who, name, answer)
            continue
        if problems_of(answer, name) != [("FORBIDDEN", ())]:
            walk.wrong.append(f"{who} may not {name} and gets {answer[:300]}")


def problems_of(answer: str, name: str) -> list[tuple[str, tuple[str, ...]]]:
    """The codes and paths of a mutation's problems."""
    payload = (json.loads(answer)["data"] or {}).get(name) or {}
    return [(one["code"], tuple(one["path"])) for one in payload.get("problems", ())]


async def walk_foreign_ids(walk: Walk, name: str) -> set[str]:
    """Put foreign ids in every place of a mutation's input that takes one; gives where they were met.

    Nothing may come of it, and the answer must be the one about an id of nothing.
    """
    document = mutation_document(name)
    type_ = argument_type(root_fields("Mutation")[name])
    met: set[str] = set()
    for path in paths_of(type_, is_id):
        for who, caller in walk.admitted(DECLARATIONS[f"Mutation.{name}"]):
            base = plausible(type_, "", path)
            for other in paths_of(type_, is_id):
                if _get(base, other) is not None:
                    base = put(base, other, walk.own(caller, other[-1]))
            for thing in walk.candidates(caller, kinds_named(path[-1]), name, path[-1]):
                nothing = put(base, path, absent(thing.node_kind, thing.owned.network_id))
                answer = await walk.compare(
                    who,
                    document,
                    {"input": _keyed(put(base, path, thing.id))},
                    {"input": _keyed(nothing)},
                )
                found = problems_of(answer, name)
                if not found:
                    walk.wrong.append(f"{who} did {name} with {'.'.join(path)} of {thing.owned}")
                if any(code in ("NOT_FOUND", "QUOTE_NOT_FOUND") for code, _ in found):
                    met.add(".".join(path))
    return met


def _keyed(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "idempotencyKey": uuid4().hex[:20]}


def _get(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(step) if isinstance(value, dict) else None
    return value


async def walk_cursors(walk: Walk) -> None:
    """Use the cursors of one list and caller in every other list and as every other caller."""
    lists = [name for name, one in root_fields("Query").items() if "after" in one.args]
    cursors: dict[str, dict[str, str]] = {name: {} for name in lists}
    for name in lists:
        for who, _ in walk.admitted(DECLARATIONS[f"Query.{name}"]):
            call = query_call(name, depth=2, first=1)
            answer = json.loads(await walk.ask(who, call.document, call.variables))
            page = ((answer["data"] or {}).get(name) or {}).get("pageInfo") or {}
            if page.get("endCursor"):
                cursors[name].setdefault(page["endCursor"], who)
    for name in lists:
        others = [next(iter(found)) for other, found in cursors.items() if other != name and found]
        for who, _ in walk.admitted(DECLARATIONS[f"Query.{name}"]):
            if who in _CURSOR_USERS:
                for cursor in (*list(cursors[name])[:_CURSORS_OF_ONE_LIST], *others):
                    await _use_cursor(walk, who, name, cursor)


_CURSOR_USERS = ("a partner 1", "a partner 2", "a member 1", "a operator", "b partner 1")
_CURSORS_OF_ONE_LIST = 5


async def _use_cursor(walk: Walk, who: str, name: str, cursor: str) -> None:
    forwards = query_call(name, depth=2, first=9, after=cursor)
    await walk.ask(who, forwards.document, forwards.variables)
    backwards = query_call(name, depth=2, last=9, before=cursor)
    await walk.ask(who, backwards.document, backwards.variables)
