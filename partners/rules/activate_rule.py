"""Activating earn rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.members import get_member
from partners.rules.errors import RuleNotFound
from partners.rules.queries import get_rule
from partners.rules.tables import rule_activation


async def activate_rule(
    db: AsyncConnection, *, network_id: int, rule_id: UUID, member_id: UUID, now: datetime
) -> None:
    """Let a rule count for a member from now on; activating it again changes nothing.

    Raises RuleNotFound (also for a rule that is over), MemberNotFound.
    """
    rule = await get_rule(db, network_id=network_id, rule_id=rule_id)
    if rule.ends_at is not None and rule.ends_at <= now:
        raise RuleNotFound
    await get_member(db, network_id=network_id, member_id=member_id)
    row = insert(rule_activation).values(
        network_id=network_id, rule_id=rule_id, member_id=member_id, activated_at=now
    )
    await db.execute(row.on_conflict_do_nothing(constraint="rule_activation_pkey"))
