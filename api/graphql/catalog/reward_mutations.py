"""Making, publishing and retiring rewards, and switching offers on."""

from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.reward_input import RewardInput
from api.graphql.catalog.rewards import OfferReward, Reward
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import key_of
from api.graphql.permissions import MEMBER, OPERATOR, Payload, mutation
from catalog import offers, rewards, stocks

DEFAULT_RANK = 1_000


@strawberry.input
class CreateRewardInput:
    """The reward, whose it is, and its place in the catalogue."""

    idempotency_key: str
    reward: RewardInput
    brand_id: strawberry.ID | None = None
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who provides the experience or makes the offer."
    )
    rank: int = strawberry.field(
        default=DEFAULT_RANK, description="Lower ones are listed first; then older ones."
    )


@strawberry.input
class ReviseRewardInput:
    """The reward and everything its new version says."""

    idempotency_key: str
    reward_id: strawberry.ID
    reward: RewardInput


@strawberry.input
class PublishRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.input
class SetCardStockInput:
    """Which card of the network's own, and how many can be got."""

    idempotency_key: str
    reward_id: strawberry.ID
    cards_left: int | None = strawberry.field(
        default=None, description="From now on; null: as many as are wanted."
    )


@strawberry.type
class SetCardStockPayload(Payload):
    """The reward, or why nothing changed."""

    reward: Reward | None = None


@strawberry.input
class RetireRewardInput:
    """Which reward."""

    idempotency_key: str
    reward_id: strawberry.ID


@strawberry.input
class ActivateOfferInput:
    """Which offer."""

    idempotency_key: str
    offer_id: strawberry.ID


@strawberry.type
class CreateRewardPayload(Payload):
    """The reward, or why there is none."""

    reward: Reward | None = None


@strawberry.type
class ReviseRewardPayload(Payload):
    """The reward as it is on sale, or why it was not revised."""

    reward: Reward | None = None


@strawberry.type
class PublishRewardPayload(Payload):
    """The reward, or why it is not on sale."""

    reward: Reward | None = None


@strawberry.type
class RetireRewardPayload(Payload):
    """The reward, or why it was not retired."""

    reward: Reward | None = None


@strawberry.type
class ActivateOfferPayload(Payload):
    """The offer, or why it was not switched on."""

    offer: OfferReward | None = None


def _key(context: Context, text: strawberry.ID | None, type_: str, path: str) -> UUID | None:
    return None if text is None else key_of(context, text, type_, path=(path,))


@strawberry.type
class Mutation:
    """Setting up the catalogue, and choosing from it."""

    @mutation(allow=OPERATOR)
    async def create_reward(
        self,
        info: Info,
        input: CreateRewardInput,  # noqa: A002
    ) -> CreateRewardPayload:
        """Add a reward as a draft; nobody but staff sees it until it is published."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await rewards.create_reward(
                db,
                network_id=context.network_id,
                draft=input.reward.draft(context),
                brand_id=_key(context, input.brand_id, "Brand", "brand_id"),
                partner_id=_key(context, input.partner_id, "Partner", "partner_id"),
                rank=input.rank,
                now=context.now,
            )
            return {"reward": made.reward_id}

        done = await perform(info, mutation="createReward", input=input, work=work)
        reward: Any = await done.load(info, "Reward", "reward")
        return CreateRewardPayload(reward=reward, problems=done.problems, replayed=done.replayed)

    @mutation(allow=OPERATOR)
    async def set_card_stock(
        self,
        info: Info,
        input: SetCardStockInput,  # noqa: A002
    ) -> SetCardStockPayload:
        """Let so many cards of the network's own be got from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.reward_id, "Reward", path=("rewardId",))
            await stocks.set_card_stock(
                db,
                network_id=context.network_id,
                reward_id=key,
                cards_left=input.cards_left,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"reward": key}

        done = await perform(info, mutation="setCardStock", input=input, work=work)
        reward: Any = await done.load(info, "Reward", "reward")
        return SetCardStockPayload(reward=reward, problems=done.problems, replayed=done.replayed)

    @mutation(allow=OPERATOR)
    async def revise_reward(
        self,
        info: Info,
        input: ReviseRewardInput,  # noqa: A002
    ) -> ReviseRewardPayload:
        """Add a version to a reward; what is on sale changes only when it is published. A rejected
        one is a draft again; one in review, or scheduled, is not revised.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await rewards.revise_reward(
                db,
                network_id=context.network_id,
                reward_id=key_of(context, input.reward_id, "Reward", path=("reward_id",)),
                draft=input.reward.draft(context),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"reward": made.reward_id}

        done = await perform(info, mutation="reviseReward", input=input, work=work)
        reward: Any = await done.load(info, "Reward", "reward")
        return ReviseRewardPayload(reward=reward, problems=done.problems, replayed=done.replayed)

    @mutation(allow=OPERATOR)
    async def publish_reward(
        self,
        info: Info,
        input: PublishRewardInput,  # noqa: A002
    ) -> PublishRewardPayload:
        """Put the latest version of a reward on sale in its countries, directly and without a review:
        a draft, a revision, or what is paused or retired. Refused for what is reviewed, scheduled,
        rejected or suspended; what is retiring goes on to its sunset.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            reward_id = key_of(context, input.reward_id, "Reward", path=("reward_id",))
            await rewards.publish_reward(
                db,
                network_id=context.network_id,
                reward_id=reward_id,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"reward": reward_id}

        done = await perform(info, mutation="publishReward", input=input, work=work)
        reward: Any = await done.load(info, "Reward", "reward")
        return PublishRewardPayload(reward=reward, problems=done.problems, replayed=done.replayed)

    @mutation(allow=OPERATOR)
    async def retire_reward(
        self,
        info: Info,
        input: RetireRewardInput,  # noqa: A002
    ) -> RetireRewardPayload:
        """Take a reward off sale at once and for good; what was got of it stays valid."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            reward_id = key_of(context, input.reward_id, "Reward", path=("reward_id",))
            await rewards.retire_reward(
                db,
                network_id=context.network_id,
                reward_id=reward_id,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"reward": reward_id}

        done = await perform(info, mutation="retireReward", input=input, work=work)
        reward: Any = await done.load(info, "Reward", "reward")
        return RetireRewardPayload(reward=reward, problems=done.problems, replayed=done.replayed)

    @mutation(allow=MEMBER)
    async def activate_offer(
        self,
        info: Info,
        input: ActivateOfferInput,  # noqa: A002
    ) -> ActivateOfferPayload:
        """Let an offer count for the calling member's purchases from now on."""
        context: Context = info.context
        member_id = context.known_caller.member_id
        assert member_id is not None, "a member's token names the member"

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            activation = await offers.activate_offer(
                db,
                network_id=context.network_id,
                reward_id=key_of(context, input.offer_id, "Reward", path=("offer_id",)),
                member_id=member_id,
                now=context.now,
            )
            return {"offer": activation.reward_id}

        done = await perform(info, mutation="activateOffer", input=input, work=work)
        offer: Any = await done.load(info, "Reward", "offer")
        return ActivateOfferPayload(offer=offer, problems=done.problems, replayed=done.replayed)
