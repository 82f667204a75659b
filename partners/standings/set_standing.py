"""Setting where a member stands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.members import get_member
from partners.standings.errors import StandingInvalid
from partners.standings.model import SEGMENT_NAME, SEGMENTS_MAX, Standing
from partners.standings.queries import find_standing
from partners.standings.tables import member_standing
from payouts.money import new_id


async def set_standing(
    db: AsyncConnection,
    *,
    network_id: int,
    member_id: UUID,
    tier: str | None,
    segments: Sequence[str],
    actor: str,
    now: datetime,
) -> Standing:
    """Say in which tier and segments a member is from now on; what was said before stays on record.

    Raises MemberNotFound, or StandingInvalid, also when somebody else said so at the same time.
    """
    named = tuple(sorted(set(segments)))
    if len(named) > SEGMENTS_MAX:
        raise StandingInvalid("A member is in at most 50 segments.", path=("segments",))
    for path, name in (*(("segments", one) for one in named), ("tier", tier)):
        if name is not None and not SEGMENT_NAME.fullmatch(name):
            raise StandingInvalid(
                "A name is of small letters, digits and hyphens, at most 60.", path=(path,)
            )
    await get_member(db, network_id=network_id, member_id=member_id)
    known = await find_standing(db, network_id=network_id, member_id=member_id)
    version = 1 if known is None else known.version + 1
    made = Standing(new_id(now), member_id, version, tier, named, actor, now)
    inserted = await db.execute(
        insert(member_standing)
        .values(
            network_id=network_id,
            member_standing_id=made.member_standing_id,
            member_id=member_id,
            version=version,
            tier=tier,
            segments=list(named),
            set_by=actor,
            set_at=now,
        )
        .on_conflict_do_nothing()
        .returning(member_standing.c.member_standing_id)
    )
    if inserted.first() is None:
        raise StandingInvalid("Somebody set this member's standing just now; look at it first.")
    return made
