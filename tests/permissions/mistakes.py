"""An order that a supplier took and that nobody had anything of, in a network of the world."""

from sqlalchemy import text

from catalog.redemptions import OrderOutcome, report_mistaken_order, resolve_mistaken_order
from tests.conftest import NOW
from tests.permissions.sides import Side

# Nothing is ordered anywhere in this world, so what was refused is written as it stands.
_ATTEMPT = """
    INSERT INTO catalog.redemption_attempt (network_id, attempt_id, redemption_id, epoch,
      supplier_id, supplier_key, state, sends, absences, other_references, claimed_at, ended_at)
    SELECT r.network_id, gen_random_uuid(), r.redemption_id, 1, s.supplier_id,
      'mz-' || r.network_id || '-' || r.redemption_id || '-1', 'failed', 1, 0, '{}', :now, :now
    FROM catalog.redemption r JOIN catalog.supplier s ON s.network_id = r.network_id
    WHERE r.network_id = :network ORDER BY r.redemption_id, s.supplier_id LIMIT 1
    RETURNING supplier_key
"""


async def mistake(side: Side) -> None:
    async with side.writing() as db:
        made = await db.execute(text(_ATTEMPT), {"network": side.network_id, "now": NOW})
        found = await report_mistaken_order(
            db,
            network_id=side.network_id,
            supplier_key=made.scalar_one(),
            reference=side.mark("MistakenOrder"),
            actor=f"staff:{side.mark('MistakenOrder')}",
            now=NOW,
        )
        await resolve_mistaken_order(
            db,
            network_id=side.network_id,
            mistaken_order_id=found,
            outcome=OrderOutcome.CANCELLED,
            remark=side.mark("MistakenOrder"),
            actor=f"staff:{side.mark('MistakenOrder')}",
            now=NOW,
        )
