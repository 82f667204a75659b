"""Reports under their keys, many in one transaction: a key is one effect and one answer."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.graphql.problems import InvalidInput
from api.purchase_desk import Answered, PurchaseCall, answer_calls, open_purchase_desk
from api.request_keys import KeyedRequest
from partners.purchases import Report
from payouts.money import AmountOutOfRange
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.partners.purchases.test_record_purchases import STRANGER, told
from tests.partners.purchases.world import Till, everything, open_till


def call(key: str, report: Report | Refusal, meaning: str = "") -> PurchaseCall:
    digest = hashlib.sha256((meaning or key).encode()).digest()
    own = PurchaseCall(KeyedRequest("partner:test", key, digest), NOW)
    if isinstance(report, Refusal):
        own.refusal = report
        own.is_lasting = not isinstance(report, InvalidInput)
    else:
        own.report = report
    return own


async def answers(till: Till, *calls: PurchaseCall) -> list[Answered]:
    async with till.database.writing(till.network_id) as db:
        return await answer_calls(db, till.network_id, calls)


def purchase_of(answer: Answered) -> UUID:
    assert answer.outcome is not None
    return UUID(hex=answer.outcome["ids"]["purchase"])


async def kept(superuser: AsyncConnection) -> dict[str, Any]:
    rows = await superuser.execute(text("SELECT key, outcome FROM api.idempotency_key"))
    return {row.key: row.outcome for row in rows}


async def test_a_key_is_one_effect_and_one_answer(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    first, twin = await answers(till, call("k", told(till, "a")), call("k", told(till, "a")))
    assert (first.replayed, twin.replayed) == (False, True)
    assert first.outcome == twin.outcome
    before = await everything(superuser)
    [later] = await answers(till, call("k", told(till, "a")))
    assert (later.replayed, later.outcome) == (True, first.outcome)
    assert await everything(superuser) == before
    assert await kept(superuser) == {"k": first.outcome}


async def test_another_request_under_a_used_key_is_a_mismatch_and_books_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    mixed = await answers(
        till,
        call("k", told(till, "a")),
        call("k", told(till, "b"), "other"),
        call("l", told(till, "c")),
    )
    assert [one.is_mismatch for one in mixed] == [False, True, False]
    [later] = await answers(till, call("k", told(till, "b"), "other"))
    assert later == Answered(is_mismatch=True)
    rows = await superuser.execute(text("SELECT external_id FROM partners.purchase ORDER BY 1"))
    assert list(rows.scalars()) == ["a", "c"]


async def test_another_key_for_a_booked_purchase_gives_that_purchase(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    first, second = await answers(till, call("k", told(till, "a")), call("l", told(till, "a")))
    assert purchase_of(first) == purchase_of(second)
    assert not second.replayed
    assert await kept(superuser) == {"k": first.outcome, "l": first.outcome}


async def test_lasting_refusals_are_kept_and_others_are_not(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    calls = [
        call("stranger", told(till, "a", member_id=STRANGER)),
        call("amount", AmountOutOfRange(path=("amount",))),
        call("input", InvalidInput(reason="no")),
        call("good", told(till, "b")),
    ]
    found = await answers(till, *calls)
    assert [one.outcome and one.outcome.get("refusal") for one in found] == [
        "MemberNotFound",
        "AmountOutOfRange",
        None,
        None,
    ]
    assert isinstance(found[2].refusal, InvalidInput)
    assert sorted(await kept(superuser)) == ["amount", "good", "stranger"]
    again = await answers(till, *calls)
    assert [one.replayed for one in again] == [True, True, False, True]
    assert [one.outcome for one in again] == [one.outcome for one in found]


async def test_what_the_ledger_refuses_is_kept_and_its_neighbours_are_booked(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await till.buy(10_000, "first")
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE type = 'member_pending'")
    )
    desk = open_purchase_desk(database)
    found = await asyncio.gather(
        *(
            desk.submit(till.network_id, call(key, told(till, key, minor)))
            for key, minor in [("a", 10), ("frozen", 10_000), ("c", 10)]
        )
    )
    assert [one.outcome and one.outcome.get("refusal") for one in found] == [
        None,
        "AccountNotOpen",
        None,
    ]
    [later] = await answers(till, call("frozen", told(till, "frozen")))
    assert (later.replayed, later.outcome) == (True, found[1].outcome)
    rows = await superuser.execute(text("SELECT external_id FROM partners.purchase ORDER BY 1"))
    assert list(rows.scalars()) == ["a", "c", "first"]


async def test_a_key_that_another_process_is_writing_is_waited_for(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    desk = open_purchase_desk(database)
    async with database.writing(till.network_id) as db:
        [first] = await answer_calls(db, till.network_id, [call("k", told(till, "a"))])
        waiting = [
            asyncio.create_task(desk.submit(till.network_id, call("k", told(till, "a")))),
            asyncio.create_task(desk.submit(till.network_id, call("l", told(till, "b")))),
        ]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)
    found = await asyncio.gather(*waiting)
    assert [one.replayed for one in found] == [True, False]
    assert found[0].outcome == first.outcome
    assert await till.wallet() == (0, 1_000, 0)


async def test_many_clients_at_once_book_everything_once(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    desks = [open_purchase_desk(database) for _ in range(3)]  # as many processes
    calls = [(f"k-{n}", f"p-{n % 30}") for n in range(60)] * 3
    found = await asyncio.gather(
        *(
            desks[place % 3].submit(till.network_id, call(key, told(till, name)))
            for place, (key, name) in enumerate(calls)
        )
    )
    assert len({purchase_of(one) for one in found}) == 30
    assert sum(not one.replayed for one in found) == 60
    assert await till.wallet() == (0, 30 * 500, 0)
    assert len(await kept(superuser)) == 60
