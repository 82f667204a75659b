"""Registering suppliers."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.errors import SupplierConflict, SupplierInvalid
from catalog.suppliers.queries import find_supplier_by_name
from catalog.suppliers.tables import supplier
from catalog.suppliers.terms import SupplierTerms
from payouts.money import new_id

NAME = re.compile(r"[a-z][a-z0-9-]{0,59}", re.ASCII)
DISCOUNT_SHARE_BPS = 5_000
WHOLE_BPS = 10_000


async def register_supplier(
    db: AsyncConnection,
    *,
    network_id: int,
    name: str,
    partner_id: UUID | None = None,
    discount_share_bps: int = DISCOUNT_SHARE_BPS,
    fx_margin_bps: int = 0,
    now: datetime,
) -> SupplierTerms:
    """Add a supplier to a network, with what members get of its discounts and pay for exchange.

    The name is that of its adapter. Registering the same again changes nothing and returns what
    is there. Raises SupplierInvalid, or SupplierConflict when the name has other terms.
    """
    if not NAME.fullmatch(name):
        raise SupplierInvalid("A name is of small letters, digits and hyphens.", path=("name",))
    for path, value in (("discountShareBps", discount_share_bps), ("fxMarginBps", fx_margin_bps)):
        if not 0 <= value <= WHOLE_BPS:
            raise SupplierInvalid("A share is 0 to 10,000 basis points.", path=(path,))
    added = SupplierTerms(new_id(now), name, partner_id, discount_share_bps, fx_margin_bps)
    row = insert(supplier).values(
        network_id=network_id,
        supplier_id=added.supplier_id,
        name=name,
        partner_id=partner_id,
        discount_share_bps=discount_share_bps,
        fx_margin_bps=fx_margin_bps,
        created_at=now,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing(
            index_elements=[supplier.c.network_id, supplier.c.name]
        ).returning(supplier.c.supplier_id)
    )
    if inserted.first() is not None:
        return added
    known = await find_supplier_by_name(db, network_id=network_id, name=name)
    terms = (partner_id, discount_share_bps, fx_margin_bps)
    if known is None or (known.partner_id, known.discount_share_bps, known.fx_margin_bps) != terms:
        raise SupplierConflict(name=name, path=("name",))
    return known
