"""Documents and inputs made from the schema, so that a new field is tried the day it lands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from api.graphql.schema import build_schema

DEPTH = 3
_SHORT = {"Money": "{ minor currency }"}
SCALAR_VALUES: Mapping[str, Any] = {
    "Boolean": False,
    "CurrencyCode": "SAR",
    "Date": "2026-03-01",
    "DateTime": "2026-03-14T09:00:00Z",
    "Time": "09:00:00",
    "Decimal": "10.00",
    "Float": 1.5,
    "Int": 10,
    "JSON": {},
    "Locale": "en",
    "MinorUnits": "1000",
    "String": "text",
}
FIELD_VALUES: Mapping[str, Any] = {
    "country": "SA",
    "countries": ["SA"],
    "defaultLocale": "en",
    "email": "payee@example.com",
    "first": 5,
    "locale": "en",
    "period": "2026-02",
    "quote": "SAR",
    "base": "USD",
    "returnUrl": "https://example.com/back",
    "slug": "tried",
    "sunsetAt": "2026-06-01T09:00:00Z",
    "zone": "Asia/Riyadh",
    "value": "3.75",
}
"""Values that a field of this name takes; without them its input is refused for another reason."""


@cache
def schema() -> GraphQLSchema:
    return build_schema()._schema


def root_fields(kind: str) -> dict[str, GraphQLField]:
    """The fields of Query, Mutation or Subscription, without those of federation."""
    roots = {
        "Query": schema().query_type,
        "Mutation": schema().mutation_type,
        "Subscription": schema().subscription_type,
    }
    root = roots[kind]
    assert root is not None
    return {name: one for name, one in root.fields.items() if not name.startswith("_")}


def selection(type_: Any, depth: int = DEPTH) -> str:
    """Everything that can be selected of a type, so many objects deep; nothing of a leaf."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if named.name in _SHORT:
        return _SHORT[named.name]
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        parts = [
            f"... on {one.name} {{ {_fields(one, depth, prefix=one.name + '_')} }}"
            for one in schema().get_possible_types(named)
        ]
        return f"{{ __typename {' '.join(parts)} }}"
    return f"{{ __typename {_fields(named, depth)} }}"


def _fields(type_: GraphQLObjectType, depth: int, prefix: str = "") -> str:
    # Prefixed, two kinds may have fields of one name and different types in one selection.
    return " ".join(
        f"{prefix}{name}: {name}{_arguments(one)} {selection(one.type, depth - 1)}"
        if prefix
        else f"{name}{_arguments(one)} {selection(one.type, depth - 1)}"
        for name, one in type_.fields.items()
        if is_leaf_type(get_named_type(one.type)) or depth > 0
    )


def _arguments(one: GraphQLField) -> str:
    given = [
        f"{name}: {literal(plausible(argument.type, name))}"
        for name, argument in one.args.items()
        if name == "first" or is_required_argument(argument)
    ]
    return f"({', '.join(given)})" if given else ""


def literal(value: Any) -> str:
    """Write a value in a document."""
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    return json.dumps(value)


def plausible(type_: Any, name: str = "", path: tuple[str, ...] = ()) -> Any:
    """A value of an input type: what is required, and the optional fields that lead along `path`.

    A path goes through lists without an index.
    """
    inner = get_nullable_type(type_)
    is_enum = isinstance(get_named_type(inner), GraphQLEnumType)
    if name in FIELD_VALUES and not path and not is_enum:
        return FIELD_VALUES[name]
    if is_list_type(inner):
        return [plausible(inner.of_type, "", path)]
    if isinstance(inner, GraphQLInputObjectType):
        return _object(inner, path)
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return SCALAR_VALUES.get(inner.name, "id")


def _object(type_: GraphQLInputObjectType, path: tuple[str, ...]) -> dict[str, Any]:
    wanted = path[:1]
    made = {
        name: plausible(one.type, name, path[1:] if (name,) == wanted else ())
        for name, one in type_.fields.items()
        if is_required_input_field(one) or (name,) == wanted
    }
    if type_.name == "MoneyInput":
        made.setdefault("decimal", "10.00")
    if type_.name == "RewardInput" and "offer" not in made:
        made.setdefault("giftCard", {"faces": [{"currency": "SAR", "decimal": "10.00"}]})
    return made


def argument_type(one: GraphQLField, name: str = "input") -> Any:
    return one.args[name].type


def paths_of(
    type_: Any, wants: Callable[[Any], bool], seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The paths inside an input type to every leaf of a wanted type."""
    inner = get_nullable_type(type_)
    while is_list_type(inner):
        inner = get_nullable_type(inner.of_type)
    if isinstance(inner, GraphQLInputObjectType):
        for name, one in inner.fields.items():
            yield from paths_of(one.type, wants, (*seen, name))
    elif wants(inner):
        yield seen


def put(value: Any, path: tuple[str, ...], leaf: Any) -> Any:
    """The value with something else at a path; in a list, in its first place."""
    if isinstance(value, list):
        return [put(value[0] if value else None, path, leaf), *value[1:]]
    if not path:
        return leaf
    return {**(value or {}), path[0]: put((value or {}).get(path[0]), path[1:], leaf)}


def mutation_document(name: str, depth: int = 2) -> str:
    """A mutation with its input as a variable and everything of its payload."""
    one = root_fields("Mutation")[name]
    return f"mutation($input: {argument_type(one)}) {{ {name}(input: $input) {selection(one.type, depth)} }}"


@dataclass(frozen=True, slots=True)
class Call:
    """A query field with arguments."""

    document: str
    variables: dict[str, Any]


def query_call(name: str, depth: int = DEPTH, **given: Any) -> Call:
    """A root query with what it requires and what is given."""
    return _call("Query", name, depth, given)


def subscription_call(name: str, depth: int = DEPTH, **given: Any) -> Call:
    """A subscription with what it requires and what is given."""
    return _call("Subscription", name, depth, given)


def _call(kind_: str, name: str, depth: int, given: Mapping[str, Any]) -> Call:
    one = root_fields(kind_)[name]
    used = {
        argument: given.get(argument, plausible(kind.type, argument))
        for argument, kind in one.args.items()
        if argument in given or _is_needed(argument, kind, given)
    }
    declared = ", ".join(f"${argument}: {one.args[argument].type}" for argument in used)
    passed = ", ".join(f"{argument}: ${argument}" for argument in used)
    head = f"{kind_.lower()}({declared})" if declared else kind_.lower()
    call = f"{name}({passed})" if passed else name
    return Call(f"{head} {{ {call} {selection(one.type, depth)} }}", used)


def _is_needed(name: str, argument: GraphQLArgument, given: Mapping[str, Any]) -> bool:
    return is_required_argument(argument) or (name == "first" and "last" not in given)


def is_id(type_: Any) -> bool:
    return bool(getattr(type_, "name", "") == "ID")
