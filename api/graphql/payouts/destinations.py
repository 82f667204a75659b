"""Changes of where a payee's money goes: noticed, approved by a second person, capped at first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.payouts.disbursement import PayoutPayload
from api.graphql.payouts.pages import is_staff
from api.graphql.permissions import (
    AUDITOR,
    CHECKER,
    FINANCE,
    MEMBER,
    OPERATOR,
    PARTNER,
    STAFF,
    Payload,
    mutation,
    query,
)
from payouts import disbursement

CHANGES_MAX = 100
strawberry.enum(
    disbursement.PayoutRail,
    description="How payouts leave: through Stripe, or by files for the network's own bank.",
)
strawberry.enum(
    disbursement.ChangeState,
    name="DestinationChangeState",
    description="Where a change of destination stands.",
)


@strawberry.federation.type(
    keys=["id"], description="Notice that a payee's money is asked to go elsewhere than before."
)
class DestinationChange(Node):
    """A change of destination."""

    shown: strawberry.Private[disbursement.DestinationChange]
    state: disbursement.ChangeState
    old_hash: str = strawberry.field(description="Hash of the destination that was in force.")
    new_hash: str = strawberry.field(description="Hash of the destination that is asked for.")
    proposed_at: datetime
    effective_at: datetime = strawberry.field(
        description="The end of the cool-down: nothing is paid to the new destination before."
    )
    decided_at: datetime | None
    in_force_at: datetime | None

    @strawberry.field(description="The partner whose money it is; null for a member.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The member whose money it is; null for a partner.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @strawberry.field(
        description="Who asked for it; `payee:` and an id for whoever holds the account at the"
        " provider. For staff."
    )
    def proposed_by(self, info: Info) -> str | None:
        """Show who asked."""
        return self.shown.proposed_by if is_staff(info) else None

    @strawberry.field(description="Who approved or refused it; for staff.")
    def decided_by(self, info: Info) -> str | None:
        """Show who decided."""
        return self.shown.decided_by if is_staff(info) else None

    @classmethod
    def from_domain(
        cls, network_id: int, one: disbursement.DestinationChange
    ) -> "DestinationChange":
        """Show a change of destination."""
        return cls(
            id=id_of("DestinationChange", network_id, one.change_id),
            shown=one,
            state=one.state,
            old_hash=one.old_hash,
            new_hash=one.new_hash,
            proposed_at=one.proposed_at,
            effective_at=one.effective_at,
            decided_at=one.decided_at,
            in_force_at=one.in_force_at,
        )


@node_kind("DestinationChange", allow=PARTNER | MEMBER | OPERATOR | FINANCE | AUDITOR)
async def load_changes(context: Context, keys: Sequence[UUID]) -> dict[UUID, DestinationChange]:
    """Find changes of destination of the caller's scope."""
    async with context.reading() as db:
        found = await disbursement.list_destination_changes(
            db, network_id=context.network_id, change_ids=keys, limit=len(keys)
        )
    return {one.change_id: DestinationChange.from_domain(context.network_id, one) for one in found}


async def changes_of(context: Context, payee_id: UUID) -> list[DestinationChange]:
    """List the changes of one payee, the newest first."""
    async with context.reading() as db:
        found = await disbursement.list_destination_changes(
            db, network_id=context.network_id, payee_id=payee_id, limit=CHANGES_MAX
        )
    return [DestinationChange.from_domain(context.network_id, one) for one in found]


@strawberry.federation.type(
    keys=["id"],
    description="How a network's payouts leave, and how long a change of destination is on notice.",
)
class DestinationPolicy(Node):
    """A policy of destinations."""

    cooldown_hours: int
    rail: disbursement.PayoutRail
    published_by: str
    published_at: datetime


@node_kind("DestinationPolicy", allow=STAFF)
async def load_policies(context: Context, keys: Sequence[UUID]) -> dict[UUID, DestinationPolicy]:
    """Find policies of destinations."""
    shown: dict[UUID, DestinationPolicy] = {}
    async with context.reading() as db:
        for key in keys:
            one = await disbursement.find_destination_policy(
                db, network_id=context.network_id, policy_id=key
            )
            if one is not None:
                shown[key] = DestinationPolicy(
                    id=id_of("DestinationPolicy", context.network_id, key),
                    cooldown_hours=one.cooldown // timedelta(hours=1),
                    rail=one.rail,
                    published_by=one.published_by,
                    published_at=one.published_at,
                )
    return shown


