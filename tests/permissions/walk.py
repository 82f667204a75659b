"""Trying everything the schema offers as everybody, and reading every answer for what it shows."""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from graphql import GraphQLError
from strawberry.extensions import ParserCache, ValidationCache

from api.auth.caller import Caller
from api.clock import Clock
from api.graphql.context import Context
from api.graphql.nodes import NODE_KINDS, GlobalId
from api.graphql.permissions import DECLARATIONS, Audience
from api.graphql.schema import build_schema
from catalog.vouchers import Vault
from tests.conftest import NOW
from tests.permissions.documents import (
    DEPTH,
    argument_type,
    is_id,
    mutation_document,
    paths_of,
    plausible,
    put,
    query_call,
    root_fields,
    schema,
    selection,
)
from tests.permissions.expectations import (
    Leaks,
    Thing,
    callers_of,
    may_name,
    may_see,
    things_of,
)
from tests.permissions.world import World

ABSENT = UUID("018f0000-0000-7000-8000-00000000dead")
KINDS_NAMED = {
    "apiClientId": "ApiClient",
    "authorizationId": "CardAuthorization",
    "cardId": "GiftCard",
    "cycleId": "SettlementCycle",
    "itemId": "ReconciliationItem",
    "journalId": "Journal",
    "offerId": "Reward",
    "slotId": "ExperienceSlot",
    "sponsorPartnerId": "Partner",
}
"""What an argument names, where its own name does not say it."""
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL + 1)  # as the door does
_REFERENCE = re.compile(r'"reference": "[0-9a-f]{32}"')


class StandingClock(Clock):
    """Time stands still."""

    def now(self) -> Any:
        return NOW


@dataclass
class Walk:
    """The world, everybody in it, every object, and what was found wrong."""

    world: World
    callers: dict[str, Caller | None]
    things: list[Thing]
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    vault: Vault = field(default_factory=Vault.of_new_key)

    def __post_init__(self) -> None:
        self.leaks = Leaks(self.world, self.things)

    async def ask(self, name: str, document: str, variables: Mapping[str, Any]) -> str:
        """Ask as somebody; gives the whole answer as text, after reading it for leaks."""
        context = Context(
            database=self.world.database,
            clock=StandingClock(),
            vault=self.vault,
            caller=self.callers[name],
        )
        result = await _remembering_schema().execute(
            document, variable_values=dict(variables), context_value=context
        )
        self.tried += 1
        body = {
            "data": result.data,
            "errors": [_shown(one) for one in result.errors or ()],
        }
        answer = json.dumps(body, default=str)
        asked = f"{name} asks {document[:90]}… with {json.dumps(variables, default=str)[:300]}"
        for one in result.errors or ():
            if _is_unforeseen(one):
                self.wrong.append(f"INTERNAL {one.original_error!r}: {asked}")
        sent = json.dumps(variables, default=str)
        self.wrong += [
            f"leak of {one}: {asked}"
            for one in self.leaks.of(self.callers[name], answer, sent=sent)
        ]
        return answer

    def of_kind(self, kind: str) -> list[Thing]:
        return [one for one in self.things if one.node_kind == kind]

    def admitted(self, audience: Audience) -> Iterator[tuple[str, Caller]]:
        """Those whom a declaration lets in."""
        for name, caller in self.callers.items():
            if caller is not None and audience.admits(caller):
                yield name, caller

    def refused(self, audience: Audience) -> Iterator[str]:
        """Those whom it keeps out."""
        for name, caller in self.callers.items():
            if not audience.admits(caller):
                yield name

    def candidates(
        self, caller: Caller, kinds: Sequence[str], field: str = "", argument: str = ""
    ) -> list[Thing]:
        """For each kind one object of each sort that this caller may not see, in both networks."""
        found: dict[tuple[object, ...], Thing] = {}
        for thing in self.things:
            owned = thing.owned
            if thing.node_kind not in kinds or may_name(caller, owned, field, argument):
                continue
            if not may_see(caller, owned):
                sort = (thing.kind, owned.network_id, owned.partner_id, owned.member_id)
                found.setdefault(sort, thing)
        return list(found.values())

    def own(self, caller: Caller, argument: str) -> str:
        """The id of something that this caller may see, for an argument; of nothing if there is none."""
        kinds = kinds_named(argument)
        for thing in self.things:
            is_own = caller.partner_id in (None, thing.owned.partner_id)
            if thing.node_kind in kinds and is_own and may_see(caller, thing.owned):
                return thing.id
        return absent(kinds[0], caller.network_id)

    async def compare(
        self, name: str, document: str, foreign: Mapping[str, Any], nothing: Mapping[str, Any]
    ) -> str:
        """Ask about something foreign and about nothing: the answers are the same, byte for byte."""
        first = await self.ask(name, document, foreign)
        second = await self.ask(name, document, nothing)
        if _without_ids(first, foreign) != _without_ids(second, nothing):
            self.wrong.append(
                f"foreign is not absent: {name} asks {document[:80]}… with {foreign}:"
                f" {first[:400]} but {second[:400]}"
            )
        return first


