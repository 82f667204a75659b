"""The one schema: every house's fields under one root. `schema.graphql` is its print."""

from functools import cache
from typing import Any

import strawberry
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from api.graphql import catalog, explain, partners, payouts, root
from api.graphql.context import OneSnapshot
from api.graphql.scalars import SCALARS

_HOUSES = (catalog, partners, payouts, explain)


def _root_type(name: str, parts: tuple[type, ...], description: str) -> type[Any]:
    made: type[Any] = strawberry.type(type(name, parts, {}), name=name, description=description)
    return made


@cache
def build_schema() -> Schema:
    """Assemble the schema; the same object each time."""
    queries = (root.Query, *(one for house in _HOUSES for one in house.QUERIES))
    mutations = tuple(one for house in _HOUSES for one in house.MUTATIONS)
    subscriptions = tuple(one for house in _HOUSES for one in getattr(house, "SUBSCRIPTIONS", ()))
    return Schema(
        query=_root_type("Query", queries, "What can be read."),
        mutation=_root_type("Mutation", mutations, "What can be done.") if mutations else None,
        subscription=_root_type("Subscription", subscriptions, "What can be followed."),
        types=[one for house in _HOUSES for one in house.TYPES],
        federation_version="2.9",
        config=StrawberryConfig(
            disable_field_suggestions=True, scalar_map=SCALARS, relay_max_results=100
        ),
        extensions=[OneSnapshot],
    )


def print_schema() -> str:
    """Print the schema as it is committed in `schema.graphql`."""
    return build_schema().as_str().rstrip() + "\n"
