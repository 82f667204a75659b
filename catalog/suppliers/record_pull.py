"""Recording pulls of feeds."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.feed_source import PULL_KIND, FeedPull, PullOutcome
from catalog.suppliers.queries import find_feed_source
from catalog.suppliers.tables import feed_pull
from payouts.due import announce_due, clear_due

RETRY_AFTER = timedelta(hours=1)
REMARK_LENGTH_MAX = 300


async def record_pull(
    db: AsyncConnection, *, network_id: int, pull: FeedPull, now: datetime
) -> None:
    """Write down how a pull ended, and when the next one is due.

    One that failed keeps nothing of the file that its server named, so that the next reads it
    again; it is tried again within the hour.
    """
    row = insert(feed_pull).values(
        network_id=network_id,
        supplier_id=pull.supplier_id,
        version=pull.version,
        etag=pull.etag,
        last_modified=pull.last_modified,
        file_sha256=pull.file_sha256,
        outcome=pull.outcome,
        remark=None if pull.remark is None else pull.remark[:REMARK_LENGTH_MAX],
        pulled_at=now,
    )
    told = ("version", "etag", "last_modified", "file_sha256", "outcome", "remark", "pulled_at")
    await db.execute(
        row.on_conflict_do_update(
            index_elements=[feed_pull.c.network_id, feed_pull.c.supplier_id],
            set_={name: row.excluded[name] for name in told},
        )
    )
    source = await find_feed_source(db, network_id=network_id, supplier_id=pull.supplier_id)
    if source is None or source.pull_hours is None:
        await clear_due(db, network_id=network_id, kind=PULL_KIND, due_id=pull.supplier_id)
        return
    pause = timedelta(hours=source.pull_hours)
    if pull.outcome is PullOutcome.FAILED:
        pause = min(pause, RETRY_AFTER)
    await announce_due(
        db, network_id=network_id, kind=PULL_KIND, due_id=pull.supplier_id, due_at=now + pause
    )
