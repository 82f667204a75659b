"""Converting nets: by which policy, and what became of it on a statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import NODE_KINDS, Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.owners import owners_of
from api.graphql.partners.periods import newest_first
from api.graphql.payouts.fx import FxRate
from api.graphql.permissions import (
    AUDITOR,
    FINANCE,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
    query,
)
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import CurrencyCode, Decimal, Money, show_money
from partners.agreements import get_partner
from payouts import fx, settlement

_READERS = PARTNER | OPERATOR | FINANCE | AUDITOR

register_problems(
    (
        Rule(
            settlement.ConversionInvalid,
            ProblemCode.INVALID_INPUT,
            "A net is converted into another currency, whose own nets are not converted.",
            "يُحوّل الصافي إلى عملة أخرى لا يُحوّل صافيها.",
        ),
    )
)


@strawberry.federation.type(
    keys=["id"], description="Into which currency the nets of a partner in another are converted."
)
class SettlementConversion(Node):
    """A conversion policy; the newest of a partner and a currency is in force."""

    shown: strawberry.Private[settlement.ConversionPolicy]
    currency: CurrencyCode
    into: CurrencyCode | None = strawberry.field(
        description="Null: from then on they are settled in their own currency."
    )
    published_by: str
    published_at: datetime

    @strawberry.field(description="Whose nets.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @classmethod
    def from_domain(
        cls, network_id: int, one: settlement.ConversionPolicy
    ) -> "SettlementConversion":
        """Show a conversion policy."""
        return cls(
            id=id_of("SettlementConversion", network_id, one.policy_id),
            shown=one,
            currency=CurrencyCode(one.currency),
            into=None if one.into is None else CurrencyCode(one.into),
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("SettlementConversion", allow=_READERS)
async def load_conversions(
    context: Context, keys: Sequence[UUID]
) -> dict[UUID, SettlementConversion]:
    """Find conversion policies of the caller's scope."""
    async with context.reading() as db:
        found = await settlement.list_settlement_conversions(
            db, network_id=context.network_id, policy_ids=keys, limit=len(keys)
        )
    return {
        one.policy_id: SettlementConversion.from_domain(context.network_id, one) for one in found
    }


@strawberry.type(description="What a net comes to in another currency, fixed when it was issued.")
class StatementConversion:
    """A conversion of a statement."""

    fx_rate_id: strawberry.Private[UUID]
    net: Money = strawberry.field(description="What is converted: all of the net.")
    amount: Money = strawberry.field(
        description="What it comes to; it falls into a cycle of this currency."
    )
    rate: Decimal = strawberry.field(description="What one unit of the net's currency costs.")
    source: str = strawberry.field(description="Who quoted the rate.")
    observed_at: datetime

    @strawberry.field(description="The published rate; for staff.")
    async def fx_rate(self, info: Info) -> FxRate | None:
        """Find the rate, which a partner may not see as such."""
        context: Context = info.context
        if not NODE_KINDS["FxRate"].audience.admits(context.known_caller):
            return None
        found: FxRate | None = await load_one(context, "FxRate", self.fx_rate_id)
        return found


async def load_conversion(
    context: Context, one: settlement.Statement
) -> StatementConversion | None:
    """Find at which rate a statement is converted, together with those of others."""
    made = one.conversion
    if made is None:
        return None

    async def load(keys: list[UUID]) -> list[fx.FxRate | None]:
        async with context.reading() as db:
            found = await fx.get_fx_rates(db, network_id=context.network_id, fx_rate_ids=keys)
        return [found.get(key) for key in keys]

    rate = await context.loader("Statement.fx_rate", load).load(made.fx_rate_id)
    assert rate is not None, "rates are never taken away"
    return StatementConversion(
        fx_rate_id=made.fx_rate_id,
        net=show_money(one.exchanged),
        amount=show_money(made.amount),
        rate=Decimal(rate.text),
        source=rate.source,
        observed_at=rate.observed_at,
    )


@strawberry.type(description="Conversion policies, the newest first.")
class SettlementConversionConnection(Connection[SettlementConversion]):
    """A page of conversion policies."""


@strawberry.type
class Query:
    """Reads of conversion policies."""

    @query(allow=_READERS)
    async def settlement_conversions(
        self,
        info: Info,
        *,
        partner_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> SettlementConversionConnection:
        """Conversion policies that the caller may see, the newest first."""
        context: Context = info.context
        owners = owners_of(context, partner_id, None)

        async def read(page: Page) -> list[settlement.ConversionPolicy]:
            place = newest_first(page)
            async with context.reading() as db:
                return await settlement.list_settlement_conversions(
                    db, network_id=context.network_id, partner_id=owners.partner_id, **place
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.published_at.isoformat(), one.policy_id.hex),
            show=lambda one: SettlementConversion.from_domain(context.network_id, one),
        )
        return SettlementConversionConnection(edges=edges, page_info=page_info)


@strawberry.input
class PublishSettlementConversionInput:
    """Whose nets, of which currency, and into which other; into none ends it."""

    idempotency_key: str
    partner_id: strawberry.ID
    currency: CurrencyCode
    into: CurrencyCode | None = None


@strawberry.type
class PublishSettlementConversionPayload(Payload):
    """The conversion policy, or why there is none."""

    settlement_conversion: SettlementConversion | None = None


@strawberry.type
class Mutation:
    """Publishing conversion policies."""

    @mutation(allow=OPERATOR)
    async def publish_settlement_conversion(
        self,
        info: Info,
        input: PublishSettlementConversionInput,  # noqa: A002
    ) -> PublishSettlementConversionPayload:
        """Have a partner's nets of a currency converted into another from now on, or no longer."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            partner_id = key_of(context, input.partner_id, "Partner", path=("partnerId",))
            await get_partner(db, network_id=context.network_id, partner_id=partner_id)
            policy = await settlement.publish_settlement_conversion(
                db,
                network_id=context.network_id,
                partner_id=partner_id,
                currency=input.currency,
                into=input.into,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"settlement_conversion": policy.policy_id}

        done = await perform(info, mutation="publishSettlementConversion", input=input, work=work)
        policy: Any = await done.load(info, "SettlementConversion", "settlement_conversion")
        return PublishSettlementConversionPayload(
            settlement_conversion=policy, problems=done.problems, replayed=done.replayed
        )
