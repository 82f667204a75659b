"""Reads of the suppliers a network buys from."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.errors import SupplierNotFound
from catalog.suppliers.feed_source import FeedPull, FeedSource, PullOutcome, SourceKind
from catalog.suppliers.tables import feed_pull, feed_source, supplier
from catalog.suppliers.terms import SupplierTerms

SUPPLIERS_MAX = 1_000
_TERMS = (
    supplier.c.supplier_id,
    supplier.c.name,
    supplier.c.partner_id,
    supplier.c.discount_share_bps,
    supplier.c.fx_margin_bps,
)


async def get_supplier(db: AsyncConnection, *, network_id: int, supplier_id: UUID) -> SupplierTerms:
    """Tell one supplier and the terms it is resold on. Raises SupplierNotFound."""
    found = await get_suppliers(db, network_id=network_id, supplier_ids=[supplier_id])
    if supplier_id not in found:
        raise SupplierNotFound(supplier_id=supplier_id)
    return found[supplier_id]


async def get_suppliers(
    db: AsyncConnection, *, network_id: int, supplier_ids: Collection[UUID]
) -> dict[UUID, SupplierTerms]:
    """Tell the suppliers of these ids; absent ones are left out."""
    if not supplier_ids:
        return {}
    rows = await db.execute(
        select(*_TERMS).where(
            supplier.c.network_id == network_id, supplier.c.supplier_id.in_(supplier_ids)
        )
    )
    return {row.supplier_id: _terms(row) for row in rows}


async def list_ordered_from(db: AsyncConnection, *, network_id: int) -> list[UUID]:
    """List the suppliers that are ordered from, not sold from a pool; the first registered first."""
    is_described = exists().where(
        feed_source.c.network_id == network_id, feed_source.c.supplier_id == supplier.c.supplier_id
    )
    ids = await db.execute(
        select(supplier.c.supplier_id)
        .where(supplier.c.network_id == network_id, ~is_described)
        .order_by(supplier.c.supplier_id)
        .limit(SUPPLIERS_MAX)
    )
    return list(ids.scalars())


async def lock_supplier(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID
) -> SupplierTerms:
    """Tell one supplier and keep others from importing its catalogue until the transaction ends.

    Raises SupplierNotFound.
    """
    row = (
        await db.execute(
            select(*_TERMS)
            .where(supplier.c.network_id == network_id, supplier.c.supplier_id == supplier_id)
            .with_for_update(key_share=True)
        )
    ).first()
    if row is None:
        raise SupplierNotFound(supplier_id=supplier_id)
    return _terms(row)


async def lock_free_supplier(db: AsyncConnection, *, network_id: int, supplier_id: UUID) -> bool:
    """Keep others from deciding about a supplier now; False when somebody else is."""
    row = await db.execute(
        select(supplier.c.supplier_id)
        .where(supplier.c.network_id == network_id, supplier.c.supplier_id == supplier_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return row.first() is not None


async def find_supplier_by_name(
    db: AsyncConnection, *, network_id: int, name: str
) -> SupplierTerms | None:
    """Tell the supplier of a name, such as `reloadly`."""
    row = (
        await db.execute(
            select(*_TERMS).where(supplier.c.network_id == network_id, supplier.c.name == name)
        )
    ).first()
    return None if row is None else _terms(row)


async def is_pooled(db: AsyncConnection, *, network_id: int, supplier_id: UUID) -> bool:
    """Tell whether a supplier is sold from a pool of codes: one whose feed the network describes."""
    row = await db.execute(
        select(
            exists().where(
                feed_source.c.network_id == network_id, feed_source.c.supplier_id == supplier_id
            )
        )
    )
    return bool(row.scalar_one())


async def find_feed_source(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID, version: int | None = None
) -> FeedSource | None:
    """Tell the description of a supplier's feed that is in force, or its `version` of before."""
    is_wanted = true() if version is None else feed_source.c.version == version
    found = await db.execute(
        select(
            feed_source.c.supplier_id,
            feed_source.c.version,
            feed_source.c.kind,
            feed_source.c.description,
            feed_source.c.url,
            feed_source.c.pull_hours,
            feed_source.c.saved_by,
            feed_source.c.saved_at,
        )
        .where(
            feed_source.c.network_id == network_id,
            feed_source.c.supplier_id == supplier_id,
            is_wanted,
        )
        .order_by(feed_source.c.version.desc())
        .limit(1)
    )
    row = found.one_or_none()
    if row is None:
        return None
    return FeedSource(
        supplier_id=row.supplier_id,
        version=row.version,
        kind=SourceKind(row.kind),
        description=row.description,
        url=row.url,
        pull_hours=row.pull_hours,
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )


async def find_feed_pull(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID
) -> FeedPull | None:
    """Tell how the last pull of a supplier's feed ended."""
    found = await db.execute(
        select(
            feed_pull.c.supplier_id,
            feed_pull.c.version,
            feed_pull.c.etag,
            feed_pull.c.last_modified,
            feed_pull.c.file_sha256,
            feed_pull.c.outcome,
            feed_pull.c.remark,
            feed_pull.c.pulled_at,
        ).where(feed_pull.c.network_id == network_id, feed_pull.c.supplier_id == supplier_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    return FeedPull(
        supplier_id=row.supplier_id,
        version=row.version,
        etag=row.etag,
        last_modified=row.last_modified,
        file_sha256=row.file_sha256,
        outcome=PullOutcome(row.outcome),
        remark=row.remark,
        pulled_at=row.pulled_at,
    )


def _terms(row: Any) -> SupplierTerms:
    return SupplierTerms(
        row.supplier_id, row.name, row.partner_id, row.discount_share_bps, row.fx_margin_bps
    )
