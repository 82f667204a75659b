"""A bank line is booked once, by matching or by two persons, whoever comes first."""

import asyncio
import sys
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.reconciliation import (
    ReconciliationItemNotOpen,
    Resolution,
    match_bank_entries,
    record_provider_transaction,
)
from tests.conftest import NOW
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.payouts.reconciliation.test_import_bank_statement import import_
from tests.payouts.reconciliation.test_record_provider_transaction import movement
from tests.payouts.reconciliation.test_resolve_and_close import approve, propose
from tests.payouts.reconciliation.world import BOOK, MAKER, items, opened, standing


async def test_a_line_that_is_being_matched_is_not_resolved_besides(
    database: Database, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(database)
    await import_(database, document(statement("0.00", "7.00", entry("7.00", text="po_abc"))))
    async with database.writing(BOOK) as db:
        moved = movement("payout", -700, "po_abc")
        await record_provider_transaction(
            db, network_id=BOOK, transaction=moved, actor=MAKER, now=NOW
        )
    (bank_item,) = [
        row.item_id
        for row in await superuser.exec_driver_sql(
            "SELECT item_id FROM payouts.reconciliation_item WHERE leg = 'bank'"
        )
    ]
    listed, go_on = asyncio.Event(), asyncio.Event()
    module: Any = sys.modules["payouts.reconciliation.match_bank_entries"]
    find = module._find_named

    async def find_later(*args: Any) -> Any:
        listed.set()
        await go_on.wait()
        return await find(*args)

    monkeypatch.setattr(module, "_find_named", find_later)

    async def match() -> int:
        async with database.writing(BOOK) as db:
            return await match_bank_entries(db, network_id=BOOK, actor=MAKER, now=NOW)

    async def resolve() -> None:
        await propose(database, bank_item, Resolution.CASH_IN_TRANSIT)
        await approve(database, bank_item)

    matching = asyncio.create_task(match())
    await listed.wait()
    resolving = asyncio.create_task(resolve())
    await asyncio.wait([resolving], timeout=0.5)
    go_on.set()
    assert await matching == 1
    with pytest.raises(ReconciliationItemNotOpen):
        await resolving
    assert (await standing(database))["bank_cash"] == 700
    assert [one[1] for one in await items(superuser)] == ["matched", "matched"]
