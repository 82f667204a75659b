"""Saying how much a catalogue says there is of its items."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, Said, SaidBy, read_levels
from catalog.rewards.import_step import ImportStep
from catalog.rewards.tell_availability import tell_availability


async def say_imported(
    db: AsyncConnection,
    *,
    network_id: int,
    listed: Mapping[UUID, Availability | None],
    steps: Sequence[ImportStep],
    now: datetime,
) -> None:
    """Let what a catalogue says of the items it lists count, where that is not what counts already.

    `listed` has None for items of which it does not say: listing them lifts an OUT all the
    same, to UNKNOWN, as they are offered again. Of an item that nobody ever spoke of, and of one
    of which the same is said as before, nothing is written.
    """
    new = {step.reward_id for step in steps if step.is_new}
    known = await read_levels(
        db, network_id=network_id, reward_ids=[one for one in listed if one not in new]
    )
    said = []
    for reward_id, level in listed.items():
        before = known.get(reward_id, Availability.UNKNOWN)
        if level is None:
            is_lifted = before is Availability.OUT
            level = Availability.UNKNOWN if is_lifted else before
        if level is not before:
            said.append(Said(reward_id, level, now))
    published = [step.reward_id for step in steps if not step.was_listed]
    await tell_availability(
        db, network_id=network_id, said=said, said_by=SaidBy.FEED, published=published, now=now
    )
