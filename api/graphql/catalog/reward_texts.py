"""What a reward says, in one language or in all of them."""

from collections.abc import Mapping
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.catalog.prices import is_staff
from api.graphql.context import Context
from api.graphql.languages import Locale, TextDirection, direction_of
from catalog.rewards import Reward as DomainReward
from catalog.rewards import read_all_instructions


@strawberry.type(description="What a reward says in one language.")
class RewardText:
    """The texts of one language, and which it is."""

    locale: Locale
    direction: TextDirection
    title: str
    description: str
    terms: str
    of: strawberry.Private[DomainReward]

    @strawberry.field(description="How to use what was got; null for all but the staff.")
    async def instructions(self, info: Info) -> str | None:
        """Show the instructions to who writes them."""
        if not is_staff(info.context):
            return None
        return (await _instructions_of(info.context, self.of)).get(self.locale, "")


def show_text(reward: DomainReward, locale: str) -> RewardText:
    """Show what a reward says in one of its languages."""
    text = reward.texts[locale]
    return RewardText(
        locale=Locale(locale),
        direction=direction_of(locale),
        title=text.title,
        description=text.description,
        terms=text.terms,
        of=reward,
    )


async def _instructions_of(context: Context, reward: DomainReward) -> Mapping[str, str]:
    """Read the instructions of the rewards that are shown, those of each version at once."""

    async def load(keys: list[UUID]) -> list[Mapping[str, str]]:
        async with context.reading() as db:
            found = await read_all_instructions(
                db,
                network_id=context.network_id,
                versions=dict.fromkeys(keys, reward.version),
            )
        return [found.get(key, {}) for key in keys]

    name = f"instructions of version {reward.version}"
    told: Mapping[str, str] = await context.loader(name, load).load(reward.reward_id)
    return told
