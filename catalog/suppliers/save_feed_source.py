"""Describing feeds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers.errors import MappingInvalid
from catalog.suppliers.feed_mapping import FeedFormat, FeedMapping, read_mapping
from catalog.suppliers.feed_source import PULL_KIND, FeedSource, SourceKind
from catalog.suppliers.public_address import check_public_url
from catalog.suppliers.queries import find_feed_source, lock_supplier
from catalog.suppliers.tables import feed_source
from payouts.due import announce_due, clear_due

PULL_HOURS_MAX = 720


async def save_feed_source(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    kind: SourceKind = SourceKind.FEED,
    description: Mapping[str, Any],
    url: str | None = None,
    pull_hours: int | None = None,
    trusted_origins: frozenset[str] = frozenset(),
    actor: str,
    now: datetime,
) -> FeedSource:
    """Describe a supplier's feed anew: from now on it is read so, and sold from a pool of codes.

    With `pull_hours` the worker pulls it at once, and then again and again. Saving the same again
    changes nothing. Raises SupplierNotFound, MappingInvalid, or AddressRefused for a url that is
    not a public one; `trusted_origins` are those of the test's own doubles.
    """
    mapping = read_mapping(description)
    _check(kind, mapping, url, pull_hours)
    if url is not None:
        check_public_url(url, trusted_origins=trusted_origins)
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    newest = await find_feed_source(db, network_id=network_id, supplier_id=supplier_id)
    content = (kind, dict(description), url, pull_hours)
    if newest is not None and content == newest.content:
        return newest
    version = 1 if newest is None else newest.version + 1
    await db.execute(
        insert(feed_source).values(
            network_id=network_id,
            supplier_id=supplier_id,
            version=version,
            kind=kind,
            description=dict(description),
            url=url,
            pull_hours=pull_hours,
            saved_by=actor,
            saved_at=now,
        )
    )
    if pull_hours is None:
        await clear_due(db, network_id=network_id, kind=PULL_KIND, due_id=supplier_id)
    else:
        await announce_due(
            db, network_id=network_id, kind=PULL_KIND, due_id=supplier_id, due_at=now
        )
    return FeedSource(
        supplier_id=supplier_id,
        version=version,
        kind=kind,
        description=dict(description),
        url=url,
        pull_hours=pull_hours,
        saved_by=actor,
        saved_at=now,
    )


def _check(kind: SourceKind, mapping: FeedMapping, url: str | None, pull_hours: int | None) -> None:
    query = mapping.query
    if kind is SourceKind.GRAPHQL and (query is None or mapping.format is not FeedFormat.JSON):
        raise MappingInvalid("A GraphQL endpoint is asked a query and answers JSON.")
    if query is not None and "$country" in query and mapping.country is None:
        raise MappingInvalid("A query for one country needs that country as a constant.")
    if kind is SourceKind.FEED and query is not None:
        raise MappingInvalid("A file is not asked a query.", path=("query",))
    if url is None and (kind is SourceKind.GRAPHQL or pull_hours is not None):
        raise MappingInvalid("What is to be pulled has an address.", path=("url",))
    if pull_hours is not None and not 1 <= pull_hours <= PULL_HOURS_MAX:
        raise MappingInvalid(
            f"A feed is pulled every 1 to {PULL_HOURS_MAX} hours.", path=("pullHours",)
        )
