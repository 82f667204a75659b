"""Why a document is refused before it is executed."""

from graphql import GraphQLError, OperationType

from api.graphql.analyser import DocumentAnalysis
from api.graphql.document_limits import DocumentLimits

INTROSPECTION_LISTS_MAX = 2

TOO_DEEP = "DOCUMENT_TOO_DEEP"
TOO_LONG = "DOCUMENT_TOO_LONG"
TOO_COSTLY = "DOCUMENT_TOO_COSTLY"


def refusal_of(analysis: DocumentAnalysis, limits: DocumentLimits) -> GraphQLError | None:
    """Name the first limit that a document goes beyond, or None when it keeps them all."""
    measure = analysis.measure
    writes = analysis.operation is OperationType.MUTATION
    rules = (
        (TOO_DEEP, "levels deep", measure.depth, limits.depth_max),
        (
            TOO_DEEP,
            "levels of introspection deep",
            measure.introspection_depth,
            limits.introspection_depth_max,
        ),
        (
            TOO_DEEP,
            "lists of types inside one another",
            measure.introspection_lists,
            INTROSPECTION_LISTS_MAX,
        ),
        (
            "DOCUMENT_TOO_MANY_MUTATIONS",
            "mutations",
            measure.root_fields if writes else 0,
            limits.mutations_max,
        ),
        ("DOCUMENT_TOO_WIDE", "root fields", measure.root_fields, limits.root_fields_max),
        ("DOCUMENT_TOO_MANY_ALIASES", "aliases", measure.aliases, limits.aliases_max),
        ("DOCUMENT_TOO_MANY_DIRECTIVES", "directives", analysis.directives, limits.directives_max),
        ("DOCUMENT_TOO_WIDE", "repeated fields", analysis.repeats, limits.repeats_max),
        (TOO_COSTLY, "nodes", measure.nodes, limits.nodes_max),
        (TOO_COSTLY, "objects", analysis.cost, limits.cost_max),
    )
    for code, what, found, limit in rules:
        if found > limit:
            return _refusal(code, what, found, limit)
    return None


def too_deep() -> GraphQLError:
    """Refuse a document whose nesting is beyond what can even be read."""
    return GraphQLError("The document is nested too deep.", extensions={"code": TOO_DEEP})


def _refusal(code: str, what: str, found: int, limit: int) -> GraphQLError:
    return GraphQLError(
        f"The document asks for {found} {what}; the limit is {limit}.",
        extensions={"code": code, "found": found, "limit": limit},
    )
