"""Locking members."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.members.errors import MemberNotFound
from partners.members.tables import member


async def lock_members(db: AsyncConnection, *, network_id: int, member_ids: Iterable[UUID]) -> None:
    """Let nobody else count on these members' debts until the transaction ends.

    The one place that locks members, always in the order of their ids. Raises MemberNotFound.
    """
    wanted = sorted(set(member_ids))
    rows = await db.execute(
        select(member.c.member_id)
        .where(member.c.network_id == network_id, member.c.member_id.in_(wanted))
        .order_by(member.c.member_id)
        .with_for_update(key_share=True)
    )
    if len(rows.all()) != len(wanted):
        raise MemberNotFound
