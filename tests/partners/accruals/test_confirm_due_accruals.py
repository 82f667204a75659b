"""Confirmations of many accruals at once: none stops another, and nobody waits crosswise."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import AccrualState
from payouts.ledger import AccountNotOpen
from tests.partners.accruals.world import broken, open_store
from tests.partners.purchases.world import CONFIRMED

FREEZE = "UPDATE payouts.account SET status = :status WHERE type = 'member_pending' AND owner_id = :owner"


async def test_a_frozen_account_stops_no_other_and_is_due_again(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    friend = await store.other_member()
    frozen = await store.buy()
    free = await store.buy(10_000, "p-2", member_id=friend)
    owner = str(store.shop.member.member_id)
    await superuser.execute(text(FREEZE), {"status": "frozen", "owner": owner})
    assert await store.confirm() == 1
    assert (await store.accrual(frozen)).state is AccrualState.PENDING
    assert (await store.accrual(free)).state is AccrualState.AVAILABLE
    later = CONFIRMED + timedelta(seconds=61)  # its lease is over
    with pytest.raises(AccountNotOpen):
        await store.confirm(later)
    await superuser.execute(text(FREEZE), {"status": "open", "owner": owner})
    assert await store.confirm(later) == 1
    assert (await store.accrual(frozen)).state is AccrualState.AVAILABLE
    assert await broken(superuser, later) == {}


async def test_confirmations_and_purchases_of_the_same_members_never_wait_crosswise(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    members = [store.shop.member.member_id, await store.other_member()]
    for number in range(12):
        await store.buy(1_000, f"p-{number}", member_id=members[number % 2])
    await asyncio.gather(
        *(store.confirm(limit=4) for _ in range(4)),
        *(store.buy(1_000, f"n-{n}", member_id=members[n % 2]) for n in range(12)),
    )
    while await store.confirm():
        pass
    for member_id in members:
        assert sum(amount for _, amount in await store.lots(owner=member_id)) == 600
        assert await store.lots("member_pending", member_id) == []
    assert await broken(superuser, CONFIRMED) == {}
