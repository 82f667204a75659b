"""What becomes of members' debts: the network's policy."""

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
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from partners import debts

register_problems(
    (
        Rule(
            debts.DebtPolicyInvalid,
            ProblemCode.INVALID_INPUT,
            "Writing off and recharging come 1 to 3650 days after a debt arose; what waits for"
            " earning has no days.",
            "يكون الشطب أو التحميل على المموّل بعد 1 إلى 3650 يومًا من نشوء الدين؛ وما ينتظر"
            " الاستحقاقات القادمة لا أيام له.",
        ),
    )
)

strawberry.enum(
    debts.DebtTreatment,
    description="What becomes of a debt that later earning did not pay in time.",
)


@strawberry.federation.type(
    keys=["id"],
    description="What becomes of value that members spent before its purchase came back.",
)
class DebtPolicy(Node):
    """A debt policy."""

    treatment: debts.DebtTreatment
    after_days: int | None = strawberry.field(
        description="How long later earning may pay a debt first; null: for ever."
    )
    published_by: str
    published_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: debts.DebtPolicy) -> Self:
        """Show a policy."""
        return cls(
            id=id_of("DebtPolicy", network_id, one.policy_id),
            treatment=one.treatment,
            after_days=one.after_days,
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("DebtPolicy", allow=STAFF)
async def load_policies(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, DebtPolicy]:
    """Find debt policies."""
    async with context.reading() as db:
        found = await debts.read_debt_policies(db, network_id=context.network_id, policy_ids=keys)
    return {key: DebtPolicy.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of debt policies."""

    @query(allow=STAFF)
    async def debt_policy(self, info: Info) -> DebtPolicy | None:
        """The debt policy in force; null: debts wait for later earning."""
        context: Context = info.context
        async with context.reading() as db:
            found = await debts.find_debt_policy(db, network_id=context.network_id)
        return None if found is None else DebtPolicy.from_domain(context.network_id, found)


@strawberry.input
class PublishDebtPolicyInput:
    """What becomes of debts, and after how many days."""

    idempotency_key: str
    treatment: debts.DebtTreatment
    after_days: int | None = strawberry.field(
        default=None, description="Needed unless debts wait for later earning; 1 to 3650."
    )


@strawberry.type
class PublishDebtPolicyPayload(Payload):
    """The debt policy, or why there is none."""

    debt_policy: DebtPolicy | None = None


@strawberry.type
class Mutation:
    """Setting up what becomes of debts."""

    @mutation(allow=OPERATOR)
    async def publish_debt_policy(
        self,
        info: Info,
        input: PublishDebtPolicyInput,  # noqa: A002
    ) -> PublishDebtPolicyPayload:
        """Say what becomes of debts from now on, those that stand too."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            policy = await debts.publish_debt_policy(
                db,
                network_id=context.network_id,
                treatment=input.treatment,
                after_days=input.after_days,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"debt_policy": policy.policy_id}

        done = await perform(info, mutation="publishDebtPolicy", input=input, work=work)
        policy: Any = await done.load(info, "DebtPolicy", "debt_policy")
        return PublishDebtPolicyPayload(
            debt_policy=policy, problems=done.problems, replayed=done.replayed
        )
