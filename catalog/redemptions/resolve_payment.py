"""Ending what was set aside for a redemption."""

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import Redemption, points_account, wallet_account
from payouts.ledger import lock_balances, resolve_hold


async def resolve_payment(
    db: AsyncConnection,
    *,
    network_id: int,
    one: Redemption,
    kind: Literal["captured", "voided"],
    key: str,
    now: datetime,
) -> None:
    """Free the money and the points of a redemption, for the journals that take them or for all."""
    if one.points_hold_id is not None:
        assert one.points is not None
        # In the order of journals, as when they were set aside.
        accounts = [
            wallet_account(one.member_id, one.total.currency),
            points_account(one.member_id),
        ]
        await lock_balances(db, network_id=network_id, accounts=accounts)
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=one.points_hold_id,
            kind=kind,
            amount=one.points,
            key=f"{key}:points",
            now=now,
        )
    if one.hold_id is not None:
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=one.hold_id,
            kind=kind,
            amount=one.money_part,
            key=key,
            now=now,
        )