@strawberry.type
class Query:
    """Looking at changes of destination."""

    @query(allow=STAFF)
    async def destination_changes(
        self, info: Info, states: list[disbursement.ChangeState] | None = None
    ) -> list[DestinationChange]:
        """Changes of where payees' money goes, the newest first, at most 100."""
        context: Context = info.context
        async with context.reading() as db:
            found = await disbursement.list_destination_changes(
                db,
                network_id=context.network_id,
                states=[one.value for one in states or ()],
                limit=CHANGES_MAX,
            )
        return [DestinationChange.from_domain(context.network_id, one) for one in found]


@strawberry.input
class ApproveDestinationChangeInput:
    """Which change of destination is agreed to."""

    idempotency_key: str
    destination_change_id: strawberry.ID


@strawberry.input
class RefuseDestinationChangeInput:
    """Which change of destination shall not happen."""

    idempotency_key: str
    destination_change_id: strawberry.ID


@strawberry.type
class DestinationChangePayload(Payload):
    """The change of destination, or why nothing changed."""

    destination_change: DestinationChange | None = None


@strawberry.input
class ReleasePayoutInput:
    """Which held payout is released."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.input
class PublishDestinationPolicyInput:
    """How long changes that are asked for from now on are on notice: 0 to 720 hours."""

    idempotency_key: str
    cooldown_hours: int
    rail: disbursement.PayoutRail = strawberry.field(
        default=disbursement.PayoutRail.STRIPE,
        description="How payouts leave that begin from now on.",
    )


@strawberry.type
class PublishDestinationPolicyPayload(Payload):
    """The policy of destinations, or why there is none."""

    destination_policy: DestinationPolicy | None = None


async def _decided(info: Info, name: str, given: Any, decide: Any) -> DestinationChangePayload:
    context: Context = info.context

    async def work(db: AsyncConnection) -> dict[str, UUID]:
        change = await decide(
            db,
            network_id=context.network_id,
            change_id=key_of(
                context,
                given.destination_change_id,
                "DestinationChange",
                path=("destinationChangeId",),
            ),
            actor=context.known_caller.identity,
            now=context.now,
        )
        return {"destination_change": change.change_id}

    done = await perform(info, mutation=name, input=given, work=work)
    change: Any = await done.load(info, "DestinationChange", "destination_change")
    return DestinationChangePayload(
        destination_change=change, problems=done.problems, replayed=done.replayed
    )


@strawberry.type
class Mutation:
    """Deciding on changes of destination, and releasing what they hold."""

    @mutation(allow=CHECKER)
    async def approve_destination_change(
        self,
        info: Info,
        input: ApproveDestinationChangeInput,  # noqa: A002
    ) -> DestinationChangePayload:
        """Let a payee's money go to its new destination once the cool-down is over."""
        decide = disbursement.approve_destination_change
        return await _decided(info, "approveDestinationChange", input, decide)

    @mutation(allow=CHECKER)
    async def refuse_destination_change(
        self,
        info: Info,
        input: RefuseDestinationChangeInput,  # noqa: A002
    ) -> DestinationChangePayload:
        """Keep a payee's money from its new destination, also after an approval not yet in force.

        While the provider still sends that payee's money there, its payouts stay held.
        """
        decide = disbursement.refuse_destination_change
        return await _decided(info, "refuseDestinationChange", input, decide)

    @mutation(allow=CHECKER)
    async def release_payout(
        self,
        info: Info,
        input: ReleasePayoutInput,  # noqa: A002
    ) -> PayoutPayload:
        """Let a first payout to a new destination go that exceeds the cap."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            payout = await disbursement.release_payout(
                db,
                network_id=context.network_id,
                payout_id=key_of(context, input.payout_id, "Payout", path=("payoutId",)),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"payout": payout.payout_id}

        done = await perform(info, mutation="releasePayout", input=input, work=work)
        payout: Any = await done.load(info, "Payout", "payout")
        return PayoutPayload(payout=payout, problems=done.problems, replayed=done.replayed)

    @mutation(allow=OPERATOR)
    async def publish_destination_policy(
        self,
        info: Info,
        input: PublishDestinationPolicyInput,  # noqa: A002
    ) -> PublishDestinationPolicyPayload:
        """Say how payouts leave, and how long changes of destination are on notice.

        Changes that are on notice keep their end; a payout that was begun goes on as it began.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            policy = await disbursement.publish_destination_policy(
                db,
                network_id=context.network_id,
                cooldown=timedelta(hours=input.cooldown_hours),
                rail=input.rail,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"destination_policy": policy.policy_id}

        done = await perform(info, mutation="publishDestinationPolicy", input=input, work=work)
        policy: Any = await done.load(info, "DestinationPolicy", "destination_policy")
        return PublishDestinationPolicyPayload(
            destination_policy=policy, problems=done.problems, replayed=done.replayed
        )