@cache
def _remembering_schema() -> Any:
    # The real schema; documents that come by the hundred are read and validated once each.
    made = copy(build_schema())
    made.extensions = [*made.extensions, lambda: ParserCache(2_000), lambda: ValidationCache(2_000)]
    return made


async def start_walk(world: World, superuser: Any) -> Walk:
    """Look everything up."""
    return Walk(world, callers_of(world), await things_of(superuser))


def absent(kind: str, network_id: int) -> str:
    """An id of nothing in a network."""
    return str(GlobalId(kind, network_id, ABSENT))


def kinds_named(argument: str) -> list[str]:
    """The kinds of object that an argument may name; all of them if its name does not tell."""
    if argument in KINDS_NAMED:
        return [KINDS_NAMED[argument]]
    kind = argument.removesuffix("Id").removesuffix("Ids")
    kind = kind[:1].upper() + kind[1:]
    return [kind] if kind in NODE_KINDS else sorted(NODE_KINDS)


def _shown(error: GraphQLError) -> dict[str, Any]:
    return {"message": error.message, "extensions": error.extensions, "path": error.path}


def _is_unforeseen(error: GraphQLError) -> bool:
    origin = error.original_error
    while isinstance(origin, GraphQLError):
        origin = origin.original_error
    return origin is not None and error.path is not None


def _without_ids(answer: str, variables: Mapping[str, Any]) -> str:
    for one in set(re.findall(r"[A-Za-z0-9_-]{40,}", json.dumps(variables, default=str))):
        answer = answer.replace(one, "<id>")
    return _REFERENCE.sub("<reference>", answer)


_SHALLOW = ("finance_maker", "finance_checker", "auditor")

# The parts of the walk.


async def walk_nodes(walk: Walk, names: Iterable[str] | None = None) -> None:
    """Ask for every object as everybody, by `nodes`: it is shown exactly to those who may see it."""
    for kind in NODE_KINDS:
        things = walk.of_kind(kind)
        for name in names or walk.callers:
            caller = walk.callers[name]
            # Of the staff, who all see everything, one walks on to what an object leads to.
            depth = 1 if name.endswith(_SHALLOW) else DEPTH
            document = (
                "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id"
                f" {_of_kind(kind, depth)} }} }}"
            )
            for first in range(0, len(things), 90):
                page = things[first : first + 90]
                ids = [one.id for one in page]
                answer = json.loads(await walk.ask(name, document, {"ids": ids}))
                shown = (answer["data"] or {}).get("nodes") or [None] * len(page)
                for thing, node in zip(page, shown, strict=True):
                    if (node is not None) != may_see(caller, thing.owned):
                        verb = "sees" if node else "does not see"
                        walk.wrong.append(f"{name} {verb} {thing.kind} of {thing.owned}")


