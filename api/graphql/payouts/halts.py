"""Halts: what the books' breach has stopped, and the one act by which it goes on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, node_kind
from api.graphql.permissions import CHECKER, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import bounded
from payouts import halts as domain

HALTS_MAX = 100
_INT_MAX = 2**31 - 1

register_problems(
    (
        Rule(
            domain.Halted,
            ProblemCode.HALTED,
            "Payouts and card codes are paused, because a check of the books found something that"
            " does not add up. Your money is safe and was not touched. Nothing changed: send the"
            " same request again later. The finance team looks into it.",
            "أُوقفت المدفوعات ورموز البطاقات مؤقتًا لأن فحص الدفاتر وجد ما لا يتطابق. أموالك آمنة ولم"
            " تُمسّ. لم يتغير شيء: أعد إرسال الطلب نفسه لاحقًا. فريق المالية يبحث في الأمر.",
        ),
        Rule(
            domain.HaltNotFound,
            ProblemCode.NOT_FOUND,
            "There is no such halt.",
            "لا يوجد إيقاف بهذا المعرّف.",
        ),
        Rule(
            domain.HaltIsLifted,
            ProblemCode.STATE_CONFLICT,
            "The halt was lifted before. Nothing changed.",
            "رُفع الإيقاف من قبل. لم يتغير شيء.",
        ),
    )
)


@strawberry.federation.type(
    keys=["id"],
    description="Payouts and code delivery stopped, because a promise of the books was found broken.",
)
class Halt(Node):
    """A halt."""

    invariant: str = strawberry.field(description="The promise that was broken, by its name.")
    breaches: int = strawberry.field(description="How many rows broke it.")
    every_network: bool = strawberry.field(
        description="True when it stops all networks; only the platform's staff can lift it."
    )
    opened_at: datetime
    lifted_at: datetime | None = strawberry.field(description="Null while it stops anything.")
    lifted_by: str | None
    reason: str | None = strawberry.field(description="Why it was lifted.")

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Halt) -> "Halt":
        """Show a halt."""
        return cls(
            id=id_of("Halt", network_id, one.halt_id),
            invariant=one.invariant,
            breaches=min(one.breaches, _INT_MAX),
            every_network=one.network_id == domain.ALL_NETWORKS,
            opened_at=one.opened_at,
            lifted_at=one.lifted_at,
            lifted_by=one.lifted_by,
            reason=one.reason,
        )


@node_kind("Halt", allow=STAFF)
async def load_halts(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Halt]:
    """Find halts of the network, and those of all networks."""
    async with context.reading() as db:
        found = await domain.read_halts(db, network_id=context.network_id, halt_ids=keys)
    return {key: Halt.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Looking at halts."""

    @query(allow=STAFF)
    async def halts(
        self,
        info: Info,
        open: Annotated[  # noqa: A002 the contract's word
            bool | None,
            strawberry.argument(description="True: only those that stop something now."),
        ] = None,
    ) -> list[Halt]:
        """What stops or stopped payouts and code delivery, the newest first, at most 100."""
        context: Context = info.context
        async with context.reading() as db:
            found = await domain.list_halts(
                db, network_id=context.network_id, is_open=open, limit=HALTS_MAX
            )
        return [Halt.from_domain(context.network_id, one) for one in found]


@strawberry.input
class LiftHaltInput:
    """Which halt, and why payouts and codes may go on."""

    idempotency_key: str
    halt_id: strawberry.ID
    reason: str = strawberry.field(description="What was found and done; kept for the auditor.")


@strawberry.type
class LiftHaltPayload(Payload):
    """The lifted halt, or why it still stands."""

    halt: Halt | None = None


@strawberry.type
class Mutation:
    """Lifting halts."""

    @mutation(allow=CHECKER)
    async def lift_halt(
        self,
        info: Info,
        input: LiftHaltInput,  # noqa: A002
    ) -> LiftHaltPayload:
        """Let payouts and codes go on; recorded. A promise still broken stops them again."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            reason = bounded(input.reason, "reason", longest=domain.REASON_LENGTH_MAX)
            halt = await domain.lift_halt(
                db,
                network_id=context.network_id,
                halt_id=key_of(context, input.halt_id, "Halt", path=("haltId",)),
                actor=context.known_caller.identity,
                reason=reason,
                now=context.now,
            )
            return {"halt": halt.halt_id}

        done = await perform(info, mutation="liftHalt", input=input, work=work)
        halt: Any = await done.load(info, "Halt", "halt")
        return LiftHaltPayload(halt=halt, problems=done.problems, replayed=done.replayed)
