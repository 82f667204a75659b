"""Lots: what a member's value is made of, and what of it lapses when."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.context import Context
from api.graphql.nodes import load_one
from api.graphql.partners.agreements import Partner
from api.graphql.scalars import Money, show_money
from payouts import ledger

LOTS_MAX = 100

# An accrual shows its member, whose wallet this is part of; importing it would be a cycle.
_Accrual = Annotated[
    "Accrual",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.partners.accruals"),
]


@strawberry.type(description="A parcel of available value of one origin, with its own end.")
class WalletLot:
    """A lot."""

    shown: strawberry.Private[ledger.Lot]
    amount: Money = strawberry.field(description="As it became available.")
    remaining: Money = strawberry.field(description="What of it is left.")
    earned_at: datetime
    expires_at: datetime | None = strawberry.field(
        description="When what is left of it lapses; null: never."
    )

    @strawberry.field(description="What earned it; null where no purchase did.")
    async def accrual(self, info: Info) -> _Accrual | None:
        """Find the accrual."""
        origin = self.shown.origin
        key = UUID(origin.id) if origin.kind == "accrual" else None
        return await load_one(info.context, "Accrual", key)

    @strawberry.field(
        description="The partner that paid for it; null where the network did, and for a member."
    )
    async def funder(self, info: Info) -> Partner | None:
        """Find the partner, for staff."""
        context: Context = info.context
        kind, _, partner_id = self.shown.funder.partition(":")
        if kind != "partner" or context.known_caller.kind is not CallerKind.STAFF:
            return None
        found: Partner | None = await load_one(context, "Partner", UUID(partner_id))
        return found

    @classmethod
    def from_domain(cls, one: ledger.Lot) -> "WalletLot":
        """Show a lot."""
        return cls(
            shown=one,
            amount=show_money(one.amount),
            remaining=show_money(one.remaining),
            earned_at=one.earned_at,
            expires_at=one.expires_at,
        )
