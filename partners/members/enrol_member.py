"""Enrolling members."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import get_partner
from partners.members.model import Member, MemberState, check_identity
from partners.members.queries import get_member
from partners.members.tables import member
from payouts.money import new_id


async def enrol_member(
    db: AsyncConnection, *, network_id: int, partner_id: UUID, external_id: str, now: datetime
) -> Member:
    """Take a person into the network under a partner's own identity for them.

    Enrolling the same identity again, even at once, gives the same member. Raises
    PartnerNotFound, InvalidIdentity.
    """
    check_identity(external_id)
    await get_partner(db, network_id=network_id, partner_id=partner_id)
    made = await db.execute(
        insert(member)
        .values(
            network_id=network_id,
            member_id=new_id(now),
            partner_id=partner_id,
            external_id=external_id,
            state=MemberState.ACTIVE,
            enrolled_at=now,
        )
        .on_conflict_do_nothing(constraint="member_identity_key")
        .returning(member.c.member_id)
    )
    member_id = made.scalar_one_or_none()
    if member_id is None:
        found = await db.execute(
            select(member.c.member_id).where(
                member.c.network_id == network_id,
                member.c.partner_id == partner_id,
                member.c.external_id == external_id,
            )
        )
        member_id = found.scalar_one()
    return await get_member(db, network_id=network_id, member_id=member_id)
