"""Reads of debt policies."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.debts.model import DebtPolicy, DebtTreatment
from partners.debts.tables import debt_policy


def _selected(network_id: int) -> Select[Any]:
    return select(
        debt_policy.c.policy_id,
        debt_policy.c.treatment,
        debt_policy.c.after_days,
        debt_policy.c.published_by,
        debt_policy.c.published_at,
    ).where(debt_policy.c.network_id == network_id)


def _policy(row: Row[Any]) -> DebtPolicy:
    return DebtPolicy(
        row.policy_id,
        DebtTreatment(row.treatment),
        row.after_days,
        row.published_by,
        row.published_at,
    )


async def find_debt_policy(db: AsyncConnection, *, network_id: int) -> DebtPolicy | None:
    """Find the policy in force, the newest; without one debts wait for later earning."""
    rows = await db.execute(_selected(network_id).order_by(debt_policy.c.policy_id.desc()).limit(1))
    row = rows.one_or_none()
    return None if row is None else _policy(row)


async def read_debt_policies(
    db: AsyncConnection, *, network_id: int, policy_ids: Sequence[UUID]
) -> dict[UUID, DebtPolicy]:
    """Read debt policies by id."""
    rows = await db.execute(_selected(network_id).where(debt_policy.c.policy_id.in_(policy_ids)))
    return {row.policy_id: _policy(row) for row in rows}
