"""Commands that bring rewards from one state into another."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.rewards import Reward
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import key_of
from api.graphql.permissions import OPERATOR, PARTNER, Payload, mutation
from api.graphql.scalars import instant
from catalog import rewards as domain


@strawberry.input
class SubmitRewardInput:
    """Which draft."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.type
class SubmitRewardPayload(Payload):
    """The reward, or what it lacks."""

    reward: Reward | None = None


@strawberry.input
class ApproveRewardInput:
    """Which reward, and when it goes live."""

    idempotency_key: str
    reward_id: strawberry.ID
    at: datetime | None = strawberry.field(
        default=None, description="When it comes on sale; null, or what is over: at once."
    )


@strawberry.type
class ApproveRewardPayload(Payload):
    """The reward, on sale or scheduled, or why it was not approved."""

    reward: Reward | None = None


@strawberry.input
class RejectRewardInput:
    """Which reward, and why."""

    idempotency_key: str
    reward_id: strawberry.ID
    reason: str = strawberry.field(description="At most 500 characters.")


@strawberry.type
class RejectRewardPayload(Payload):
    """The reward, or why it was not rejected."""

    reward: Reward | None = None


@strawberry.input
class UnscheduleRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.type
class UnscheduleRewardPayload(Payload):
    """The reward, a draft again, or why it stays scheduled."""

    reward: Reward | None = None


@strawberry.input
class PauseRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.type
class PauseRewardPayload(Payload):
    """The reward, or why it was not paused."""

    reward: Reward | None = None


@strawberry.input
class ResumeRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.type
class ResumeRewardPayload(Payload):
    """The reward, or why it was not resumed."""

    reward: Reward | None = None


@strawberry.input
class SuspendRewardInput:
    """Which reward, and why."""

    idempotency_key: str
    reward_id: strawberry.ID
    reason: str = strawberry.field(
        description="At most 500 characters; the staff and the reward's partner read it."
    )


@strawberry.type
class SuspendRewardPayload(Payload):
    """The reward, or why it was not suspended."""

    reward: Reward | None = None


@strawberry.input
class ReinstateRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.type
class ReinstateRewardPayload(Payload):
    """The reward, paused, or why it was not reinstated."""

    reward: Reward | None = None


@strawberry.input
class AnnounceRewardRetirementInput:
    """Which reward, and until when it can be got."""

    idempotency_key: str
    reward_id: strawberry.ID
    sunset_at: datetime


@strawberry.type
class AnnounceRewardRetirementPayload(Payload):
    """The reward, or why nothing was announced."""

    reward: Reward | None = None


class _About(Protocol):
    reward_id: strawberry.ID


T = TypeVar("T", bound=Payload)


async def _command(
    info: Info,
    payload: type[T],
    name: str,
    input: _About,  # noqa: A002
    command: Callable[..., Awaitable[object]],
    given: Callable[[], Mapping[str, object]] = dict,
) -> T:
    """Give a command to the reward that the input names, and show what became of it.

    `given` is what else the command takes; what is wrong with it is a problem like any other.
    """
    context: Context = info.context

    async def work(db: AsyncConnection) -> dict[str, UUID]:
        key = key_of(context, input.reward_id, "Reward", path=("reward_id",))
        await command(
            db,
            network_id=context.network_id,
            reward_id=key,
            actor=context.known_caller.identity,
            now=context.now,
            **given(),
        )
        return {"reward": key}

    done = await perform(info, mutation=name, input=input, work=work)
    reward: Any = await done.load(info, "Reward", "reward")
    return payload(  # each of these payloads has a reward
        reward=reward,  # type: ignore[call-arg]
        problems=done.problems,
        replayed=done.replayed,
    )


