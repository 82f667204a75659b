"""Suppliers and the terms on which the network resells them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.pools import PoolOfCodes, SupplierFeed
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.permissions import CHECKER, OPERATOR, STAFF, Payload, mutation
from api.graphql.scalars import Money, MoneyInput, bounded, show_money
from catalog.pools import count_codes
from catalog.redemptions import Standing, read_health
from catalog.rewards import (
    find_last_import,
    import_described_feed,
)
from catalog.suppliers import SupplierTerms, find_feed_pull, find_feed_source, get_suppliers
from catalog.suppliers import agree_supplier_limit as agree_limit
from catalog.suppliers import register_supplier as register
from payouts import ledger

LIMITS_MAX = 1_000
POOLS_MAX = 1_000
CONTENT_LENGTH_MAX = 200_000

_Import = Annotated[
    "CatalogueImport",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.catalog.imports"),
]


@strawberry.type(description="How far a supplier's prefund may fall below zero, as was agreed.")
class SupplierLimit:
    """A limit."""

    amount: Money
    agreed_by: str
    agreed_at: datetime


strawberry.enum(
    Standing,
    name="SupplierStanding",
    description="Whether a supplier is bought from where there is another. PAUSED: passed over for"
    " ten minutes from its last failure. DUE: the next order finds out. TRIED: one is finding out.",
)


@strawberry.type(
    description="How a supplier delivered of late: its last 50 orders of the last 24 hours."
)
class SupplierHealth:
    """A supplier's health."""

    attempts: int = strawberry.field(description="Orders whose outcome is known or overdue.")
    succeeded: int
    failed: int
    unknown: int = strawberry.field(
        description="Of these, those whose outcome was unknown for a while, or still is."
    )
    failures_in_a_row: int = strawberry.field(
        description="Definite refusals since the last success; with 5 it is paused."
    )
    median_seconds: int | None = strawberry.field(description="From the order to the code.")
    score: int = strawberry.field(
        description="0 to 100; below 50 of at least 10 orders it is paused."
    )
    standing: Standing
    paused_until: datetime | None


@strawberry.federation.type(keys=["id"], description="Who the network buys rewards from.")
class Supplier(Node):
    """A supplier as the network registered it."""

    supplier_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="The name of its adapter, such as reloadly.")
    discount_share_bps: int = strawberry.field(
        description="What members get of the supplier's discounts, in basis points."
    )
    fx_margin_bps: int = strawberry.field(
        description="What members pay for exchange, in basis points of the converted cost."
    )

    @strawberry.field(
        description="All limits of its prefund that were agreed: by currency, of each the one in"
        " force first. Without one the prefund does not fall below zero."
    )
    async def limits(self, info: Info) -> list[SupplierLimit]:
        """List the limits."""
        context: Context = info.context
        async with context.reading() as db:
            found = await ledger.list_floor_limits(
                db,
                network_id=context.network_id,
                owner_kind="supplier",
                owner_id=str(self.supplier_id),
                limit=LIMITS_MAX,
            )
        return [
            SupplierLimit(
                amount=show_money(one.amount), agreed_by=one.agreed_by, agreed_at=one.agreed_at
            )
            for one in found
        ]

    @strawberry.field(description="How it delivered of late, out of the orders themselves.")
    async def health(self, info: Info) -> SupplierHealth:
        """Judge it, together with other suppliers."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[SupplierHealth]:
            async with context.reading() as db:
                found = await read_health(
                    db, network_id=context.network_id, supplier_ids=keys, now=context.now
                )
            return [SupplierHealth(**asdict(found[key])) for key in keys]

        shown: SupplierHealth = await context.loader("Supplier.health", load).load(self.supplier_id)
        return shown

    @strawberry.field(
        description="The codes that are sold of it without an order, by sku and face."
    )
    async def pool(self, info: Info) -> list[PoolOfCodes]:
        """Count the codes."""
        context: Context = info.context
        async with context.reading() as db:
            found = await count_codes(
                db,
                network_id=context.network_id,
                supplier_id=self.supplier_id,
                limit=POOLS_MAX,
                now=context.now,
            )
        return [PoolOfCodes.from_domain(one) for one in found]

    @strawberry.field(
        description="How its catalogue is read, where the network described that; such a supplier"
        " is sold from its pool."
    )
    async def feed(self, info: Info) -> SupplierFeed | None:
        """Show the description in force."""
        context: Context = info.context
        network_id, supplier_id = context.network_id, self.supplier_id
        async with context.reading() as db:
            source = await find_feed_source(db, network_id=network_id, supplier_id=supplier_id)
            pull = await find_feed_pull(db, network_id=network_id, supplier_id=supplier_id)
        return None if source is None else SupplierFeed.from_domain(source, pull)

    @strawberry.field(description="The last import of its catalogue.")
    async def last_import(self, info: Info) -> _Import | None:
        """Find the last import."""
        context: Context = info.context
        async with context.reading() as db:
            key = await find_last_import(
                db, network_id=context.network_id, supplier_id=self.supplier_id
            )
        found: Any = await load_one(context, "CatalogueImport", key)
        return found

    @classmethod
    def from_domain(cls, network_id: int, terms: SupplierTerms) -> Self:
        """Show a supplier."""
        return cls(
            id=id_of("Supplier", network_id, terms.supplier_id),
            supplier_id=terms.supplier_id,
            name=terms.name,
            discount_share_bps=terms.discount_share_bps,
            fx_margin_bps=terms.fx_margin_bps,
        )


@node_kind("Supplier", allow=STAFF)
async def load_suppliers(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Supplier]:
    """Find suppliers by id."""
    async with context.reading() as db:
        found = await get_suppliers(db, network_id=context.network_id, supplier_ids=keys)
    return {key: Supplier.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.input
class RegisterSupplierInput:
    """Who the supplier is and what is passed on to members."""

    idempotency_key: str
    name: str = strawberry.field(description="The name of its adapter, such as reloadly.")
    partner_id: strawberry.ID | None = None
    discount_share_bps: int = 5_000
    fx_margin_bps: int = 0


@strawberry.type
class RegisterSupplierPayload(Payload):
    """The supplier, or why there is none."""

    supplier: Supplier | None = None


@strawberry.input
class AgreeSupplierLimitInput:
    """How far the prefund of a supplier in the limit's currency may fall below zero."""

    idempotency_key: str
    supplier_id: strawberry.ID
    limit: MoneyInput = strawberry.field(description="Zero: not at all.")


