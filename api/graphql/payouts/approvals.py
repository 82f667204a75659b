"""Who approved a settlement cycle, and how many have yet to."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.graphql.context import Context
from payouts import settlement


@strawberry.type(description="That somebody who did not close a cycle approved it.")
class CycleApproval:
    """An approval."""

    by: str
    at: datetime

    @classmethod
    def from_domain(cls, one: settlement.Approval) -> "CycleApproval":
        """Show an approval."""
        return cls(by=one.by, at=one.at)


async def load_approvals_needed(context: Context, cycle_id: UUID) -> int:
    """Count the approvals that a cycle needs, together with those of others."""

    async def load(keys: list[UUID]) -> list[int]:
        async with context.reading() as db:
            cycles = await settlement.read_settlement_cycles(
                db, network_id=context.network_id, cycle_ids=keys
            )
            needed = await settlement.count_approvals_needed(
                db, network_id=context.network_id, cycles=list(cycles.values())
            )
        return [needed.get(key, 0) for key in keys]

    loader = context.loader("SettlementCycle.approvalsNeeded", load)
    counted: int = await loader.load(cycle_id)
    return counted
