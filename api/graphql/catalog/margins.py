"""Margins on what is bought from suppliers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, node_kind
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog import margins as domain

register_problems(
    (
        Rule(
            domain.MarginInvalid,
            ProblemCode.INVALID_INPUT,
            "The margin cannot be published: -5,000 to 10,000 basis points, of one supplier,"
            " category or brand, or of all. Nothing changed.",
            "لا يمكن نشر الهامش: من -5000 إلى 10000 نقطة أساس، لمورّد واحد أو فئة أو علامة، أو للجميع."
            " لم يتغير شيء.",
        ),
    )
)

strawberry.enum(
    domain.MarginScope,
    description="What a margin is for. The narrowest that has one decides: BRAND, CATEGORY,"
    " SUPPLIER, NETWORK.",
)


@strawberry.federation.type(
    keys=["id"], description="What the network adds to the cost of what it buys, or gives of it."
)
class Margin(Node):
    """A version of a margin."""

    scope: domain.MarginScope
    subject: str = strawberry.field(
        description="The category, or the id of the supplier or the brand; empty for all."
    )
    version: int = strawberry.field(description="Counts up; the newest is in force.")
    margin_bps: int = strawberry.field(description="In basis points of the converted cost.")
    published_by: str
    published_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Margin) -> Self:
        """Show a margin."""
        kinds = {domain.MarginScope.SUPPLIER: "Supplier", domain.MarginScope.BRAND: "Brand"}
        kind = kinds.get(one.scope)
        subject = one.subject if kind is None else str(id_of(kind, network_id, UUID(one.subject)))
        return cls(
            id=id_of("Margin", network_id, one.margin_id),
            scope=one.scope,
            subject=subject,
            version=one.version,
            margin_bps=one.margin_bps,
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("Margin", allow=STAFF)
async def load_margins(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Margin]:
    """Find margins by id."""
    async with context.reading() as db:
        found = await domain.read_margins(db, network_id=context.network_id, margin_ids=keys)
    return {key: Margin.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of margins."""

    @query(allow=STAFF)
    async def margins(self, info: Info) -> list[Margin]:
        """Every margin in force, at most 1,000: those of all, suppliers, categories and brands."""
        context: Context = info.context
        async with context.reading() as db:
            found = await domain.list_margins_in_force(db, network_id=context.network_id)
        return [Margin.from_domain(context.network_id, one) for one in found]


@strawberry.input(description="Name a supplier, a category or a brand, or none for all.")
class PublishMarginInput:
    """Input of publishMargin."""

    idempotency_key: str
    margin_bps: int = strawberry.field(
        description="Added to the converted cost, -5,000 to 10,000 basis points."
    )
    supplier_id: strawberry.ID | None = None
    category: str | None = None
    brand_id: strawberry.ID | None = None


@strawberry.type
class PublishMarginPayload(Payload):
    """The margin, or why there is none."""

    margin: Margin | None = None


@strawberry.type
class Mutation:
    """Setting margins."""

    @mutation(allow=OPERATOR)
    async def publish_margin(
        self,
        info: Info,
        input: PublishMarginInput,  # noqa: A002
    ) -> PublishMarginPayload:
        """Let prices from now on have a margin; what was quoted keeps its price."""
        context: Context = info.context

        def key(text: strawberry.ID | None, type_: str, path: str) -> UUID | None:
            return None if text is None else key_of(context, text, type_, path=(path,))

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.publish_margin(
                db,
                network_id=context.network_id,
                margin_bps=input.margin_bps,
                supplier_id=key(input.supplier_id, "Supplier", "supplierId"),
                category=input.category,
                brand_id=key(input.brand_id, "Brand", "brandId"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"margin": made.margin_id}

        done = await perform(info, mutation="publishMargin", input=input, work=work)
        margin: Any = await done.load(info, "Margin", "margin")
        return PublishMarginPayload(margin=margin, problems=done.problems, replayed=done.replayed)
