"""Global ids and the objects they name."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.permissions import Audience
from api.graphql.problems import IdForeignOrAbsent

ID_LENGTH_MAX = 200
WITH_LINES = frozenset({"Posting"})
"""Types whose objects are lines of another object, and have its key and their number."""


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A typed id with the place where its object lives."""

    type: str
    network_id: int
    id: UUID
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f":{self.line}"
        plain = f"{self.type}:{self.network_id}:{self.id.hex}{place}".encode()
        return base64.urlsafe_b64encode(plain).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "GlobalId | None":
        """Read an id; anything that is not exactly one of ours is None."""
        if not text.isascii() or len(text) > ID_LENGTH_MAX:
            return None
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            kind, network, key, *place = plain.split(":")
            line = int(place[0]) if place else None
            found = cls(kind, int(network), UUID(hex=key), line)
        except (binascii.Error, ValueError):
            return None
        is_own = str(found) == text and (line is not None) == (kind in WITH_LINES)
        return found if is_own else None


Load = Callable[[Context, Sequence[UUID]], Awaitable[Mapping[UUID, Any]]]


@dataclass(frozen=True, slots=True)
class NodeKind:
    """How objects of one GraphQL type are found, and who may ask for them."""

    name: str
    load: Load
    audience: Audience


NODE_KINDS: dict[str, NodeKind] = {}


def node_kind(name: str, *, allow: Audience) -> Callable[[Load], Load]:
    """Register the function that finds objects of a type by ids; absent ids are left out.

    The function reads with `context.reading()`, so that it sees the caller's scope only.
    """

    def register(load: Load) -> Load:
        NODE_KINDS[name] = NodeKind(name, load, allow)
        return load

    return register


@strawberry.interface(description="An object that can be fetched again by its id.")
class Node:
    """Everything with a global id."""

    id: strawberry.ID = strawberry.field(description="Opaque; names the object for ever.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:  # noqa: A002
        """Find the object for another graph that refers to it."""
        found: Self | None = await load_node(info.context, id)
        return found


def id_of(type_: str, network_id: int, key: UUID) -> strawberry.ID:
    """Write a global id."""
    return strawberry.ID(str(GlobalId(type_, network_id, key)))


async def load_node(context: Context, text: str) -> Any:
    """Find the object of an id; foreign, absent and malformed ids are all None."""
    found = GlobalId.parse(text)
    caller = context.known_caller
    kind = NODE_KINDS.get(found.type) if found else None
    if found is None or kind is None or found.network_id != caller.network_id:
        return None
    if not kind.audience.admits(caller):
        return None
    return await load_one(context, found.type, found.id)


async def load_one(context: Context, type_: str, key: UUID | None) -> Any:
    """Find one object by its type and key, together with others asked for at the same time."""
    if key is None:
        return None
    kind = NODE_KINDS[type_]

    async def load_all(keys: list[UUID]) -> list[Any]:
        found = await kind.load(context, keys)
        return [found.get(one) for one in keys]

    return await context.loader(type_, load_all).load(key)


def key_of(context: Context, text: str, *types: str, path: tuple[str, ...]) -> UUID:
    """Read the key of an id in a mutation's input; `types` are the types it may name.

    Raises IdForeignOrAbsent for a malformed id, another type, or another network: all alike.
    """
    found = GlobalId.parse(text)
    if found is None or found.type not in types or found.network_id != context.network_id:
        raise IdForeignOrAbsent(path=path)
    return found.id