@strawberry.type
class AgreeSupplierLimitPayload(Payload):
    """The supplier with its limits, or why nothing was agreed."""

    supplier: Supplier | None = None


@strawberry.input(
    description="The text of a file, read as the supplier's feed was described; at most 200,000"
    " characters. Longer files are loaded by the command line, or pulled."
)
class ImportSupplierFeedInput:
    """Input of importSupplierFeed."""

    idempotency_key: str
    supplier_id: strawberry.ID
    content: str


@strawberry.type
class ImportSupplierFeedPayload(Payload):
    """The supplier, whose last import says what became of each item."""

    supplier: Supplier | None = None


@strawberry.type
class Mutation:
    """Setting up suppliers."""

    @mutation(allow=OPERATOR)
    async def register_supplier(
        self,
        info: Info,
        input: RegisterSupplierInput,  # noqa: A002
    ) -> RegisterSupplierPayload:
        """Add a supplier to the network, on the terms on which it is resold."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            partner_id = None
            if input.partner_id is not None:
                partner_id = key_of(context, input.partner_id, "Partner", path=("partner_id",))
            made = await register(
                db,
                network_id=context.network_id,
                name=input.name,
                partner_id=partner_id,
                discount_share_bps=input.discount_share_bps,
                fx_margin_bps=input.fx_margin_bps,
                now=context.now,
            )
            return {"supplier": made.supplier_id}

        done = await perform(info, mutation="registerSupplier", input=input, work=work)
        supplier: Any = await done.load(info, "Supplier", "supplier")
        return RegisterSupplierPayload(
            supplier=supplier, problems=done.problems, replayed=done.replayed
        )

    @mutation(allow=OPERATOR)
    async def import_supplier_feed(
        self,
        info: Info,
        input: ImportSupplierFeedInput,  # noqa: A002
    ) -> ImportSupplierFeedPayload:
        """Put on sale what a supplier's file offers; what is bad in it is refused item by item."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.supplier_id, "Supplier", path=("supplierId",))
            text = input.content.replace("\r\n", "\n")
            await import_described_feed(
                db,
                network_id=context.network_id,
                supplier_id=key,
                content=bounded(text, "content", longest=CONTENT_LENGTH_MAX),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"supplier": key}

        done = await perform(info, mutation="importSupplierFeed", input=input, work=work)
        supplier: Any = await done.load(info, "Supplier", "supplier")
        return ImportSupplierFeedPayload(
            supplier=supplier, problems=done.problems, replayed=done.replayed
        )

    @mutation(allow=CHECKER)
    async def agree_supplier_limit(
        self,
        info: Info,
        input: AgreeSupplierLimitInput,  # noqa: A002
    ) -> AgreeSupplierLimitPayload:
        """Let a supplier's prefund fall below zero so far and no further; recorded."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.supplier_id, "Supplier", path=("supplierId",))
            await agree_limit(
                db,
                network_id=context.network_id,
                supplier_id=key,
                limit=input.limit.amount("limit"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"supplier": key}

        done = await perform(info, mutation="agreeSupplierLimit", input=input, work=work)
        supplier: Any = await done.load(info, "Supplier", "supplier")
        return AgreeSupplierLimitPayload(
            supplier=supplier, problems=done.problems, replayed=done.replayed
        )
