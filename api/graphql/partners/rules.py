"""Earn rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.acting import own_network
from api.graphql.partners.agreements import Partner
from api.graphql.partners.programmes import Programme
from api.graphql.permissions import OPERATOR, PARTNER, STAFF, Payload, mutation, query
from api.graphql.scalars import Money, MoneyInput, instant, show_money
from partners import rules
from partners.rules import FundingShare, list_rules, read_rules
from payouts import budgets


@strawberry.type(description="One funder of a rule's cashback.")
class RuleFunding:
    """A funding share."""

    partner_key: strawberry.Private[UUID | None]
    weight: int = strawberry.field(description="Its part is this of the sum of all weights.")

    @strawberry.field(description="The partner that pays; null where the network itself does.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.partner_key)
        return found


@strawberry.type(
    description="What a rule may pay in all. Where less than a purchase's whole cashback is left, the"
    " rule is passed over for it: the next rule in order counts, or it earns nothing."
)
class RuleBudget:
    """A rule's budget, exact at the instant of the request."""

    cap: Money
    spent: Money = strawberry.field(description="On cashback that no return took back.")
    left: Money

    @classmethod
    def from_domain(cls, one: budgets.BudgetBalance) -> "RuleBudget":
        """Show a budget."""
        return cls(cap=show_money(one.cap), spent=show_money(one.spent), left=show_money(one.left))


