"""The query that explains an amount."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.explain import (
    books,
    disputing,
    earning,
    filing,
    mistaking,
    outside,
    reserving,
    settling,
    spending,
)
from api.graphql.explain.graph import Finding, Graph, Link, Look, Ref, Said, Who, trace
from api.graphql.explain.texts import Names, say, say_link
from api.graphql.languages import Locale, LocaleArgument, Spoken, spoken_for, wanted_locales
from api.graphql.nodes import ID_LENGTH_MAX, GlobalId
from api.graphql.permissions import EVERYONE, query
from api.graphql.scalars import Money, Points, money_of, points_of
from partners.agreements import read_partners

ROOMS = (books, earning, settling, reserving, disputing, outside, filing, spending, mistaking)
"""The modules that register what is told."""


@strawberry.type(description="Something that is known of an object, exactly and in no language.")
class ExplainedFact:
    """A fact."""

    name: str
    value: str


@strawberry.type(description="An object that an amount follows from, or that followed from it.")
class ExplainedNode:
    """An object of an explanation."""

    id: strawberry.ID = strawberry.field(description="`explain` takes it, and so may `node`.")
    kind: str = strawberry.field(description="The sort of object, such as Journal or Lot.")
    label: str
    at: datetime | None
    amount: Money | None
    points: Points | None = strawberry.field(description="In the place of `amount`, of points.")
    facts: list[ExplainedFact]


@strawberry.type(description="How one object follows from another.")
class ExplainedEdge:
    """An edge of an explanation."""

    from_id: strawberry.ID = strawberry.field(name="from", description="What follows.")
    to_id: strawberry.ID = strawberry.field(name="to", description="What it follows from.")
    relation: str
    amount: Money | None = strawberry.field(description="How much of it, where only a part.")
    points: Points | None = strawberry.field(description="In the place of `amount`, of points.")


@strawberry.type(description="Why an amount is what it is: as a graph, and in sentences.")
class Explanation:
    """An explanation."""

    nodes: list[ExplainedNode] = strawberry.field(
        description="What is at most three steps away, nearest first; at most 200."
    )
    edges: list[ExplainedEdge]
    locale: Locale = strawberry.field(
        description="The language of labels and sentences: English or Arabic, whatever was asked."
    )
    sentences: list[str]
    complete: bool = strawberry.field(
        description="False when more than 200 objects are within three steps."
    )


def _id(network_id: int, ref: Ref) -> strawberry.ID:
    return strawberry.ID(str(GlobalId(ref.kind, network_id, ref.key, ref.line)))


async def _name(look: Look, graph: Graph) -> Names:
    """Read the names of all partners that sentences tell of, at once."""
    told = {
        value
        for node in graph.nodes
        for said in (node.label, *node.said)
        for value in said.values.values()
        if isinstance(value, Who) and value.kind == "partner"
    }
    known = await read_partners(
        look.db, network_id=look.network_id, partner_ids=[UUID(one.id) for one in told]
    )
    return {Who("partner", str(key)): one.name for key, one in known.items()}


def _show_node(network_id: int, one: Finding, locale: Spoken, names: Names) -> ExplainedNode:
    return ExplainedNode(
        id=_id(network_id, one.ref),
        kind=one.ref.kind,
        label=say(one.label, locale, names),
        at=one.at,
        amount=money_of(one.amount),
        points=points_of(one.amount),
        facts=[ExplainedFact(name=name, value=value) for name, value in one.facts.items()],
    )


def _show_edge(network_id: int, link: Link) -> ExplainedEdge:
    return ExplainedEdge(
        from_id=_id(network_id, link.source),
        to_id=_id(network_id, link.target),
        relation=link.relation,
        amount=money_of(link.amount),
        points=points_of(link.amount),
    )


def _tell(graph: Graph, locale: Spoken, names: Names) -> Iterable[str]:
    """Tell of each object, then what it follows from."""
    labels: dict[object, Said] = {one.ref: one.label for one in graph.nodes}
    for node in graph.nodes:
        for said in node.said:
            yield _capital(say(said, locale, names))
        for link in graph.links:
            if link.source == node.ref:
                yield _capital(say_link(link, labels, locale, names))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


@strawberry.type
class Query:
    """Explaining."""

    @query(allow=EVERYONE)
    async def explain(
        self,
        info: Info,
        id: Annotated[  # noqa: A002
            strawberry.ID,
            strawberry.argument(description="Of anything that moves money, or of a line of it."),
        ],
        locale: LocaleArgument = None,
    ) -> Explanation | None:
        """Why an amount is what it is; null when there is nothing that this caller may see."""
        context: Context = info.context
        spoken = spoken_for(wanted_locales(context, locale))
        found = GlobalId.parse(id[: ID_LENGTH_MAX + 1])
        if found is None or found.network_id != context.network_id:
            return None
        async with context.reading() as db:
            root = Ref(found.type, found.id, found.line)
            look = Look(db, context.network_id, context.known_caller, root)
            graph = await trace(look)
            if graph is None:
                return None
            names = await _name(look, graph)
        return Explanation(
            nodes=[_show_node(look.network_id, one, spoken, names) for one in graph.nodes],
            edges=[_show_edge(look.network_id, one) for one in graph.links],
            locale=Locale(spoken.value),
            sentences=list(_tell(graph, spoken, names)),
            complete=graph.is_complete,
        )
