"""Publishing a debt policy."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.debts.errors import DebtPolicyInvalid
from partners.debts.model import AFTER_DAYS_MAX, DebtPolicy, DebtTreatment
from partners.debts.tables import debt_policy
from payouts.money import new_id


async def publish_debt_policy(
    db: AsyncConnection,
    *,
    network_id: int,
    treatment: DebtTreatment,
    after_days: int | None,
    actor: str,
    now: datetime,
) -> DebtPolicy:
    """Say what becomes of debts from now on, those of before too; earlier policies stay on record.

    Raises DebtPolicyInvalid.
    """
    is_timed = treatment is not DebtTreatment.OFFSET
    if (after_days is not None) != is_timed:
        raise DebtPolicyInvalid(path=("after_days",))
    if after_days is not None and not 1 <= after_days <= AFTER_DAYS_MAX:
        raise DebtPolicyInvalid(path=("after_days",), after_days=after_days)
    policy = DebtPolicy(new_id(now), treatment, after_days, actor, now)
    await db.execute(
        insert(debt_policy).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            treatment=policy.treatment.value,
            after_days=policy.after_days,
            published_by=actor,
            published_at=now,
        )
    )
    return policy
