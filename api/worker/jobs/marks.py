"""The marks that we put on objects at the provider, to know them again."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

_NETWORK_MAX = 2**63 - 1

T = TypeVar("T", bound=Any)


def read_mark(metadata: Mapping[str, str], name: str) -> tuple[int, UUID] | None:
    """Read our own marks off an object; one without them is not ours."""
    try:
        network_id, object_id = int(metadata["network"]), UUID(metadata[name])
    except (KeyError, ValueError):
        return None
    return (network_id, object_id) if 0 < network_id <= _NETWORK_MAX else None


def by_network(objects: Iterable[T], name: str) -> dict[int, list[tuple[UUID, T]]]:
    """Sort objects by the network they are marked with, each with the order it is marked with."""
    found: dict[int, list[tuple[UUID, T]]] = {}
    for one in objects:
        mark = read_mark(one.metadata, name)
        if mark is not None:
            found.setdefault(mark[0], []).append((mark[1], one))
    return found