@strawberry.type
class Mutation:
    """The life of rewards."""

    @mutation(allow=OPERATOR)
    async def submit_reward(
        self,
        info: Info,
        input: SubmitRewardInput,  # noqa: A002
    ) -> SubmitRewardPayload:
        """Ask for somebody else's approval of a draft. It needs its title and its terms in English and in
        Arabic; each that is missing is a problem. Until it is decided nothing of it changes.
        """
        return await _command(
            info, SubmitRewardPayload, "submitReward", input, domain.submit_reward
        )

    @mutation(allow=OPERATOR)
    async def approve_reward(
        self,
        info: Info,
        input: ApproveRewardInput,  # noqa: A002
    ) -> ApproveRewardPayload:
        """Put a reviewed reward on sale, at once or at an instant to come; by somebody else than who
        submitted it.
        """
        return await _command(
            info,
            ApproveRewardPayload,
            "approveReward",
            input,
            domain.approve_reward,
            lambda: {"at": None if input.at is None else instant(input.at, "at")},
        )

    @mutation(allow=OPERATOR)
    async def reject_reward(
        self,
        info: Info,
        input: RejectRewardInput,  # noqa: A002
    ) -> RejectRewardPayload:
        """Refuse a submitted version for ever, by somebody else than who submitted it; a revision makes
        another, a draft again.
        """
        return await _command(
            info,
            RejectRewardPayload,
            "rejectReward",
            input,
            domain.reject_reward,
            lambda: {"reason": input.reason},
        )

    @mutation(allow=OPERATOR)
    async def unschedule_reward(
        self,
        info: Info,
        input: UnscheduleRewardInput,  # noqa: A002
    ) -> UnscheduleRewardPayload:
        """Make a scheduled reward a draft again."""
        return await _command(
            info, UnscheduleRewardPayload, "unscheduleReward", input, domain.unschedule_reward
        )

    @mutation(allow=OPERATOR | PARTNER)
    async def pause_reward(
        self,
        info: Info,
        input: PauseRewardInput,  # noqa: A002
    ) -> PauseRewardPayload:
        """Take a reward off sale for a while; a partner pauses its own. What was got or paid for goes on."""
        return await _command(
            info,
            PauseRewardPayload,
            "pauseReward",
            input,
            domain.pause_reward,
            lambda: {"partner_id": info.context.known_caller.partner_id},
        )

    @mutation(allow=OPERATOR | PARTNER)
    async def resume_reward(
        self,
        info: Info,
        input: ResumeRewardInput,  # noqa: A002
    ) -> ResumeRewardPayload:
        """End a pause; a partner resumes its own. What its supplier took off sale meanwhile is RETIRED
        until the supplier offers it again.
        """
        return await _command(
            info,
            ResumeRewardPayload,
            "resumeReward",
            input,
            domain.resume_reward,
            lambda: {"partner_id": info.context.known_caller.partner_id},
        )

    @mutation(allow=OPERATOR)
    async def suspend_reward(
        self,
        info: Info,
        input: SuspendRewardInput,  # noqa: A002
    ) -> SuspendRewardPayload:
        """Take a reward off sale until the network reinstates it; nothing else brings it back."""
        return await _command(
            info,
            SuspendRewardPayload,
            "suspendReward",
            input,
            domain.suspend_reward,
            lambda: {"reason": input.reason},
        )

    @mutation(allow=OPERATOR)
    async def reinstate_reward(
        self,
        info: Info,
        input: ReinstateRewardInput,  # noqa: A002
    ) -> ReinstateRewardPayload:
        """End a suspension: the reward is paused, and may be resumed."""
        return await _command(
            info, ReinstateRewardPayload, "reinstateReward", input, domain.reinstate_reward
        )

    @mutation(allow=OPERATOR)
    async def announce_reward_retirement(
        self,
        info: Info,
        input: AnnounceRewardRetirementInput,  # noqa: A002
    ) -> AnnounceRewardRetirementPayload:
        """Say until when a reward can be got; it is listed until then, and retires. Another instant moves
        it.
        """
        return await _command(
            info,
            AnnounceRewardRetirementPayload,
            "announceRewardRetirement",
            input,
            domain.announce_retirement,
            lambda: {"sunset_at": instant(input.sunset_at, "sunsetAt")},
        )
