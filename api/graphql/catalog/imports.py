"""Imports of suppliers' catalogues: how far they came, what they refused, what waits for a person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graphql.catalog.suppliers import Supplier
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.permissions import STAFF, query
from catalog import rewards
from catalog.rewards import (
    ImportRefusal,
    ImportState,
    WithheldReward,
    list_import_refusals,
    list_imports,
    list_withheld,
    read_import_policy,
)
from payouts.refusal import Refusal

strawberry.enum(
    ImportState,
    name="CatalogueImportState",
    description="RUNNING: not closed; when it was left, the same command with the same file goes"
    " on. AWAITING_APPROVAL: done, and what the supplier no longer offers stays on sale until"
    " somebody else approves or rejects. FINISHED: done. REJECTED: done, and what was no longer"
    " offered stays on sale.",
)


@strawberry.type(description="An item of a supplier's file that was not taken over.")
class RefusedCatalogueItem:
    """A refused item."""

    item: int = strawberry.field(description="Its place in the file; the first is 0.")
    supplier_sku: str | None = strawberry.field(
        description="The supplier's own number; null where the item has none."
    )
    reasons: list[str] = strawberry.field(description="Each a path inside the item and a sentence.")


@strawberry.type(description="A reward that an import would have taken off sale.")
class WithheldWithdrawal:
    """A withheld withdrawal."""

    country: str
    supplier_sku: str


@strawberry.federation.type(keys=["id"], description="A supplier's catalogue on its way on sale.")
class CatalogueImport(Node):
    """An import."""

    shown: strawberry.Private[rewards.CatalogueImport]
    state: ImportState
    file_sha256: str | None = strawberry.field(name="fileSha256")
    started_by: str
    items: int = strawberry.field(
        description="How many items the file has, the refused not counted."
    )
    items_done: int = strawberry.field(description="How many of them are done so far.")
    is_complete: bool = strawberry.field(
        description="Whether the file is a whole catalogue; only such a one takes anything off sale."
    )
    added: int
    changed: int
    unchanged: int
    withdrawn: int
    refused: int
    withheld: int = strawberry.field(
        description="How many it would have taken off sale, had that not been more than the"
        " network's policy lets one import do."
    )
    started_at: datetime
    finished_at: datetime | None
    decided_by: str | None = strawberry.field(description="Who approved or rejected it.")
    decided_at: datetime | None

    @strawberry.field(description="Whose catalogue it is.")
    async def supplier(self, info: Info) -> Supplier | None:
        """Find the supplier."""
        found: Supplier | None = await load_one(info.context, "Supplier", self.shown.supplier_id)
        return found

    @strawberry.field(description="The items that were not taken over, in the order of the file.")
    async def refusals(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RefusedCatalogueItem]:
        """Page through the refused items."""
        context: Context = info.context

        async def read(page: Page) -> list[ImportRefusal]:
            place = _item_of(page)
            async with context.reading() as db:
                return await list_import_refusals(
                    db,
                    network_id=context.network_id,
                    catalogue_import_id=self.shown.catalogue_import_id,
                    after=None if page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    backward=page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.item,),
            show=lambda one: RefusedCatalogueItem(
                item=one.item, supplier_sku=one.supplier_sku, reasons=list(one.reasons)
            ),
        )
        return Connection(edges=edges, page_info=page_info)

    @strawberry.field(description="What it would have taken off sale.")
    async def withheld_withdrawals(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[WithheldWithdrawal]:
        """Page through what was withheld."""
        context: Context = info.context

        async def read(page: Page) -> list[WithheldReward]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await list_withheld(
                    db,
                    network_id=context.network_id,
                    catalogue_import_id=self.shown.catalogue_import_id,
                    after=None if page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    backward=page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.reward_id.hex,),
            show=lambda one: WithheldWithdrawal(country=one.country, supplier_sku=one.sku),
        )
        return Connection(edges=edges, page_info=page_info)

    @classmethod
    def from_domain(cls, network_id: int, one: rewards.CatalogueImport) -> "CatalogueImport":
        """Show an import."""
        return cls(
            id=id_of("CatalogueImport", network_id, one.catalogue_import_id),
            shown=one,
            state=one.state,
            file_sha256=one.file_sha256,
            started_by=one.actor,
            items=one.items,
            items_done=one.items_done,
            is_complete=one.is_complete,
            added=one.added,
            changed=one.changed,
            unchanged=one.unchanged,
            withdrawn=one.withdrawn,
            refused=one.refused,
            withheld=one.withheld,
            started_at=one.started_at,
            finished_at=one.finished_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
        )


def _supplier_of(context: Context, supplier_id: strawberry.ID | None) -> UUID | None:
    if supplier_id is None:
        return None
    try:
        return key_of(context, supplier_id, "Supplier", path=())
    except Refusal as refusal:
        raise GraphQLError(refusal.message, extensions={"code": "BAD_ARGUMENT"}) from refusal


def _item_of(page: Page) -> int | None:
    if page.key is None:
        return None
    (item,) = page.key
    if type(item) is not int:
        raise ValueError("a cursor of another list")
    return item


@node_kind("CatalogueImport", allow=STAFF)
async def load_imports(context: Context, keys: Sequence[UUID]) -> dict[UUID, CatalogueImport]:
    """Find imports by id."""
    async with context.reading() as db:
        found = await list_imports(
            db, network_id=context.network_id, import_ids=keys, limit=len(keys)
        )
    return {
        one.catalogue_import_id: CatalogueImport.from_domain(context.network_id, one)
        for one in found
    }


@strawberry.type(description="How much an import takes off sale without a second person.")
class CatalogueImportPolicy:
    """A policy."""

    withdrawn_bps_max: int = strawberry.field(
        description="The largest share of what a supplier has on sale where the file is about, in"
        " basis points."
    )
    withdrawn_always: int = strawberry.field(
        description="So many are always taken off, however large a share they are."
    )


@strawberry.type
class Query:
    """Reads of imports."""

    @query(allow=STAFF)
    async def catalogue_imports(
        self,
        info: Info,
        *,
        supplier_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[CatalogueImport]:
        """Imports of suppliers' catalogues, the newest first."""
        context: Context = info.context
        supplier = _supplier_of(context, supplier_id)

        async def read(page: Page) -> list[rewards.CatalogueImport]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await list_imports(
                    db,
                    network_id=context.network_id,
                    supplier_id=supplier,
                    after=place if page.is_backwards else None,
                    before=None if page.is_backwards else place,
                    newest_first=not page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.catalogue_import_id.hex,),
            show=lambda one: CatalogueImport.from_domain(context.network_id, one),
        )
        return Connection(edges=edges, page_info=page_info)

    @query(allow=STAFF)
    async def catalogue_import_policy(self, info: Info) -> CatalogueImportPolicy:
        """How much an import takes off sale without a second person."""
        return await load_policy(info.context)


async def load_policy(context: Context) -> CatalogueImportPolicy:
    """Find the policy in force."""
    async with context.reading() as db:
        policy = await read_import_policy(db, network_id=context.network_id)
    return CatalogueImportPolicy(
        withdrawn_bps_max=policy.withdrawn_bps_max, withdrawn_always=policy.withdrawn_always
    )
