"""Submitting rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardIncomplete
from catalog.rewards.lifecycle import RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import OfferTerms, Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward

LOCALES = ("en", "ar")
"""The languages in which a reward that is reviewed has its title and its terms."""


async def submit_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, actor: str, now: datetime
) -> Reward:
    """Ask for somebody else's approval of a draft; it stays as it is until that is decided.

    Submitting it again changes nothing. Raises RewardNotFound, RewardStateConflict, and
    RewardIncomplete, which names everything that is missing.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.SUBMIT, found.state):
        return found
    missing = _missing(found, now)
    if missing:
        raise RewardIncomplete(path=missing[0], also=tuple(missing[1:]))
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.SUBMIT,
        state=RewardState.IN_REVIEW,
        actor=actor,
        now=now,
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)


def _missing(found: Reward, now: datetime) -> list[tuple[str, ...]]:
    """Tell the path of everything that a reviewed reward has and this one has not."""
    missing: list[tuple[str, ...]] = []
    for locale in LOCALES:
        text = found.texts.get(locale)
        said = {} if text is None else {"title": text.title, "terms": text.terms}
        missing += [
            ("texts", locale, name) for name in ("title", "terms") if not said.get(name, "").strip()
        ]
    if isinstance(found.terms, OfferTerms) and found.terms.ends_at <= now:
        missing.append(("offer", "ends_at"))
    return missing
