"""Exchange rates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, node_kind
from api.graphql.permissions import FINANCE, OPERATOR, STAFF, Payload, mutation
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import CurrencyCode, Decimal, instant
from payouts import fx

register_problems(
    (
        Rule(
            fx.FxRateInvalid,
            ProblemCode.INVALID_INPUT,
            "The exchange rate cannot be published. Nothing changed.",
            "لا يمكن نشر سعر الصرف. لم يتغير شيء.",
        ),
        Rule(
            fx.FxRateMissing,
            ProblemCode.RATE_MISSING,
            "There is no exchange rate from {base} to {quote}. Nothing changed.",
            "لا يوجد سعر صرف من {base} إلى {quote}. لم يتغير شيء.",
        ),
        Rule(
            fx.FxRateStale,
            ProblemCode.RATE_STALE,
            "The newest exchange rate from {base} to {quote} is too old. Nothing changed.",
            "أحدث سعر صرف من {base} إلى {quote} قديم جدًا. لم يتغير شيء.",
        ),
    )
)


@strawberry.federation.type(
    keys=["id"], description="What one unit of a currency cost in another, for a time."
)
class FxRate(Node):
    """A published rate."""

    base: CurrencyCode
    quote: CurrencyCode
    value: Decimal = strawberry.field(description="Units of `quote` for one unit of `base`.")
    source: str
    observed_at: datetime
    expires_at: datetime = strawberry.field(description="After this it is refused.")

    @classmethod
    def from_domain(cls, network_id: int, key: UUID, rate: fx.FxRate) -> Self:
        """Show a rate."""
        return cls(
            id=id_of("FxRate", network_id, key),
            base=CurrencyCode(rate.base),
            quote=CurrencyCode(rate.quote),
            value=Decimal(rate.text),
            source=rate.source,
            observed_at=rate.observed_at,
            expires_at=rate.expires_at,
        )


@node_kind("FxRate", allow=STAFF)
async def load_fx_rates(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, FxRate]:
    """Find rates by id."""
    async with context.reading() as db:
        found = await fx.get_fx_rates(db, network_id=context.network_id, fx_rate_ids=keys)
    return {key: FxRate.from_domain(context.network_id, key, one) for key, one in found.items()}


@strawberry.input
class PublishFxRateInput:
    """A rate, who observed it and when, and how long it may be used."""

    idempotency_key: str
    base: CurrencyCode
    quote: CurrencyCode
    value: Decimal = strawberry.field(
        description="Units of `quote` for one unit of `base`; at most ten digits after the point."
    )
    source: str
    observed_at: datetime
    max_age_seconds: int


@strawberry.type
class PublishFxRatePayload(Payload):
    """The rate, or why there is none."""

    fx_rate: FxRate | None = None


@strawberry.type
class Mutation:
    """Publishing rates."""

    @mutation(allow=OPERATOR | FINANCE)
    async def publish_fx_rate(
        self,
        info: Info,
        input: PublishFxRateInput,  # noqa: A002
    ) -> PublishFxRatePayload:
        """Add an exchange rate, in force until its age is over or a newer one comes."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            rate = await fx.publish_fx_rate(
                db,
                network_id=context.network_id,
                base=input.base,
                quote=input.quote,
                value=input.value,
                source=input.source,
                observed_at=instant(input.observed_at, "observed_at"),
                max_age_seconds=input.max_age_seconds,
                now=context.now,
            )
            assert rate.fx_rate_id is not None
            return {"fx_rate": rate.fx_rate_id}

        done = await perform(info, mutation="publishFxRate", input=input, work=work)
        rate: Any = await done.load(info, "FxRate", "fx_rate")
        return PublishFxRatePayload(fx_rate=rate, problems=done.problems, replayed=done.replayed)
