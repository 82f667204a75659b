"""Reads of the suppliers a network buys from."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.errors import SupplierNotFound
from catalog.suppliers.tables import supplier
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


async def list_supplier_ids(db: AsyncConnection, *, network_id: int) -> list[UUID]:
    """List the suppliers of a network, the first registered first."""
    ids = await db.execute(
        select(supplier.c.supplier_id)
        .where(supplier.c.network_id == network_id)
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


def _terms(row: Any) -> SupplierTerms:
    return SupplierTerms(
        row.supplier_id, row.name, row.partner_id, row.discount_share_bps, row.fx_margin_bps
    )
