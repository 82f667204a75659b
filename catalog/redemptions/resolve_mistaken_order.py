"""Proposing what becomes of a mistaken order."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import (
    MistakenOrderEnded,
    OrderChargeUnfit,
    OrderReferenceUnfit,
    OrderRemarkMissing,
)
from catalog.redemptions.lock_mistaken_order import lock_mistaken_order
from catalog.redemptions.mistaken_order import (
    ORDER_REMARK_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    MistakenOrder,
    OrderOutcome,
    OrderResolution,
)
from catalog.redemptions.refuse_known_reference import refuse_known_reference
from catalog.redemptions.tables import mistaken_order_resolution
from payouts.money import CurrencyMismatch, Money, new_id


async def resolve_mistaken_order(
    db: AsyncConnection,
    *,
    network_id: int,
    mistaken_order_id: UUID,
    outcome: OrderOutcome,
    reference: str | None = None,
    charged: Money | None = None,
    remark: str,
    actor: str,
    now: datetime,
) -> MistakenOrder:
    """Propose how a mistaken order ends; nothing is booked before somebody else approves.

    A new proposal takes the place of one not yet approved, and what was agreed may end the other
    way: a supplier gives back, or charges after all. `reference` may be left out where it is known.
    Raises MistakenOrderNotFound, MistakenOrderEnded, OrderReferenceUnfit, OrderReferenceTaken,
    OrderChargeUnfit, CurrencyMismatch, OrderRemarkMissing.
    """
    if not 0 < len(remark.strip()) <= ORDER_REMARK_LENGTH_MAX:
        raise OrderRemarkMissing(path=("remark",))
    one = await lock_mistaken_order(db, network_id=network_id, mistaken_order_id=mistaken_order_id)
    if not one.may_become(outcome):
        raise MistakenOrderEnded(state=one.state.value)
    _refuse_charge(one, outcome, charged)
    name = _reference_of(one, reference)
    await refuse_known_reference(
        db,
        network_id=network_id,
        supplier_id=one.supplier_id,
        reference=name,
        except_for=mistaken_order_id,
    )
    proposal = OrderResolution(
        resolution_id=new_id(now),
        number=len(one.resolutions) + 1,
        outcome=outcome,
        reference=name,
        charged=charged,
        remark=remark.strip(),
        proposed_by=actor,
        proposed_at=now,
    )
    await db.execute(
        insert(mistaken_order_resolution).values(
            network_id=network_id,
            resolution_id=proposal.resolution_id,
            mistaken_order_id=mistaken_order_id,
            number=proposal.number,
            outcome=outcome,
            reference=name,
            charged=None if charged is None else charged.minor,
            currency=None if charged is None else charged.currency,
            remark=proposal.remark,
            proposed_by=actor,
            proposed_at=now,
        )
    )
    return replace(one, resolutions=(*one.resolutions, proposal))


def _refuse_charge(one: MistakenOrder, outcome: OrderOutcome, charged: Money | None) -> None:
    """Refuse a charge that is missing, out of place, or not in what the supplier charges in."""
    if (outcome is OrderOutcome.WRITTEN_OFF) != (charged is not None):
        raise OrderChargeUnfit(path=("charged",))
    if charged is None:
        return
    if charged.minor <= 0:
        raise OrderChargeUnfit(path=("charged",))
    if one.expected_cost is not None and charged.currency != one.expected_cost.currency:
        raise CurrencyMismatch(path=("charged",))


def _reference_of(one: MistakenOrder, given: str | None) -> str:
    """Tell what the supplier calls the order: once it is known, nobody gives it another name."""
    name = one.reference if given is None else given.strip()
    if name is None or not 0 < len(name) <= REFERENCE_LENGTH_MAX:
        raise OrderReferenceUnfit(path=("reference",))
    if one.reference is not None and name != one.reference:
        raise OrderReferenceUnfit(path=("reference",))
    return name
