"""Counting the approvals that settlement cycles still need."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.settlement.count_statements import NET
from payouts.settlement.model import STANDING, CycleState, Outcome, PayoutPolicy, SettlementCycle
from payouts.settlement.queries import read_payout_policies
from payouts.settlement.tables import statement

_MOVED = (Outcome.PAY.value, Outcome.COLLECT.value)


async def count_approvals_needed(
    db: AsyncConnection, *, network_id: int, cycles: Sequence[SettlementCycle]
) -> dict[UUID, int]:
    """Tell how many persons have yet to approve each cycle before it is booked; changes nothing.

    Two in all when what it pays and what it collects exceed, together, the limit of the policy
    that is in force now, one otherwise; none of a cycle that is booked or abandoned. An approval
    that is recorded stays one, so a cycle in review always needs one more.
    """
    needed = {one.cycle_id: 0 for one in cycles}
    in_review = {one.cycle_id: one for one in cycles if one.state is CycleState.IN_REVIEW}
    if not in_review:
        return needed
    needed |= dict.fromkeys(in_review, 1)
    policies = await read_payout_policies(db, network_id=network_id)
    asked = [key for key, one in in_review.items() if not one.approvals]
    if any(one.second_approval_above is not None for one in policies.values()):
        for cycle_id, moved in await _sum_moved(db, network_id, asked):
            if _is_above(moved, policies.get(moved.currency)):
                needed[cycle_id] = 2
    return needed


async def _sum_moved(
    db: AsyncConnection, network_id: int, cycle_ids: Sequence[UUID]
) -> list[tuple[UUID, Money]]:
    rows = await db.execute(
        select(
            statement.c.cycle_id,
            statement.c.currency,
            func.sum(func.abs(NET - statement.c.remainder)),
        )
        .where(
            statement.c.network_id == network_id,
            statement.c.cycle_id.in_(cycle_ids),
            statement.c.state.in_(STANDING),
            statement.c.outcome.in_(_MOVED),
        )
        .group_by(statement.c.cycle_id, statement.c.currency)
    )
    return [(cycle_id, Money(int(moved), currency)) for cycle_id, currency, moved in rows]


def _is_above(moved: Money, policy: PayoutPolicy | None) -> bool:
    limit = policy.second_approval_above if policy else None
    return limit is not None and moved > limit
