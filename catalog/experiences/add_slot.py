"""Adding slots."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import count_left
from catalog.experiences.errors import SlotInvalid
from catalog.experiences.model import CAPACITY_MAX, ExperienceSlot
from catalog.experiences.tables import experience_slot
from catalog.rewards import RewardKind, RewardNotFound, get_reward, note_counted
from payouts.money import new_id


async def add_slot(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    starts_at: datetime,
    capacity: int,
    partner_id: UUID | None = None,
    now: datetime,
) -> ExperienceSlot:
    """Offer an experience at a time, with so many seats.

    A partner who is named may offer its own experiences only. Raises RewardNotFound, SlotInvalid.
    """
    reward = await get_reward(db, network_id=network_id, reward_id=reward_id)
    if partner_id not in (None, reward.partner_id):
        raise RewardNotFound
    if reward.kind is not RewardKind.EXPERIENCE or reward.partner_id is None:
        raise SlotInvalid("Only an experience has slots.", path=("rewardId",))
    if not 1 <= capacity <= CAPACITY_MAX:
        raise SlotInvalid(f"A slot has 1 to {CAPACITY_MAX} seats.", path=("capacity",))
    if starts_at <= now:
        raise SlotInvalid("A slot begins in the future.", path=("startsAt",))
    before = await count_left(db, network_id=network_id, reward_ids=[reward_id], now=now)
    slot = ExperienceSlot(new_id(now), reward_id, reward.partner_id, starts_at, capacity, 0)
    await db.execute(
        insert(experience_slot).values(
            network_id=network_id,
            slot_id=slot.slot_id,
            reward_id=reward_id,
            partner_id=slot.partner_id,
            starts_at=starts_at,
            capacity=capacity,
            booked=0,
            created_at=now,
        )
    )
    await note_counted(db, network_id=network_id, before=before, now=now)
    return slot
