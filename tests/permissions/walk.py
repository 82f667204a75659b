"""Trying everything the schema offers as everybody, and reading every answer for what it shows."""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from strawberry.extensions import ParserCache, ValidationCache

from api.auth.caller import Caller
from api.clock import Clock
from api.graphql.context import Context, OneSnapshot
from api.graphql.nodes import NODE_KINDS, GlobalId
from api.graphql.permissions import Audience
from api.graphql.schema import build_schema
from catalog.vouchers import Vault
from tests.conftest import NOW
from tests.permissions.documents import (
    DEPTH,
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
    "destinationChangeId": "DestinationChange",
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
        result = await _remembering_schema().execute(
            document, variable_values=dict(variables), context_value=self._context(name)
        )
        return self._read(name, document, variables, result)

    async def follow(self, name: str, document: str, variables: Mapping[str, Any]) -> str:
        """Subscribe as somebody; gives the first event as text, after reading it for leaks."""
        context = self._context(name)
        events = await _remembering_schema().stream(
            document, variable_values=dict(variables), context_value=context
        )
        async with aclosing(events):
            result = await anext(events)
        await context.progress_desk.close()
        await context.change_desk.close()
        return self._read(name, document, variables, result)

    def _context(self, name: str) -> Context:
        return Context(
            database=self.world.database,
            clock=StandingClock(),
            vault=self.vault,
            caller=self.callers[name],
        )

    def _read(self, name: str, document: str, variables: Mapping[str, Any], result: Any) -> str:
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
        self,
        name: str,
        document: str,
        foreign: Mapping[str, Any],
        nothing: Mapping[str, Any],
        *,
        is_followed: bool = False,
    ) -> str:
        """Ask about something foreign and about nothing: the answers are the same, byte for byte."""
        ask = self.follow if is_followed else self.ask
        first = await ask(name, document, foreign)
        second = await ask(name, document, nothing)
        if _without_ids(first, foreign) != _without_ids(second, nothing):
            self.wrong.append(
                f"foreign is not absent: {name} asks {document[:80]}… with {foreign}:"
                f" {first[:400]} but {second[:400]}"
            )
        return first


@cache
def _remembering_schema() -> Any:
    # The real schema without the guard on documents, which a server in the same process may have
    # put there: what is walked is larger than any caller's document may be.
    made = copy(build_schema())
    made.extensions = [OneSnapshot, lambda: ParserCache(2_000), lambda: ValidationCache(2_000)]
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


SHALLOW = ("finance_maker", "finance_checker", "auditor")

# The parts of the walk.


async def walk_nodes(walk: Walk, names: Iterable[str] | None = None) -> None:
    """Ask for every object as everybody, by `nodes`: it is shown exactly to those who may see it."""
    for kind in NODE_KINDS:
        things = walk.of_kind(kind)
        for name in names or walk.callers:
            caller = walk.callers[name]
            # Of the staff, who all see everything, one walks on to what an object leads to.
            depth = 1 if name.endswith(SHALLOW) else DEPTH
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
            if name.endswith(SHALLOW):
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
