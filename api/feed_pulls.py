"""Pulls a described feed: fetch, read, put on sale, write down how it went."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from api.catalogue_import import put_on_sale, sha256_of
from api.crash import crash_here
from api.database.transaction import Database
from api.feed_access import FeedReach
from catalog.rewards import ImportReport, refuse_recycled
from catalog.suppliers import (
    Feed,
    FeedPull,
    FeedSource,
    FeedSourceNotFound,
    FeedSupplier,
    FetchedFile,
    GraphqlSupplier,
    PullOutcome,
    find_feed_pull,
    find_feed_source,
    record_pull,
)
from payouts.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Pulled:
    """How a pull ended, and what was imported when anything was."""

    pull: FeedPull
    feed: Feed | None = None
    report: ImportReport | None = None


async def pull_feed(
    database: Database,
    reach: FeedReach,
    *,
    network_id: int,
    supplier_id: UUID,
    actor: str,
    now: Callable[[], datetime],
    crash: Callable[[str], None] = crash_here,
) -> Pulled:
    """Bring a supplier's catalogue to what its feed says now; nothing is fetched in a transaction.

    A feed that is as it was is not read again. Whatever goes wrong is written down, and what is on
    sale stays on sale. Raises FeedSourceNotFound when there is no feed with an address.
    """
    async with database.reading(network_id) as db:
        source = await find_feed_source(db, network_id=network_id, supplier_id=supplier_id)
        last = await find_feed_pull(db, network_id=network_id, supplier_id=supplier_id)
    if source is None or source.url is None:
        raise FeedSourceNotFound(supplier_id=supplier_id)
    # What was read in another way, or not to its end, is not known.
    if last is not None and (last.version != source.version or last.outcome is PullOutcome.FAILED):
        last = None
    one = _Pull(database, network_id, source, last, actor, now)
    try:
        pulled = await one.carry_out(reach.open(source))
    except Refusal as refusal:
        remark = f"{type(refusal).__name__}: {refusal.message}"
        pulled = Pulled(replace(one.ended(PullOutcome.FAILED), remark=remark))
    crash("feed.imported")
    async with database.writing(network_id) as db:
        await record_pull(db, network_id=network_id, pull=pulled.pull, now=now())
    return pulled


@dataclass(frozen=True, slots=True)
class _Pull:
    """One pull: of which feed, what is known of it, and for whom."""

    database: Database
    network_id: int
    source: FeedSource
    known: FeedPull | None
    actor: str
    now: Callable[[], datetime]

    async def carry_out(self, supplier: FeedSupplier | GraphqlSupplier) -> Pulled:
        """Fetch, and put on sale what is new."""
        try:
            fetched = await self._fetch(supplier)
        finally:
            await supplier.aclose()
        if fetched.raw is None:
            assert self.known is not None, "only what is known can be the same"
            return Pulled(
                self.ended(PullOutcome.UNCHANGED, fetched, file_sha256=self.known.file_sha256)
            )
        sha256 = sha256_of(fetched.raw)
        if self.known is not None and self.known.file_sha256 == sha256:
            return Pulled(self.ended(PullOutcome.UNCHANGED, fetched, file_sha256=sha256))
        feed, report = await import_described(
            self.database,
            network_id=self.network_id,
            supplier_id=self.source.supplier_id,
            feed=supplier.read_feed(fetched.raw),
            file_sha256=sha256,
            actor=self.actor,
            now=self.now,
        )
        ended = self.ended(PullOutcome.IMPORTED, fetched, file_sha256=sha256)
        return Pulled(ended, feed, report)

    async def _fetch(self, supplier: FeedSupplier | GraphqlSupplier) -> FetchedFile:
        if isinstance(supplier, GraphqlSupplier):
            return FetchedFile(await supplier.fetch_all(), None, None)
        if self.known is None:
            return await supplier.fetch_file()
        return await supplier.fetch_file(
            etag=self.known.etag, last_modified=self.known.last_modified
        )

    def ended(
        self,
        outcome: PullOutcome,
        fetched: FetchedFile | None = None,
        *,
        file_sha256: str | None = None,
    ) -> FeedPull:
        """Say how it ended."""
        return FeedPull(
            supplier_id=self.source.supplier_id,
            version=self.source.version,
            etag=None if fetched is None else fetched.etag,
            last_modified=None if fetched is None else fetched.last_modified,
            file_sha256=file_sha256,
            outcome=outcome,
            remark=None,
            pulled_at=self.now(),
        )


async def import_described(
    database: Database,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    file_sha256: str,
    actor: str,
    markets: Sequence[str] = (),
    now: Callable[[], datetime],
) -> tuple[Feed, ImportReport]:
    """Put a described feed on sale, but for items whose sku stood for something else before."""
    async with database.reading(network_id) as db:
        feed = await refuse_recycled(db, network_id=network_id, supplier_id=supplier_id, feed=feed)
    report = await put_on_sale(
        database,
        network_id=network_id,
        supplier_id=supplier_id,
        feed=feed,
        file_sha256=file_sha256,
        actor=actor,
        markets=markets,
        now=now,
    )
    return feed, report
