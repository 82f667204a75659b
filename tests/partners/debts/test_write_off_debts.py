"""A debt that later earning did not pay in time ends once, as the network's policy says."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import confirm_due_accruals
from partners.debts import (
    DebtPolicyInvalid,
    DebtTreatment,
    find_debt_policy,
    publish_debt_policy,
    write_off_debts,
)
from partners.purchases import PurchaseReturn
from partners.rules import FundingShare
from payouts.audit import run_checks
from payouts.ledger import AccountNotOpen, own_account, read_balances
from tests.conftest import NOW
from tests.factories.partners import make_partner, make_rule
from tests.fingerprint import fingerprint
from tests.partners.purchases.world import CONFIRMED, Till, open_till

DAYS = 30
OVERDUE = CONFIRMED + timedelta(days=DAYS, seconds=1)
TIMED = frozenset({"due_work_is_done", "unsealed_age"})


async def policy(till: Till, treatment: str, days: int | None = DAYS) -> None:
    async with till.database.writing(till.network_id) as db:
        await publish_debt_policy(
            db,
            network_id=till.network_id,
            treatment=DebtTreatment(treatment),
            after_days=days,
            actor="staff:a",
            now=NOW,
        )


async def end(till: Till, now: datetime = OVERDUE, limit: int = 100) -> int:
    async with till.database.writing(till.network_id) as db:
        return await write_off_debts(db, network_id=till.network_id, limit=limit, now=now)


async def in_debt(till: Till, name: str = "1", minor: int = 10_000, **over: Any) -> PurchaseReturn:
    """The member spends what a purchase brought, and the purchase comes back."""
    bought = await till.buy(minor, external_id=f"p-{name}")
    await till.confirm()
    available, _, _ = await till.wallet()
    await till.spend(available)
    return await till.give_back(bought, minor, f"r-{name}", **({"now": CONFIRMED} | over))


async def loss(till: Till) -> int:
    account = own_account("cashback_loss", till.currency)
    async with till.database.reading(till.network_id) as db:
        found = await read_balances(db, network_id=till.network_id, accounts=[account])
    return found[account].posted.minor


async def ends(superuser: AsyncConnection) -> list[tuple[str | None, int]]:
    rows = await superuser.execute(
        text("SELECT debt_end, debt_given_up FROM partners.purchase_return ORDER BY return_id")
    )
    return [tuple(row) for row in rows]


async def assert_sound(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=OVERDUE)
    await superuser.execute(text("ROLLBACK"))
    broken = {one.name: one.breaches for one in results if not one.ok and one.name not in TIMED}
    assert broken == {}


async def test_without_a_policy_and_before_its_days_debts_wait(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till)
    before = await fingerprint(superuser)
    assert await end(till) == 0
    assert await fingerprint(superuser) == before
    await policy(till, "write_off")
    before = await fingerprint(superuser)
    assert await end(till, CONFIRMED + timedelta(days=DAYS)) == 0
    assert await fingerprint(superuser) == before
    await policy(till, "offset", None)
    assert await end(till) == 0
    assert (await till.wallet())[2] == 500


async def test_an_overdue_debt_is_the_networks_loss_once(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    back = await in_debt(till)
    await policy(till, "write_off")
    assert await till.wallet() == (0, 0, 500)

    assert await end(till) == 1

    assert await till.wallet() == (0, 0, 0)
    assert await loss(till) == 500
    assert await till.lines("debt", back.return_id) == [
        [
            ("cashback_loss", "-", 500),
            ("member_recv", str(till.shop.member.member_id), -500),
        ]
    ]
    assert await ends(superuser) == [("write_off", 500)]
    before = await fingerprint(superuser)
    assert await end(till) == 0
    assert await fingerprint(superuser) == before
    await assert_sound(superuser)


async def test_who_funded_the_value_answers_in_its_proportion(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    async with database.writing(till.network_id) as db:
        other = await make_partner(db, network_id=till.network_id)
        await make_rule(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            funding=(
                FundingShare("partner", till.partner_id, 2),
                FundingShare("partner", other.partner_id, 2),
                FundingShare("network", None, 1),
            ),
        )
    back = await in_debt(till, minor=10_020)
    assert await till.wallet() == (0, 0, 501)
    await policy(till, "recharge")

    assert await end(till) == 1

    assert await till.lines("debt", back.return_id) == [
        [
            ("partner_recv", str(till.partner_id), 201),
            ("partner_recv", str(other.partner_id), 200),
            ("cashback_loss", "-", 100),
            ("member_recv", str(till.shop.member.member_id), -501),
        ]
    ]
    assert await till.wallet() == (0, 0, 0)
    assert await ends(superuser) == [("recharge", 501)]
    await assert_sound(superuser)


async def test_later_earning_paid_the_oldest_debt_first(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till, "1", 10_000)
    second = await till.buy(4_000, external_id="p-2")
    await till.confirm()  # 2.00 of the first debt are paid
    assert await till.wallet() == (0, 0, 300)
    later = CONFIRMED + timedelta(days=10)
    await till.give_back(second, 4_000, "r-2", now=later)
    assert await till.wallet() == (0, 0, 500)
    await policy(till, "write_off")

    assert await end(till) == 1
    assert await till.wallet() == (0, 0, 200)
    assert await ends(superuser) == [("write_off", 300), (None, 0)]
    assert await end(till, later + timedelta(days=DAYS, seconds=1)) == 1
    assert await till.wallet() == (0, 0, 0)
    assert await ends(superuser) == [("write_off", 300), ("write_off", 200)]
    assert await loss(till) == 500
    await assert_sound(superuser)


async def test_a_debt_that_was_paid_in_time_ends_without_a_journal(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till)
    await till.buy(20_000, external_id="p-2")
    await till.confirm()
    assert await till.wallet() == (500, 0, 0)
    await policy(till, "recharge")
    assert await end(till) == 1
    assert await ends(superuser) == [("offset", 0)]
    assert (await till.wallet(), await loss(till)) == ((500, 0, 0), 0)
    assert await end(till) == 0
    await assert_sound(superuser)


async def test_what_is_refused_stays_a_debt(database: Database, superuser: AsyncConnection) -> None:
    till = await open_till(database)
    await in_debt(till)
    await policy(till, "recharge")
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE type = 'partner_recv'")
    )
    before = await fingerprint(superuser)
    with pytest.raises(AccountNotOpen):
        await end(till)
    assert await fingerprint(superuser) == before
    await superuser.execute(text("UPDATE payouts.account SET status = 'open'"))
    assert await end(till) == 1
    await assert_sound(superuser)


async def test_at_once_with_itself_each_debt_ends_once(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till)
    await policy(till, "write_off")
    assert sum(await asyncio.gather(*(end(till) for _ in range(6)))) == 1
    assert (await till.wallet(), await loss(till)) == ((0, 0, 0), 500)
    await assert_sound(superuser)


async def test_a_debt_that_earning_pays_meanwhile_is_not_given_up(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till)
    await till.buy(6_000, external_id="p-2")
    await policy(till, "write_off")
    async with database.writing(till.network_id) as db:
        await confirm_due_accruals(db, network_id=till.network_id, limit=9, now=CONFIRMED)
        ending = asyncio.create_task(end(till))
        await until_waiting(superuser)
    assert await ending == 1
    assert (await till.wallet(), await loss(till)) == ((0, 0, 0), 200)
    assert await ends(superuser) == [("write_off", 200)]
    await assert_sound(superuser)


async def until_waiting(superuser: AsyncConnection) -> None:
    asked = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    for _ in range(1_000):
        if (await superuser.execute(asked)).scalar_one():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("treatment", ["write_off", "recharge"])
async def test_earning_and_ending_at_once_pay_a_debt_once(
    database: Database, superuser: AsyncConnection, treatment: str
) -> None:
    """Whoever comes first takes the debt; the other finds nothing of it, and none falls below zero."""
    till = await open_till(database)
    await in_debt(till)
    for number in range(4):
        await till.buy(2_000, external_id=f"p-later-{number}")
    await policy(till, treatment)
    acts = [
        *(till.confirm(limit=1) for _ in range(4)),
        *(end(till) for _ in range(3)),
    ]
    await asyncio.gather(*acts)
    available, pending, debt = await till.wallet()
    ((how, given_up),) = await ends(superuser)
    assert (pending, debt) == (0, 0)
    assert how == (treatment if given_up else "offset")
    # 4.00 were earned meanwhile: what was not given up was paid out of them.
    assert available == 400 - (500 - given_up)
    await assert_sound(superuser)


async def test_a_return_at_once_leaves_a_debt_of_its_own(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await in_debt(till)
    second = await till.buy(4_000, external_id="p-2")
    await till.confirm()
    await policy(till, "write_off")
    await asyncio.gather(end(till), till.give_back(second, 4_000, "r-2", now=OVERDUE))
    assert await till.wallet() == (0, 0, 200)
    assert await ends(superuser) == [("write_off", 300), (None, 0)]
    await assert_sound(superuser)


@pytest.mark.parametrize(
    ("treatment", "days"),
    [("offset", 30), ("write_off", None), ("recharge", None), ("write_off", 0), ("recharge", 3651)],
)
async def test_a_policy_that_says_nothing_is_refused(
    database: Database, superuser: AsyncConnection, treatment: str, days: int | None
) -> None:
    till = await open_till(database)
    before = await fingerprint(superuser)
    with pytest.raises(DebtPolicyInvalid):
        await policy(till, treatment, days)
    assert await fingerprint(superuser) == before


async def test_the_newest_policy_is_in_force_and_earlier_ones_stay_on_record(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await policy(till, "write_off", 10)
    await policy(till, "recharge", 20)
    async with database.reading(till.network_id) as db:
        found = await find_debt_policy(db, network_id=till.network_id)
    assert found is not None
    assert (found.treatment, found.after_days, found.published_by, found.published_at) == (
        DebtTreatment.RECHARGE,
        20,
        "staff:a",
        NOW,
    )
    count = await superuser.execute(text("SELECT count(*) FROM partners.debt_policy"))
    assert count.scalar_one() == 2