@strawberry.federation.type(
    keys=["id"], description="What purchases at a partner earn, and who pays for it."
)
class EarnRule(Node):
    """An earn rule."""

    partner_key: strawberry.Private[UUID]
    programme_key: strawberry.Private[UUID]
    budget_key: strawberry.Private[rules.RuleBudget | None]
    category: str | None
    rate_bps: int = strawberry.field(description="Of the purchase, in 1/10,000.")
    requires_activation: bool
    starts_at: datetime
    ends_at: datetime | None
    value_lifetime_days: int | None = strawberry.field(
        description="What it earns lapses so many days after it became available; null: never."
    )
    funding: list[RuleFunding]

    @strawberry.field(description="Where the purchases are made.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.partner_key)
        return found

    @strawberry.field(description="The scheme it belongs to.")
    async def programme(self, info: Info) -> Programme | None:
        """Find the programme."""
        found: Programme | None = await load_one(info.context, "Programme", self.programme_key)
        return found

    @strawberry.field(description="What it may pay in all; null where nothing bounds it.")
    async def budget(self, info: Info) -> RuleBudget | None:
        """Read the budget, together with those of other rules."""
        context: Context = info.context

        async def load(keys: list[rules.RuleBudget]) -> list[RuleBudget]:
            units = {one.budget_id: one.currency for one in keys}
            async with context.reading() as db:
                found = await budgets.read_budget_balances(
                    db, network_id=context.network_id, units=units
                )
            return [RuleBudget.from_domain(found[one.budget_id]) for one in keys]

        if self.budget_key is None:
            return None
        loader: DataLoader[Any, RuleBudget] = context.loader("EarnRule.budget", load)
        return await loader.load(self.budget_key)

    @classmethod
    def from_domain(cls, network_id: int, one: rules.EarnRule) -> "EarnRule":
        """Show a rule."""
        return cls(
            id=id_of("EarnRule", network_id, one.rule_id),
            partner_key=one.partner_id,
            programme_key=one.programme_id,
            budget_key=one.budget,
            category=one.category,
            rate_bps=one.rate_bps,
            requires_activation=one.requires_activation,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            value_lifetime_days=one.lifetime_days,
            funding=[RuleFunding(partner_key=s.partner_id, weight=s.weight) for s in one.funding],
        )


@node_kind("EarnRule", allow=PARTNER | STAFF)
async def load_rules(context: Context, keys: Sequence[UUID]) -> dict[UUID, EarnRule]:
    """Find rules; a partner finds those of its own shops."""
    async with context.reading() as db:
        found = await read_rules(db, network_id=context.network_id, rule_ids=keys)
    return {key: EarnRule.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of rules."""

    @query(allow=PARTNER | STAFF)
    async def earn_rules(
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        in_force: bool = True,
    ) -> Connection[EarnRule]:
        """Earn rules, the earliest published first; a partner sees those of its own shops."""
        context: Context = info.context
        page = page_of(first=first, after=after, last=last, before=before)

        async def read(page: Page) -> list[rules.EarnRule]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await list_rules(
                    db,
                    network_id=context.network_id,
                    partner_id=None,
                    at=context.now if in_force else None,
                    after=None if page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    newest_first=page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page,
            read=read,
            key=lambda one: (one.rule_id.hex,),
            show=lambda one: EarnRule.from_domain(context.network_id, one),
        )
        return Connection(edges=edges, page_info=page_info)


@strawberry.input(description="A funder and its weight; without a partner it is the network.")
class RuleFundingInput:
    """A funding share."""

    partner_id: strawberry.ID | None = None
    weight: int = 1


@strawberry.input(description="What is to be earned, where, when, and who pays.")
class PublishEarnRuleInput:
    """Input of publishEarnRule."""

    idempotency_key: str
    partner_id: strawberry.ID
    rate_bps: int = strawberry.field(description="Of the purchase, in 1/10,000.")
    category: str | None = None
    requires_activation: bool = False
    funding: list[RuleFundingInput] | None = strawberry.field(
        default=None, description="The partner alone, if not given."
    )
    starts_at: datetime | None = strawberry.field(default=None, description="Now, if not given.")
    ends_at: datetime | None = None
    programme_id: strawberry.ID | None = strawberry.field(
        default=None, description="The network's own programme, if not given."
    )
    value_lifetime_days: int | None = strawberry.field(
        default=None,
        description="What it earns lapses so many days after it became available; never, if not given.",
    )
    budget: MoneyInput | None = strawberry.field(
        default=None,
        description="What it may pay in all, in the currency of the partner's agreement; without"
        " bound, if not given. It can only be raised.",
    )


@strawberry.type
class PublishEarnRulePayload(Payload):
    """The rule."""

    earn_rule: EarnRule | None = None


@strawberry.input(description="The rule and the new cap of its budget.")
class RaiseEarnRuleBudgetInput:
    """Input of raiseEarnRuleBudget."""

    idempotency_key: str
    earn_rule_id: strawberry.ID
    cap: MoneyInput = strawberry.field(
        description="What it may pay in all, with what it paid before; above the present cap."
    )


@strawberry.type
class RaiseEarnRuleBudgetPayload(Payload):
    """The rule."""

    earn_rule: EarnRule | None = None


@strawberry.type
class Mutation:
    """Setting rules up."""

    @mutation(allow=OPERATOR)
    async def publish_earn_rule(
        self,
        info: Info,
        input: PublishEarnRuleInput,  # noqa: A002
    ) -> PublishEarnRulePayload:
        """Let purchases at a partner earn. Of the rules in force the highest rate counts."""
        context: Context = info.context
        start, end = input.starts_at, input.ends_at

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            partner_id = key_of(context, input.partner_id, "Partner", path=("partnerId",))
            made = await rules.publish_rule(
                db,
                network_id=own_network(context),
                partner_id=partner_id,
                category=input.category,
                rate_bps=input.rate_bps,
                requires_activation=input.requires_activation,
                funding=_funding(context, partner_id, input.funding),
                starts_at=context.now if start is None else instant(start, "startsAt"),
                ends_at=None if end is None else instant(end, "endsAt"),
                programme_id=_programme(context, input.programme_id),
                lifetime_days=input.value_lifetime_days,
                budget=_budget(context, input.budget),
                now=context.now,
            )
            return {"rule": made.rule_id}

        done = await perform(info, mutation="publishEarnRule", input=input, work=work)
        return PublishEarnRulePayload(
            earn_rule=await done.load(info, "EarnRule", "rule"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=OPERATOR)
    async def raise_earn_rule_budget(
        self,
        info: Info,
        input: RaiseEarnRuleBudgetInput,  # noqa: A002
    ) -> RaiseEarnRuleBudgetPayload:
        """Let a rule pay more in all. Purchases that it was passed over for stay as they are."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            raised = await rules.raise_rule_budget(
                db,
                network_id=own_network(context),
                rule_id=key_of(context, input.earn_rule_id, "EarnRule", path=("earnRuleId",)),
                cap=input.cap.amount("cap"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"rule": raised.rule_id}

        done = await perform(info, mutation="raiseEarnRuleBudget", input=input, work=work)
        return RaiseEarnRuleBudgetPayload(
            earn_rule=await done.load(info, "EarnRule", "rule"),
            problems=done.problems,
            replayed=done.replayed,
        )


def _budget(context: Context, given: MoneyInput | None) -> rules.BudgetGrant | None:
    if given is None:
        return None
    return rules.BudgetGrant(given.amount("budget"), context.known_caller.identity)


def _programme(context: Context, given: strawberry.ID | None) -> UUID | None:
    return None if given is None else key_of(context, given, "Programme", path=("programmeId",))


def _funding(
    context: Context, partner_id: UUID, given: Sequence[RuleFundingInput] | None
) -> list[FundingShare]:
    if given is None:
        return [FundingShare("partner", partner_id, 1)]
    return [
        FundingShare("network", None, one.weight)
        if one.partner_id is None
        else FundingShare(
            "partner",
            key_of(context, one.partner_id, "Partner", path=("funding", "partnerId")),
            one.weight,
        )
        for one in given
    ]
