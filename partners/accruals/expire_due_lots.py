"""Taking back what lapsed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import expiry_journals
from partners.accruals.lapsing import Lapse, plan_lapses
from partners.accruals.lock_accruals import lock_accruals
from partners.accruals.model import Accrual, state_of
from partners.accruals.tables import accrual as accrual_table
from partners.accruals.tables import accrual_share
from partners.members import lock_members
from payouts.ledger import (
    Account,
    Lot,
    Posted,
    list_expired_lots,
    lock_balances,
    post_journals,
    read_balances,
    read_lots,
    sum_lot_uses,
)
from payouts.refusal import Refusal

ACTOR = "worker"


async def expire_due_lots(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Take back up to `limit` lots of available value that are past their end; tell how many.

    What is set aside is left: it was used in time, or lapses once it comes back. A member's debt
    is paid first, the rest goes to whom the merchant's agreement names. Safe to run at once with
    itself, with confirmations, returns and spending: accruals are locked before members, members
    before balances, each in order. Raises the refusal when nothing at all could be booked.
    """
    found = await list_expired_lots(db, network_id=network_id, at=now, limit=limit)
    if not found:
        return 0
    locked = await lock_accruals(db, network_id=network_id, accrual_ids=_accruals_of(found))
    accruals = {one.accrual_id: one for one in locked}
    lapses = await _plan(db, network_id, found, accruals, now)
    drafts = [(lapse, draft) for lapse in lapses for draft in expiry_journals(lapse, actor=ACTOR)]
    outcomes = await post_journals(
        db, network_id=network_id, drafts=[draft for _, draft in drafts], now=now
    )
    booked = {
        lapse.lot.lot_id: lapse
        for (lapse, _), outcome in zip(drafts, outcomes, strict=True)
        if isinstance(outcome, Posted)
    }
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    if refused and not booked:
        raise refused[0]
    await _count(db, network_id, accruals, list(booked.values()))
    return len(booked)


async def _plan(
    db: AsyncConnection,
    network_id: int,
    found: Sequence[Lot],
    accruals: dict[UUID, Accrual],
    now: datetime,
) -> list[Lapse]:
    owners = {UUID(one.account.owner_id) for one in found}
    await lock_members(db, network_id=network_id, member_ids=owners)
    accounts = list({one.account for one in found})
    await lock_balances(db, network_id=network_id, accounts=accounts)
    # What stands now stands until the end: it may be less than when the lots were found.
    ids = [one.lot_id for one in found]
    lots = await read_lots(db, network_id=network_id, lot_ids=ids)
    uses = await sum_lot_uses(db, network_id=network_id, lot_ids=ids)
    debts = [Account("member_recv", one.owner_id, one.unit) for one in accounts]
    balances = await read_balances(db, network_id=network_id, accounts=accounts + debts)
    return plan_lapses(
        [(lots[one], uses[one]) for one in ids], balances=balances, accruals=accruals, now=now
    )


def _accruals_of(lots: Iterable[Lot]) -> list[UUID]:
    return [UUID(one.origin.id) for one in lots if one.origin.kind == "accrual"]


async def _count(
    db: AsyncConnection,
    network_id: int,
    accruals: dict[UUID, Accrual],
    lapses: Sequence[Lapse],
) -> None:
    for accrual_id, accrual in accruals.items():
        own = [one for one in lapses if one.accrual_id == accrual_id and one.counted]
        if not own:
            continue
        expired = sum((one.counted for one in own), start=accrual.cashback_expired)
        await db.execute(
            update(accrual_table)
            .where(
                accrual_table.c.network_id == network_id,
                accrual_table.c.accrual_id == accrual_id,
            )
            .values(
                cashback_expired=expired.minor,
                state=state_of(accrual, accrual.remaining, expired),
            )
        )
        for one in own:
            await db.execute(
                update(accrual_share)
                .where(
                    accrual_share.c.network_id == network_id,
                    accrual_share.c.accrual_id == accrual_id,
                    accrual_share.c.line == one.line,
                )
                .values(expired=accrual_share.c.expired + one.counted.minor)
            )
