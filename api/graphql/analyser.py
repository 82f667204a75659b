"""One linear pass over a document that tells how much it asks for, before it is executed.

Every fragment is measured once, whatever the number of its spreads, so a document of n
definitions takes time in proportion to its length and never to what it expands to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from api.graphql.document_limits import COUNT_CEILING

PAGE_SIZE_MAX = 100
# A plain list has no argument that bounds it: lines of a statement, problems of a mutation.
LIST_SIZE_ASSUMED = 5
MUTATION_COST = 10

_INTROSPECTION_ROOTS = frozenset({"__schema", "__type"})
_INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
_CONNECTION_LISTS = frozenset({"edges", "nodes"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection asks for once every fragment in it is written out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0
    nodes: int = 0
    cost: int = 0
    introspection_depth: int = 0
    # Lists of a type's neighbours inside one another: every level multiplies the answer.
    introspection_lists: int = 0

    def beside(self, other: "Measure") -> "Measure":
        """Put another selection next to this one in the same braces."""
        return Measure(
            depth=max(self.depth, other.depth),
            fields=_capped(self.fields + other.fields),
            aliases=_capped(self.aliases + other.aliases),
            root_fields=_capped(self.root_fields + other.root_fields),
            nodes=_capped(self.nodes + other.nodes),
            cost=_capped(self.cost + other.cost),
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
            introspection_lists=max(self.introspection_lists, other.introspection_lists),
        )


@dataclass(frozen=True, slots=True)
class DocumentAnalysis:
    """The measure of one operation, and how many selections were looked at to find it."""

    operation: OperationType
    measure: Measure
    directives: int
    repeats: int
    visited: int

    @property
    def cost(self) -> int:
        """Objects that the answer may hold, and a surcharge for every mutation."""
        writes = self.operation is OperationType.MUTATION
        return _capped(
            self.measure.cost + (MUTATION_COST * self.measure.root_fields if writes else 0)
        )


def analyse_document(
    document: DocumentNode,
    *,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    schema: GraphQLSchema,
) -> DocumentAnalysis:
    """Measure the operation that a request names, in time linear in the document.

    A document that is not valid is measured as well as it can be: unknown fields count as
    leaves, cyclic fragments end where they began. Refuses an operation that cannot be told.
    """
    operation = pick_operation(document, operation_name)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    walk = _Walk(schema, _variable_values(operation, variables or {}))
    walk.directives += len(operation.directives or ())
    for name in _inner_first(operation.selection_set, fragments):
        walk.measure_fragment(name, fragments[name])
    root = schema.get_root_type(operation.operation)
    measure = walk.selection_set(operation.selection_set, root)
    return DocumentAnalysis(
        operation.operation, measure, walk.directives, walk.repeats, walk.visited
    )


def pick_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """Find the one operation that a request means; refuses when there is none or a choice."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if operation_name is not None:
        operations = [o for o in operations if o.name and o.name.value == operation_name]
    if not operations:
        raise GraphQLError(
            "The document holds no operation of that name."
            if operation_name is not None
            else "The document holds no operation.",
            extensions={"code": "OPERATION_NOT_FOUND"},
        )
    if len(operations) > 1:
        raise GraphQLError(
            "The document holds several operations; say which one in operationName.",
            extensions={"code": "OPERATION_AMBIGUOUS"},
        )
    return operations[0]


