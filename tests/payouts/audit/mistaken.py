"""Orders that a supplier took and that nobody had anything of: one is cancelled, one written off."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import (
    OrderOutcome,
    approve_mistaken_order,
    report_mistaken_order,
    resolve_mistaken_order,
)
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork

# As if the code that came out of a pool had been ordered in vain before.
_ATTEMPT = """
    INSERT INTO catalog.redemption_attempt (network_id, attempt_id, redemption_id, epoch,
      supplier_id, supplier_key, state, sends, absences, other_references, cost, cost_currency,
      claimed_at, ended_at)
    SELECT q.network_id, gen_random_uuid(), r.redemption_id, 1, q.supplier_id,
      'mz-' || q.network_id || '-' || r.redemption_id || '-1', 'failed', 1, 0, '{}', q.cost,
      q.cost_currency, r.placed_at, r.placed_at
    FROM catalog.redemption r JOIN catalog.quote q USING (network_id, quote_id)
    WHERE q.network_id = :network AND q.supplier_id IS NOT NULL
    RETURNING supplier_key
"""


async def refused_attempt(superuser: AsyncConnection, network_id: int) -> str:
    """Let an order of the only redemption from a supplier have been refused; tells its key."""
    rows = await superuser.execute(text(_ATTEMPT), {"network": network_id})
    return str(rows.scalar_one())


async def mistake(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    key = await refused_attempt(superuser, souq.network_id)
    borne = await _ended(souq, key, "R-1", OrderOutcome.WRITTEN_OFF, souq.money(4_800))
    await _ended(souq, key, "R-2", OrderOutcome.CANCELLED, None)
    assert borne is not None


async def _ended(
    souq: SmallNetwork, key: str, reference: str, outcome: OrderOutcome, charged: Money | None
) -> UUID | None:
    network_id = souq.network_id
    async with souq.database.writing(network_id) as db:
        found = await report_mistaken_order(
            db,
            network_id=network_id,
            supplier_key=key,
            reference=reference,
            actor="staff:maker",
            now=NOW,
        )
        await resolve_mistaken_order(
            db,
            network_id=network_id,
            mistaken_order_id=found,
            outcome=outcome,
            charged=charged,
            remark="The supplier says so.",
            actor="staff:maker",
            now=NOW,
        )
    async with souq.database.writing(network_id) as db:
        ended = await approve_mistaken_order(
            db,
            network_id=network_id,
            mistaken_order_id=found,
            number=1,
            actor="staff:checker",
            now=NOW,
        )
    return ended.resolutions[0].journal_id
