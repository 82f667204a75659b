"""What is in a supplier's pool of codes, how its feed is read, and what its last import did."""

from datetime import datetime
from typing import Self

import strawberry

from api.graphql.scalars import Money, show_money
from catalog.pools import PoolCount
from catalog.suppliers import FeedPull, FeedSource


@strawberry.type(description="How many codes of one face a supplier's pool has.")
class PoolOfCodes:
    """Counts of one sku and face."""

    sku: str
    face: Money
    available: int = strawberry.field(description="Free to be reserved by a quote.")
    reserved: int = strawberry.field(description="Kept for quotes that have not expired.")
    delivered: int

    @classmethod
    def from_domain(cls, one: PoolCount) -> Self:
        """Show the counts."""
        return cls(
            sku=one.supplier_sku,
            face=show_money(one.face),
            available=one.available,
            reserved=one.reserved,
            delivered=one.delivered,
        )


@strawberry.type(description="How a supplier's catalogue is read, and how its last pull ended.")
class SupplierFeed:
    """The description in force."""

    version: int
    kind: str = strawberry.field(description="feed: a file; graphql: an endpoint that is asked.")
    url: str | None
    pull_hours: int | None = strawberry.field(description="The worker pulls it so often.")
    saved_by: str
    saved_at: datetime
    outcome: str | None = strawberry.field(
        description="How the last pull ended: imported, unchanged or failed."
    )
    remark: str | None = strawberry.field(description="Why it failed.")
    pulled_at: datetime | None

    @classmethod
    def from_domain(cls, source: FeedSource, pull: FeedPull | None) -> Self:
        """Show a description and its last pull."""
        return cls(
            version=source.version,
            kind=source.kind.value,
            url=source.url,
            pull_hours=source.pull_hours,
            saved_by=source.saved_by,
            saved_at=source.saved_at,
            outcome=None if pull is None else pull.outcome.value,
            remark=None if pull is None else pull.remark,
            pulled_at=None if pull is None else pull.pulled_at,
        )