class _Walk:
    """The measures found so far, one for each fragment."""

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.measures: dict[str, Measure] = {}
        self.directives = 0
        self.repeats = 0
        self.visited = 0

    def measure_fragment(self, name: str, fragment: FragmentDefinitionNode) -> None:
        self.directives += len(fragment.directives or ())
        parent = self.schema.get_type(fragment.type_condition.name.value)
        self.measures[name] = self.selection_set(fragment.selection_set, parent)

    def selection_set(
        self, selections: SelectionSetNode, parent: GraphQLNamedType | None
    ) -> Measure:
        total = Measure()
        spread: set[str] = set()
        answered: set[str] = set()
        for node in selections.selections:
            self.visited += 1
            self.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                self.repeats += key in answered
                answered.add(key)
                total = total.beside(self.field(node, parent))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                total = total.beside(self.selection_set(node.selection_set, inner))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                # The executor collects a fragment once for each selection set as well.
                spread.add(node.name.value)
                total = total.beside(self.measures.get(node.name.value, Measure()))
        return total

    def field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        name = node.name.value
        definition = _field_of(self.schema, parent, name)
        inner_type = get_named_type(definition.type) if definition else None
        inner = (
            self.selection_set(node.selection_set, inner_type) if node.selection_set else Measure()
        )
        aliases = inner.aliases + (node.alias is not None)
        if name in _INTROSPECTION_ROOTS or (parent is not None and parent.name.startswith("__")):
            return _introspection(name, inner, aliases)
        if node.selection_set is None and not (inner_type and is_composite_type(inner_type)):
            return Measure(depth=1, fields=1, aliases=aliases, root_fields=1)
        size = self.page_size(node, definition, parent)
        times = 1 if size is None else size
        return Measure(
            depth=1 + inner.depth,
            fields=_capped(1 + inner.fields),
            aliases=_capped(aliases),
            root_fields=1,
            nodes=_capped((size or 0) + times * inner.nodes),
            cost=_capped(times * (1 + inner.cost)),
            introspection_depth=inner.introspection_depth,
            introspection_lists=inner.introspection_lists,
        )

    def page_size(
        self, node: FieldNode, definition: GraphQLField | None, parent: GraphQLNamedType | None
    ) -> int | None:
        """How many items a field yields at most, or None for a single object."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        declared = definition.args if definition else given
        if "first" in declared or "last" in declared:
            sizes = [self._number(given[name]) for name in ("first", "last") if name in given]
            return max((size for size in sizes if size is not None), default=PAGE_SIZE_MAX)
        if definition is None or not _is_list(definition):
            return None
        if (
            parent is not None
            and parent.name.endswith("Connection")
            and node.name.value in _CONNECTION_LISTS
        ):
            return None  # The page was counted where its size was asked for.
        lengths = [self._length(value) for value in given.values()]
        return max((size for size in lengths if size is not None), default=LIST_SIZE_ASSUMED)

    def _number(self, value: ValueNode) -> int | None:
        number: Any = None
        if isinstance(value, IntValueNode):
            # Longer than any page size, and int() itself refuses numbers of thousands of digits.
            number = int(value.value) if len(value.value) <= 10 else PAGE_SIZE_MAX
        elif isinstance(value, VariableNode):
            number = self.variables.get(value.name.value)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        return int(min(max(number, 0), PAGE_SIZE_MAX))

    def _length(self, value: ValueNode) -> int | None:
        if isinstance(value, ListValueNode):
            return len(value.values)
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            return len(given) if isinstance(given, list) else None
        return None


def _introspection(name: str, inner: Measure, aliases: int) -> Measure:
    nested = name in _INTROSPECTION_LISTS
    return Measure(
        depth=1,
        fields=_capped(1 + inner.fields),
        aliases=_capped(aliases),
        root_fields=1,
        introspection_depth=1 + inner.introspection_depth,
        introspection_lists=inner.introspection_lists + nested,
    )


def _inner_first(
    root: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[str]:
    """Names of the fragments in reach, each after those that it spreads itself.

    Kept on an explicit stack: a chain of hundreds of fragments is valid and must not recurse.
    """
    ordered: dict[str, None] = {}
    seen: set[str] = set()
    stack: list[tuple[str | None, Iterator[str]]] = [(None, iter(_spreads(root)))]
    while stack:
        name, waiting = stack[-1]
        following = next((n for n in waiting if n in fragments and n not in seen), None)
        if following is not None:
            seen.add(following)
            stack.append((following, iter(_spreads(fragments[following].selection_set))))
            continue
        stack.pop()
        if name is not None:
            ordered[name] = None
    return list(ordered)


def _spreads(selections: SelectionSetNode) -> list[str]:
    names: dict[str, None] = {}
    stack = [selections]
    while stack:
        for node in stack.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                names[node.name.value] = None
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                stack.append(node.selection_set)
    return list(names)


def _field_of(
    schema: GraphQLSchema, parent: GraphQLNamedType | None, name: str
) -> GraphQLField | None:
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    return schema.get_field(parent, name)


def _is_list(definition: GraphQLField) -> bool:
    kind = definition.type
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)


def _variable_values(
    operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        default = definition.default_value
        if name in given:
            values[name] = given[name]
        elif isinstance(default, IntValueNode) and len(default.value) <= 10:
            values[name] = int(default.value)
        elif isinstance(default, ListValueNode):
            values[name] = list(default.values)
    return values


def _capped(count: int) -> int:
    return min(count, COUNT_CEILING)
