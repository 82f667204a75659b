"""Publishing margins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands import get_brand
from catalog.margins.errors import MarginInvalid
from catalog.margins.model import (
    CATEGORY_LENGTH_MAX,
    EVERYTHING,
    MARGIN_BPS_MAX,
    MARGIN_BPS_MIN,
    Margin,
    MarginScope,
    Subject,
)
from catalog.margins.queries import list_margins
from catalog.margins.tables import margin
from catalog.suppliers import get_supplier
from payouts.money import new_id


async def publish_margin(
    db: AsyncConnection,
    *,
    network_id: int,
    margin_bps: int,
    supplier_id: UUID | None = None,
    category: str | None = None,
    brand_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> Margin:
    """Let prices from now on have a margin: of a supplier, a category, a brand, or else of all.

    What was quoted keeps its price, and earlier versions stay on record. Of two who publish for
    the same at once one is refused. Raises MarginInvalid, SupplierNotFound, BrandNotFound.
    """
    if not MARGIN_BPS_MIN <= margin_bps <= MARGIN_BPS_MAX:
        raise MarginInvalid("A margin is -5,000 to 10,000 basis points.", path=("marginBps",))
    scope, subject = await _subject(db, network_id, supplier_id, category, brand_id)
    found = await list_margins(db, network_id=network_id, subjects=[(scope, subject)])
    known = found.get((scope, subject))
    version = 1 if known is None else known.version + 1
    made = Margin(new_id(now), scope, subject, version, margin_bps, actor, now)
    inserted = await db.execute(
        insert(margin)
        .values(
            network_id=network_id,
            margin_id=made.margin_id,
            scope=scope,
            subject=subject,
            version=made.version,
            margin_bps=margin_bps,
            published_by=actor,
            published_at=now,
        )
        .on_conflict_do_nothing()
        .returning(margin.c.margin_id)
    )
    if inserted.first() is None:
        raise MarginInvalid("Somebody published this margin just now; look at it first.")
    return made


async def _subject(
    db: AsyncConnection,
    network_id: int,
    supplier_id: UUID | None,
    category: str | None,
    brand_id: UUID | None,
) -> Subject:
    if sum(one is not None for one in (supplier_id, category, brand_id)) > 1:
        raise MarginInvalid("A margin is of a supplier, a category or a brand: name one.")
    if supplier_id is not None:
        await get_supplier(db, network_id=network_id, supplier_id=supplier_id)
        return MarginScope.SUPPLIER, str(supplier_id)
    if brand_id is not None:
        await get_brand(db, network_id=network_id, brand_id=brand_id)
        return MarginScope.BRAND, str(brand_id)
    if category is not None:
        if not 1 <= len(category) <= CATEGORY_LENGTH_MAX:
            raise MarginInvalid("A category has 1 to 200 characters.", path=("category",))
        return MarginScope.CATEGORY, category
    return EVERYTHING
