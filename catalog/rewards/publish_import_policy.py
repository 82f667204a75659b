"""Publishing import policies."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import ImportPolicyInvalid
from catalog.rewards.imports import ImportPolicy
from catalog.rewards.tables import import_policy
from payouts.money import new_id

_BPS = 10_000
_ALWAYS_MAX = 1_000_000


async def publish_import_policy(
    db: AsyncConnection, *, network_id: int, policy: ImportPolicy, actor: str, now: datetime
) -> ImportPolicy:
    """Say how much an import takes off sale without a second person, from now on.

    Earlier policies stay on record. Raises ImportPolicyInvalid.
    """
    is_sound = 0 <= policy.withdrawn_bps_max <= _BPS and 0 <= policy.withdrawn_always <= _ALWAYS_MAX
    if not is_sound:
        raise ImportPolicyInvalid(path=("withdrawn_bps_max",))
    await db.execute(
        insert(import_policy).values(
            network_id=network_id,
            import_policy_id=new_id(now),
            withdrawn_bps_max=policy.withdrawn_bps_max,
            withdrawn_always=policy.withdrawn_always,
            published_by=actor,
            published_at=now,
        )
    )
    return policy
