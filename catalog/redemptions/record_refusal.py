"""Recording that a supplier will not deliver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, Said, SaidBy
from catalog.redemptions.give_back import give_back
from catalog.redemptions.model import (
    FULFIL_KIND,
    OPEN_AT_SUPPLIER,
    REMARK_LENGTH_MAX,
    AttemptState,
    RedemptionState,
)
from catalog.redemptions.queries import (
    get_quote,
    list_attempts,
    list_quote_sources,
    lock_redemption,
)
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.settle_mistaken_order import settle_mistaken_order
from catalog.redemptions.sourcing import untried
from catalog.rewards import tell_availability
from payouts.due import announce_due

CODE_LENGTH_MAX = 80


async def record_refusal(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    epoch: int,
    sends: int,
    code: str,
    remark: str,
    is_out_of_stock: bool = False,
    now: datetime,
) -> bool:
    """End an order that the supplier definitely refused: the next supplier's turn, if there is one.

    Until that is ordered from, nothing is on order and the member may cancel. Without another the
    redemption ends and the member's value is free again. When it was refused because the supplier
    has none left, the item is OUT until the supplier says or offers otherwise. False, and nothing
    changes, when it had ended before or was sent again since, to this supplier or another.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    found = await list_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempts = found[redemption_id]
    attempt = attempts[-1]
    if one.state not in OPEN_AT_SUPPLIER or (attempt.epoch, attempt.sends) != (epoch, sends):
        return False
    await settle_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=RedemptionState.PLACED,
        attempt_id=attempt.attempt_id,
        attempt={
            "state": AttemptState.FAILED,
            "failure_code": code[:CODE_LENGTH_MAX],
            "remark": remark[:REMARK_LENGTH_MAX],
            "ended_at": now,
        },
    )
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    if is_out_of_stock:
        item_id = attempt.source_id or quote.reward_id
        said = [Said(item_id, Availability.OUT, now)]
        await tell_availability(db, network_id=network_id, said=said, said_by=SaidBy.ORDER, now=now)
    sources = await list_quote_sources(db, network_id=network_id, quotes=[quote])
    if untried(sources[quote.quote_id], attempts):
        await announce_due(
            db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id, due_at=now
        )
    else:
        await give_back(db, network_id=network_id, one=one, code=code[:CODE_LENGTH_MAX], now=now)
    return True