def types_of(kind: str) -> list[str]:
    """The object types whose ids are of a kind."""
    found = [
        one.name
        for one in schema().get_possible_types(schema().type_map["Node"])  # type: ignore[arg-type]
        if one.name == kind or (kind == "Reward" and one.name.endswith("Reward"))
    ]
    assert found, f"no type of the schema has ids of kind {kind}"
    return found


def _of_kind(kind: str, depth: int = DEPTH) -> str:
    parts = []
    for type_ in types_of(kind):
        inner = selection(schema().type_map[type_], depth)
        if kind == "Reward":  # fields of one name may differ between its types
            inner = re.sub(r"\bprice\b", f"{type_}_price: price", inner, count=1)
        parts.append(f"... on {type_} {inner}")
    return " ".join(parts)


async def walk_entities(walk: Walk) -> None:
    """Ask for every object as everybody, as another graph does, under right and wrong type names."""
    for kind in NODE_KINDS:
        things = walk.of_kind(kind)
        for name, caller in walk.callers.items():
            if name.endswith(_SHALLOW):
                continue
            await _entities(walk, name, caller, kind, things)


async def _entities(
    walk: Walk, name: str, caller: Caller | None, kind: str, things: Sequence[Thing]
) -> None:
    document = (
        "query($r: [_Any!]!) { _entities(representations: $r) { __typename"
        f" {_of_kind(kind, depth=1)} }} }}"
    )
    for type_ in types_of(kind):
        hidden = [one for one in things if not may_see(caller, one.owned)][:40]
        given = [{"__typename": type_, "id": one.id} for one in hidden]
        answer = json.loads(await walk.ask(name, document, {"r": given}))
        shown = (answer["data"] or {}).get("_entities") or []
        if any(shown):
            walk.wrong.append(f"{name} gets {kind} as an entity: {shown}")
        wrong_type = "Network" if type_ != "Network" else "Partner"
        given = [{"__typename": wrong_type, "id": one.id} for one in things[:3]]
        await walk.ask(name, document, {"r": given})


async def walk_single_nodes(walk: Walk) -> None:
    """Foreign and absent objects are answered alike by `node`, whoever asks."""
    document = "query($id: ID!) { node(id: $id) { __typename id } }"
    for name, caller in walk.callers.items():
        if caller is None:
            continue
        for thing in walk.candidates(caller, list(NODE_KINDS)):
            nothing = {"id": absent(thing.node_kind, thing.owned.network_id)}
            await walk.compare(name, document, {"id": thing.id}, nothing)


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
            if who.startswith("b ") and who.endswith(_SHALLOW):
                continue
            call = query_call(name, **{one: _own(walk, caller, name, one) for one in ids})
            await walk.ask(who, call.document, call.variables)
            for argument in ids:
                await _foreign_arguments(walk, who, caller, name, argument)


def _names_ids(type_: Any) -> bool:
    return any(True for _ in paths_of(type_, is_id))


def _own(walk: Walk, caller: Caller, name: str, argument: str) -> Any:
    one = walk.own(caller, _argument(name, argument))
    return [one] if argument.endswith("s") else one


def _argument(name: str, argument: str) -> str:
    """What tells the kind: for `statement(id:)` the field, else the argument."""
    return name if argument == "id" else argument


async def _foreign_arguments(
    walk: Walk, who: str, caller: Caller, name: str, argument: str
) -> None:
    kinds = kinds_named(_argument(name, argument))
    for thing in walk.candidates(caller, kinds, name, argument):
        is_list = argument.endswith("s")
        foreign = [thing.id] if is_list else thing.id
        nothing: Any = absent(thing.node_kind, thing.owned.network_id)
        nothing = [nothing] if is_list else nothing
        call = query_call(name, depth=2, **{argument: foreign})
        await walk.compare(
            who, call.document, call.variables, {**call.variables, argument: nothing}
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
                if any(code == "NOT_FOUND" for code, _ in found):
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
