"""What suppliers sell in the networks that callers must not see into."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import publish_sourcing_policy
from catalog.rewards import import_feed, open_import
from catalog.suppliers import Feed, Reason, RefusedItem, register_supplier
from tests.factories.catalog import card_item


async def stock(
    db: AsyncConnection, *, network_id: int, refused_sku: str, published_by: str, now: datetime
) -> None:
    """Let two suppliers sell nearly the same, one refuse an item, and buying elsewhere cost more."""
    for name, brand in (("reloadly", "Carrefour"), ("second", "Carefour")):
        made = await register_supplier(db, network_id=network_id, name=name, now=now)
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=made.supplier_id,
            feed=Feed((card_item("1", brand, 10),), (), is_complete=True),
            actor="staff:operator",
            now=now,
        )
        refused = RefusedItem(0, refused_sku, (Reason("$", "is no card"),))
        await open_import(
            db,
            network_id=network_id,
            supplier_id=made.supplier_id,
            feed=Feed((), (refused,), is_complete=False),
            file_sha256=None,
            actor="staff:command-line",
            now=now,
        )
    await publish_sourcing_policy(
        db, network_id=network_id, loss_max_bps=100, actor=published_by, now=now
    )
