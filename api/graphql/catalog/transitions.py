"""What commands made of rewards: for the staff, and for the partner whose reward it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import Caller, CallerKind
from api.graphql.connection import Connection, Page, connect
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.permissions import PARTNER, STAFF
from catalog import rewards as domain

strawberry.enum(
    domain.RewardState,
    description="Where a reward is in its life; ACTIVE and, until its sunset, RETIRING are listed"
    " and can be got. PAUSED and SUSPENDED may come back; DRAFT, IN_REVIEW, REJECTED and SCHEDULED"
    " are known to staff alone.",
)
strawberry.enum(
    domain.RewardCommand,
    description="What brings a reward from one state into another. GO_LIVE and SUNSET come by the"
    " clock alone.",
)


@strawberry.federation.type(keys=["id"], description="What a command made of a reward.")
class RewardTransition(Node):
    """A transition; it is never changed."""

    of: strawberry.Private[domain.RewardTransition]
    number: int = strawberry.field(description="Counts the reward's transitions from 1.")
    command: domain.RewardCommand
    from_state: domain.RewardState
    to_state: domain.RewardState
    version: int = strawberry.field(description="The version that it was about.")
    actor: str | None = strawberry.field(
        description="Who gave the command. Partners see only themselves here, or null."
    )
    reason: str | None
    effective_at: datetime | None = strawberry.field(
        description="When it goes live, or its sunset, where the command said so."
    )
    submitted_by: str | None = strawberry.field(
        description="Whose submission this decided: never the actor's own. For staff alone."
    )
    made_at: datetime

    @strawberry.field(description="The reward as it is by now.")
    async def reward(self, info: Info) -> Node | None:
        """Find the reward."""
        found: Node | None = await load_one(info.context, "Reward", self.of.reward_id)
        return found

    @classmethod
    def from_domain(cls, caller: Caller, one: domain.RewardTransition) -> Self:
        """Show a transition as far as the caller may know who acted."""
        is_staff = caller.kind is CallerKind.STAFF
        return cls(
            id=id_of("RewardTransition", caller.network_id, one.reward_transition_id),
            of=one,
            number=one.number,
            command=one.command,
            from_state=one.from_state,
            to_state=one.to_state,
            version=one.version,
            actor=one.actor if is_staff or one.actor == caller.identity else None,
            reason=one.reason,
            effective_at=one.effective_at,
            submitted_by=one.submitted_by if is_staff else None,
            made_at=one.made_at,
        )


@node_kind("RewardTransition", allow=STAFF | PARTNER)
async def load_transitions(
    context: Context, keys: Sequence[UUID]
) -> Mapping[UUID, RewardTransition]:
    """Find transitions; a partner sees those of its own rewards."""
    async with context.reading() as db:
        found = await domain.read_transitions(
            db, network_id=context.network_id, transition_ids=keys
        )
    caller = context.known_caller
    return {key: RewardTransition.from_domain(caller, one) for key, one in found.items()}


async def transitions_of(
    context: Context, reward: domain.Reward, page: Page
) -> Connection[RewardTransition] | None:
    """Page through the life of a reward; None for whom it does not concern."""
    caller = context.known_caller
    is_own = caller.kind is CallerKind.PARTNER and caller.partner_id == reward.partner_id
    if caller.kind is not CallerKind.STAFF and not is_own:
        return None

    async def read(page: Page) -> list[domain.RewardTransition]:
        place = _number_in(page)
        async with context.reading() as db:
            return await domain.list_transitions(
                db,
                network_id=context.network_id,
                reward_id=reward.reward_id,
                after=None if page.is_backwards else place,
                before=place if page.is_backwards else None,
                newest_first=page.is_backwards,
                limit=page.rows_wanted,
            )

    edges, page_info = await connect(
        page,
        read=read,
        key=lambda one: (one.number,),
        show=lambda one: RewardTransition.from_domain(caller, one),
    )
    return Connection(edges=edges, page_info=page_info)


def _number_in(page: Page) -> int | None:
    if page.key is None:
        return None
    (number,) = page.key
    if type(number) is not int or not 0 <= number < 2**31:
        raise ValueError("a place is a number")
    return number
