"""Assortments: what programmes show, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.eligibility import Eligibility
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import GlobalId, Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.programmes import Programme
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import Money, MoneyInput, bounded, instant, show_money
from catalog import assortments as domain
from partners.members import read_members

NAME_LENGTH_MAX = 200

register_problems(
    (
        Rule(
            domain.AssortmentInvalid,
            ProblemCode.INVALID_INPUT,
            "The assortment cannot be published as described. Nothing changed.",
            "لا يمكن نشر التشكيلة بهذا الوصف. لم يتغير شيء.",
        ),
    )
)


@strawberry.type(description="A rule; it matches what fits all that it names. Null: everything.")
class AssortmentRule:
    """A rule as it was published."""

    number: int
    effect: domain.Effect
    brand_ids: list[strawberry.ID] | None
    categories: list[str] | None
    countries: list[str] | None
    cost_min: Money | None
    cost_max: Money | None
    tiers: list[str] | None
    segments: list[str] | None
    starts_at: datetime | None
    ends_at: datetime | None
    early_access_for: list[str] | None

    @classmethod
    def from_domain(cls, network_id: int, number: int, one: domain.AssortmentRule) -> Self:
        """Show a rule."""
        brands = one.brand_ids
        return cls(
            number=number,
            effect=one.effect,
            brand_ids=None
            if brands is None
            else [id_of("Brand", network_id, key) for key in brands],
            categories=_list(one.categories),
            countries=_list(one.countries),
            cost_min=None if one.cost_min is None else show_money(one.cost_min),
            cost_max=None if one.cost_max is None else show_money(one.cost_max),
            tiers=_list(one.tiers),
            segments=_list(one.segments),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            early_access_for=_list(one.early_access_for),
        )


def _list(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)


@strawberry.federation.type(
    keys=["id"], description="What a programme shows; without rules everything."
)
class Assortment(Node):
    """A version of an assortment."""

    shown: strawberry.Private[domain.Assortment]
    version: int = strawberry.field(description="Counts up; the newest is in force.")
    rules: list[AssortmentRule]
    published_by: str
    published_at: datetime

    @strawberry.field(
        description="When one of its rules next begins or ends, and so what it shows may change"
        " without anybody's doing; null when none does."
    )
    def changes_at(self, info: Info) -> datetime | None:
        """Tell the next such instant."""
        context: Context = info.context
        return self.shown.changes_at(context.now)

    @strawberry.field(description="Which programme shows it.")
    async def programme(self, info: Info) -> Programme | None:
        """Find the programme."""
        found: Programme | None = await load_one(info.context, "Programme", self.shown.programme_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Assortment) -> Self:
        """Show an assortment."""
        return cls(
            id=id_of("Assortment", network_id, one.assortment_id),
            shown=one,
            version=one.version,
            rules=[
                AssortmentRule.from_domain(network_id, number, rule)
                for number, rule in enumerate(one.rules, 1)
            ],
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("Assortment", allow=STAFF)
async def load_assortments(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Assortment]:
    """Find assortments by id."""
    async with context.reading() as db:
        found = await domain.read_assortments(
            db, network_id=context.network_id, assortment_ids=keys
        )
    return {key: Assortment.from_domain(context.network_id, one) for key, one in found.items()}


def _named(context: Context, text: str, type_: str) -> UUID | None:
    """Read an id that a query names; None for whatever is not one of this network."""
    found = GlobalId.parse(text)
    is_ours = found is not None and (found.type, found.network_id) == (type_, context.network_id)
    return found.id if found is not None and is_ours else None


@strawberry.type
class Query:
    """Reads of assortments."""

    @query(allow=STAFF)
    async def assortment(self, info: Info, *, programme_id: strawberry.ID) -> Assortment | None:
        """What a programme shows; null while it shows everything."""
        context: Context = info.context
        key = _named(context, programme_id, "Programme")
        if key is None:
            return None
        async with context.reading() as db:
            found = await domain.find_assortment(
                db, network_id=context.network_id, programme_id=key
            )
        return None if found is None else Assortment.from_domain(context.network_id, found)

    @query(allow=STAFF)
    async def explain_assortment(
        self,
        info: Info,
        *,
        reward_id: strawberry.ID,
        member_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Without one: whoever is nobody's member."),
        ] = None,
    ) -> Eligibility | None:
        """What every rule in force says of a reward to a member; null when either is not there."""
        context: Context = info.context
        reward_key = _named(context, reward_id, "Reward")
        member_key = None if member_id is None else _named(context, member_id, "Member")
        if reward_key is None or (member_id is not None and member_key is None):
            return None
        async with context.reading() as db:
            if member_key is not None and not await read_members(
                db, network_id=context.network_id, member_ids=[member_key]
            ):
                return None
            viewer = await domain.find_viewer(
                db, network_id=context.network_id, member_id=member_key
            )
            found = await domain.explain_eligibility(
                db,
                network_id=context.network_id,
                viewer=viewer,
                reward_ids=[reward_key],
                now=context.now,
            )
        told = found.get(reward_key)
        return None if told is None else Eligibility.from_domain(context, told)


@strawberry.input(description="A rule; what it does not name fits. A DENY goes before every ALLOW.")
class AssortmentRuleInput:
    """A rule as it is sent."""

    effect: domain.Effect
    brands: list[strawberry.ID] | None = None
    categories: list[str] | None = None
    countries: list[str] | None = strawberry.field(
        default=None, description="Rewards that are offered in one of them."
    )
    cost_min: MoneyInput | None = strawberry.field(
        default=None,
        description="Rewards of this currency of cost whose dearest face costs that much.",
    )
    cost_max: MoneyInput | None = strawberry.field(
        default=None, description="And whose cheapest face costs no more than this."
    )
    tiers: list[str] | None = None
    segments: list[str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    early_access_for: list[str] | None = strawberry.field(
        default=None, description="Tiers or segments for which an ALLOW counts before it starts."
    )

    def read(self, context: Context) -> domain.AssortmentRule:
        """Read the rule; raises a refusal."""
        path = "rules"
        return domain.AssortmentRule(
            effect=self.effect,
            brand_ids=None
            if self.brands is None
            else tuple(key_of(context, one, "Brand", path=(path,)) for one in self.brands),
            categories=_names(self.categories),
            countries=_names(self.countries, longest=2),
            cost_min=None if self.cost_min is None else self.cost_min.amount(path),
            cost_max=None if self.cost_max is None else self.cost_max.amount(path),
            tiers=_names(self.tiers),
            segments=_names(self.segments),
            starts_at=None if self.starts_at is None else instant(self.starts_at, path),
            ends_at=None if self.ends_at is None else instant(self.ends_at, path),
            early_access_for=_names(self.early_access_for),
        )


def _names(names: list[str] | None, *, longest: int = NAME_LENGTH_MAX) -> tuple[str, ...] | None:
    if names is None:
        return None
    return tuple(bounded(one, "rules", longest=longest) for one in names)


@strawberry.input(description="All rules of the programme; none: it shows everything.")
class PublishAssortmentInput:
    """Input of publishAssortment."""

    idempotency_key: str
    programme_id: strawberry.ID
    rules: list[AssortmentRuleInput]


@strawberry.type
class PublishAssortmentPayload(Payload):
    """The assortment, or why there is none."""

    assortment: Assortment | None = None


@strawberry.type
class Mutation:
    """Publishing assortments."""

    @mutation(allow=OPERATOR)
    async def publish_assortment(
        self,
        info: Info,
        input: PublishAssortmentInput,  # noqa: A002
    ) -> PublishAssortmentPayload:
        """Say which rewards a programme shows from now on; what was quoted stays quoted."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.publish_assortment(
                db,
                network_id=context.network_id,
                programme_id=key_of(
                    context, input.programme_id, "Programme", path=("programmeId",)
                ),
                rules=[one.read(context) for one in input.rules],
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"assortment": made.assortment_id}

        done = await perform(info, mutation="publishAssortment", input=input, work=work)
        assortment: Any = await done.load(info, "Assortment", "assortment")
        return PublishAssortmentPayload(
            assortment=assortment, problems=done.problems, replayed=done.replayed
        )
