"""Many reports at once: each has its own answer, and none hinders another."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.agreements import PartnerNotFound
from partners.members import MemberNotFound
from partners.purchases import (
    AmountNotPositive,
    CurrencyNotAgreed,
    InvalidExternalId,
    PurchaseBeforeAgreement,
    PurchaseConflict,
    PurchaseInFuture,
    Recorded,
    Report,
    SomeNotPosted,
    record_purchases,
)
from payouts.ledger import AccountNotOpen
from payouts.money import Money, new_id
from tests.conftest import NOW
from tests.factories.partners import START
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.world import Till, everything, open_till

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


def told(till: Till, external_id: str, minor: int = 10_000, **over: Any) -> Report:
    return replace(
        Report(
            purchase_id=new_id(NOW),
            partner_id=till.partner_id,
            member_id=till.shop.member.member_id,
            external_id=external_id,
            amount=till.money(minor),
            category=None,
            purchased_at=NOW,
            actor="partner:test",
        ),
        **over,
    )


def named(till: Till, external_id: str, name: str) -> Report:
    return told(till, external_id, member_id=None, member_external_id=name)


async def record(till: Till, *reports: Report, is_staged: bool = False) -> list[Any]:
    async with till.database.writing(till.network_id) as db:
        return await record_purchases(
            db, network_id=till.network_id, reports=reports, now=NOW, is_staged=is_staged
        )


def shape(outcomes: list[Any]) -> list[Any]:
    return [
        (one.purchase.external_id, one.replayed) if isinstance(one, Recorded) else type(one)
        for one in outcomes
    ]


@pytest.mark.parametrize("is_staged", [False, True], ids=["sent", "staged"])
async def test_each_report_has_its_own_answer_in_its_place(
    database: Database, cluster: Any, database_name: str, is_staged: bool
) -> None:
    till = await open_till(database)
    earlier = await till.buy(10_000, "old")
    outcomes = await record(
        till,
        told(till, "a"),
        told(till, "b", 0),
        told(till, ""),
        told(till, "old"),
        told(till, "old", 10_001),
        told(till, "c", member_id=STRANGER),
        told(till, "d", partner_id=STRANGER),
        told(till, "e", amount=Money(100, "EUR")),
        told(till, "f", purchased_at=NOW + timedelta(hours=1)),
        told(till, "g", purchased_at=START - timedelta(days=1)),
        named(till, "h", "cust-1"),
        named(till, "i", "nobody"),
        named(till, "j", "nul\x00"),
        told(till, "a"),
        told(till, "a", 10_001),
        told(till, "k", 1),
        is_staged=is_staged,
    )
    assert shape(outcomes) == [
        ("a", False),
        AmountNotPositive,
        InvalidExternalId,
        ("old", True),
        PurchaseConflict,
        MemberNotFound,
        PartnerNotFound,
        CurrencyNotAgreed,
        PurchaseInFuture,
        PurchaseBeforeAgreement,
        ("h", False),
        MemberNotFound,
        MemberNotFound,
        ("a", True),
        PurchaseConflict,
        ("k", False),
    ]
    assert outcomes[3].purchase == earlier
    assert outcomes[13].purchase == outcomes[0].purchase
    assert await till.wallet() == (0, 1_500, 0)
    assert await till.owed() == (0, 1_800, 300)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_a_refused_first_report_leaves_its_id_to_the_next(database: Database) -> None:
    till = await open_till(database)
    outcomes = await record(
        till, told(till, "a", member_id=STRANGER), told(till, "a"), told(till, "a")
    )
    assert shape(outcomes) == [MemberNotFound, ("a", False), ("a", True)]


async def test_reports_of_a_booked_id_are_compared_with_what_was_booked(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await till.buy(10_000, "a")
    before = await everything(superuser)
    outcomes = await record(
        till,
        told(till, "a", 9_999),
        told(till, "a"),
        told(till, "a", 9_999),
        told(till, "a", amount=Money(10_000, "EUR")),
        told(till, "a", member_id=STRANGER),
    )
    assert shape(outcomes) == [
        PurchaseConflict,
        ("a", True),
        PurchaseConflict,
        PurchaseConflict,
        PurchaseConflict,
    ]
    assert await everything(superuser) == before


async def test_batches_at_once_in_any_order_book_each_report_once(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    names = [f"p-{n:02}" for n in range(40)]
    batches = [names, names[::-1], names[20:] + names[:20], names[::2] + names[1::2]]
    found = await asyncio.gather(
        *(record(till, *(told(till, name) for name in batch)) for batch in batches)
    )
    answers = [one for outcomes in found for one in outcomes]
    assert sum(not one.replayed for one in answers) == 40
    ids = {(one.purchase.external_id, one.purchase.purchase_id) for one in answers}
    assert len(ids) == 40
    assert await till.wallet() == (0, 40 * 500, 0)
    count = await superuser.execute(text("SELECT count(*) FROM payouts.journal"))
    assert count.scalar_one() == 40


async def test_batches_that_meet_in_the_middle_never_wait_crosswise(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    names = [f"p-{n}" for n in range(9)]
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with database.writing(till.network_id) as db:
        reports = [told(till, names[4])]
        await record_purchases(db, network_id=till.network_id, reports=reports, now=NOW)
        # Each has what it came to first, and meets the one that is not committed.
        meeting = [
            asyncio.create_task(record(till, *(told(till, name) for name in batch)))
            for batch in (names, names[::-1])
        ]
        while (await superuser.execute(waiting)).scalar_one() < 2:
            await asyncio.sleep(0.01)
    answers = [one for outcomes in await asyncio.gather(*meeting) for one in outcomes]
    assert sum(not one.replayed for one in answers) == 8
    assert await till.wallet() == (0, 9 * 500, 0)


async def test_what_the_ledger_refuses_is_named_and_the_others_can_be_booked(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await till.buy(10_000, "first")
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE type = 'member_pending'")
    )
    before = await everything(superuser)
    with pytest.raises(SomeNotPosted) as caught:
        await record(till, told(till, "b", 0), told(till, "a", 10), told(till, "c"))
    assert [(place, type(one)) for place, one in caught.value.refusals.items()] == [
        (2, AccountNotOpen)
    ]
    assert await everything(superuser) == before
    assert shape(await record(till, told(till, "a", 10))) == [("a", False)]


async def test_a_batch_of_any_size_takes_as_many_statements(database: Database) -> None:
    till = await open_till(database)
    await record(till, told(till, "warm"))

    async def count(tag: str, size: int) -> int:
        statements = []
        async with database.writing(till.network_id) as db:
            driver = (await db.get_raw_connection()).driver_connection

            def log(record: Any) -> None:
                statements.append(record.query)

            with driver.query_logger(log):
                await record_purchases(
                    db,
                    network_id=till.network_id,
                    reports=[told(till, f"{tag}-{n}") for n in range(size)],
                    now=NOW,
                )
        return len(statements)

    assert await count("few", 2) == await count("many", 100) <= 6
