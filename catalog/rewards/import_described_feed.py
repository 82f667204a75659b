"""Importing the file of a described feed."""

import hashlib
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.import_feed import import_feed
from catalog.rewards.model import ImportReport
from catalog.rewards.refuse_recycled import refuse_recycled
from catalog.suppliers import (
    FeedSourceNotFound,
    find_feed_source,
    lock_supplier,
    read_mapped_feed,
)

UPLOAD_ENCODING = "utf-8"
"""A text that was uploaded has been decoded before; the description's encoding is of files."""


async def import_described_feed(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    content: str,
    actor: str,
    now: datetime,
) -> ImportReport:
    """Put on sale what a text offers, read as the network described the supplier's feed.

    Raises SupplierNotFound, FeedSourceNotFound, or FeedUnreadable when it holds no items at all.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    source = await find_feed_source(db, network_id=network_id, supplier_id=supplier_id)
    if source is None:
        raise FeedSourceNotFound(supplier_id=supplier_id)
    raw = content.encode(UPLOAD_ENCODING, errors="surrogatepass")
    feed = read_mapped_feed(raw, replace(source.mapping, encoding=UPLOAD_ENCODING))
    feed = await refuse_recycled(db, network_id=network_id, supplier_id=supplier_id, feed=feed)
    return await import_feed(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        feed=feed,
        actor=actor,
        file_sha256=hashlib.sha256(raw).hexdigest(),
        now=now,
    )
