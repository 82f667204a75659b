"""How far the matching of outside lines has come."""

from datetime import datetime

import strawberry
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.partners.periods import span_of
from api.graphql.permissions import STAFF, query
from api.graphql.scalars import Money, show_money
from payouts import reconciliation


@strawberry.type(description="The outside lines of one side in one currency, and how they stand.")
class MatchingProgress:
    """A side of the matching."""

    leg: str = strawberry.field(description="provider, bank, or statement for a missing one.")
    count: int
    matched_count: int = strawberry.field(description="Those that the books explained at once.")
    resolved_count: int = strawberry.field(description="Those that two people explained.")
    proposed_count: int = strawberry.field(description="Those that wait for a second person.")
    open_count: int = strawberry.field(description="Those that wait for an explanation.")
    open_amount: Money = strawberry.field(description="What no account explains yet.")
    open_since: datetime | None = strawberry.field(
        description="When the oldest of those that wait occurred."
    )


@strawberry.type(description="How far the matching of a period's outside lines has come.")
class ReconciliationProgress:
    """The progress of matching."""

    since: datetime
    until: datetime
    sides: list[MatchingProgress]


@strawberry.type
class Query:
    """Reads of the progress of reconciliation."""

    @query(allow=STAFF)
    async def reconciliation_progress(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> ReconciliationProgress:
        """How far the outside lines of a period (31 days to now, if not given) are matched."""
        context: Context = info.context
        span = span_of(context, since, until)
        async with context.reading() as db:
            found = await reconciliation.read_matching_progress(
                db, network_id=context.network_id, since=span.since, until=span.until
            )
        return ReconciliationProgress(
            since=span.since,
            until=span.until,
            sides=[
                MatchingProgress(
                    leg=one.leg,
                    count=one.count,
                    matched_count=one.matched_count,
                    resolved_count=one.resolved_count,
                    proposed_count=one.proposed_count,
                    open_count=one.open_count,
                    open_amount=show_money(one.open_amount),
                    open_since=one.open_since,
                )
                for one in found
            ],
        )
