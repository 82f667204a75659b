"""A rule with a budget pays what of it is left, to the unit, and is passed over where it cannot."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.purchases import Import, import_purchases
from api.database.cluster import Cluster
from api.database.transaction import Database
from partners.members import enrol_member
from partners.purchases import PurchaseConflict, Recorded, Report, record_purchases
from partners.rules import BudgetGrant, EarnRule, activate_rule
from payouts.budgets import BudgetBalance, read_budget_balances
from payouts.money import Money
from payouts.seals import seal_journals
from tests.conftest import NOW
from tests.factories.partners import make_rule
from tests.graphql_client import TestClock
from tests.journeys.invariants import broken_promises
from tests.partners.intakes.test_intakes import HEADER, sale
from tests.partners.purchases.test_record_purchases import told
from tests.partners.purchases.world import CONFIRMED, Till, everything, open_till


async def campaign(till: Till, cap: int, rate_bps: int = 1_000, **over: Any) -> EarnRule:
    """A rule of 10 % beside the shop's own of 5 %."""
    grant = BudgetGrant(Money(cap, over.pop("currency", "SAR")), "staff:operator")
    async with till.database.writing(till.network_id) as db:
        return await make_rule(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            rate_bps=rate_bps,
            budget=grant,
            **over,
        )


async def stands(till: Till, rule: EarnRule) -> tuple[int, int]:
    """What was spent of a rule's budget, and what is left."""
    assert rule.budget is not None
    units = {rule.budget.budget_id: rule.budget.currency}
    async with till.database.reading(till.network_id) as db:
        found = await read_budget_balances(db, network_id=till.network_id, units=units)
    one: BudgetBalance = found[rule.budget.budget_id]
    return one.spent.minor, one.left.minor


async def record(till: Till, *reports: Report, is_staged: bool = False) -> list[Any]:
    async with till.database.writing(till.network_id) as db:
        return await record_purchases(
            db, network_id=till.network_id, reports=reports, now=NOW, is_staged=is_staged
        )


async def earned(superuser: AsyncConnection) -> dict[str, tuple[int, int]]:
    """By which rate each purchase earned, and how much."""
    rows = await superuser.execute(
        text(
            "SELECT p.external_id, a.rate_bps, a.cashback FROM partners.purchase p"
            " JOIN partners.accrual a USING (network_id, purchase_id) ORDER BY 1"
        )
    )
    return {row.external_id: (row.rate_bps, row.cashback) for row in rows}


async def test_a_budget_pays_whole_cashbacks_until_the_next_does_not_fit(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 2_500)
    assert await stands(till, rule) == (0, 2_500)
    for number in range(4):
        await till.buy(10_000, f"p-{number}")
    assert await stands(till, rule) == (2_000, 500)
    await till.buy(5_000, "fits")
    await till.buy(5_000, "late")
    assert await stands(till, rule) == (2_500, 0)
    assert await earned(superuser) == {
        "fits": (1_000, 500),
        "late": (500, 250),
        "p-0": (1_000, 1_000),
        "p-1": (1_000, 1_000),
        "p-2": (500, 500),
        "p-3": (500, 500),
    }
    assert await till.wallet() == (0, 3_750, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


@pytest.mark.parametrize("is_staged", [False, True], ids=["sent", "staged"])
async def test_many_at_once_are_paid_in_their_order_each_whole_or_not(
    database: Database,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    is_staged: bool,
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 1_500)
    outcomes = await record(
        till,
        told(till, "a", 10_000),
        told(till, "b", 6_000),
        told(till, "c", 5_000),
        told(till, "c", 5_001),
        told(till, "d", 4),
        told(till, "a", 10_000),
        told(till, "e", 10),
        is_staged=is_staged,
    )
    assert [type(one) for one in outcomes] == [
        *[Recorded] * 3,
        PurchaseConflict,
        *[Recorded] * 3,
    ]
    assert await earned(superuser) == {
        "a": (1_000, 1_000),
        "b": (500, 300),
        "c": (1_000, 500),
        "d": (1_000, 0),
        "e": (500, 0),
    }
    assert await stands(till, rule) == (1_500, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_rules_with_budgets_are_gone_down_in_their_order(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    first = await campaign(till, 1_999, 2_000)
    second = await campaign(till, 1_500, 1_500, category="bread")
    third = await campaign(till, 3_000, 1_500)
    offer = await campaign(till, 900, 900, requires_activation=True)
    async with database.writing(till.network_id) as db:
        await enrol_member(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            external_id="cust-2",
            now=NOW,
        )
        await activate_rule(
            db,
            network_id=till.network_id,
            rule_id=offer.rule_id,
            member_id=till.shop.member.member_id,
            now=NOW,
        )
    stranger = {"member_id": None, "member_external_id": "cust-2"}
    await record(
        till,
        told(till, "1", category="bread"),
        told(till, "2", category="bread"),
        told(till, "3", category="bread"),
        told(till, "4", **stranger),
        told(till, "5"),
        told(till, "6"),
    )
    assert await earned(superuser) == {
        "1": (1_500, 1_500),
        # Those whose first choice comes lower down are there before them.
        "2": (500, 500),
        "3": (500, 500),
        "4": (1_500, 1_500),
        "5": (1_500, 1_500),
        "6": (900, 900),
    }
    assert [await stands(till, one) for one in (first, second, third, offer)] == [
        (0, 1_999),
        (1_500, 0),
        (3_000, 0),
        (900, 0),
    ]
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_where_no_rule_is_left_a_purchase_earns_nothing_and_pays_its_fee(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database, rate_bps=0)
    await superuser.execute(
        text("UPDATE partners.earn_rule SET ends_at = starts_at + interval '1s'")
    )
    rule = await campaign(till, 999)
    bought = await till.buy(10_000)
    assert (await till.accrual(bought)).rule_id is None
    assert await till.wallet() == (0, 0, 0)
    assert await till.owed() == (0, 100, 100)
    assert await stands(till, rule) == (0, 999)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_the_same_report_again_spends_nothing(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 5_000)
    first = await till.buy(10_000)
    before = await everything(superuser)
    again = await till.buy(10_000)
    with pytest.raises(PurchaseConflict):
        await till.buy(10_001)
    assert again == first
    assert (await stands(till, rule), await everything(superuser)) == ((1_000, 4_000), before)
    mixed = await record(till, told(till, "new"), told(till, "p-1"), told(till, "newer"))
    assert [one.replayed for one in mixed] == [False, True, False]
    assert await stands(till, rule) == (3_000, 2_000)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_returns_give_back_what_the_budget_paid_before_and_after_confirmation(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 1_000)
    bought = await till.buy(10_000)
    await till.give_back(bought, 3_333, "r-1")
    assert await stands(till, rule) == (667, 333)
    before = await everything(superuser)
    await till.give_back(bought, 3_333, "r-1")
    assert (await stands(till, rule), await everything(superuser)) == ((667, 333), before)
    await till.confirm()
    await till.give_back(bought, 6_667, "r-2")
    assert await stands(till, rule) == (0, 1_000)
    assert await till.wallet() == (0, 0, 0)
    other = await till.buy(10_000, "p-2")
    assert (await till.accrual(other)).cashback == till.money(1_000)
    assert await stands(till, rule) == (1_000, 0)
    async with database.writing(till.network_id) as db:
        await seal_journals(db, network_id=till.network_id, now=CONFIRMED)
    assert await broken_promises(cluster, database_name, CONFIRMED) == []


async def test_a_return_of_what_another_rule_paid_leaves_the_budget(
    database: Database, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 999)
    bought = await till.buy(10_000)
    await till.give_back(bought, 10_000)
    assert await stands(till, rule) == (0, 999)
    assert await till.wallet() == (0, 0, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_of_sixty_four_at_once_ten_are_paid_and_the_others_earn_by_the_next_rule(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 10_999)
    async with database.writing(till.network_id) as db:
        for number in range(64):
            await enrol_member(
                db,
                network_id=till.network_id,
                partner_id=till.partner_id,
                external_id=f"m-{number}",
                now=NOW,
            )

    async def buy(number: int) -> None:
        report = told(till, f"p-{number}", member_id=None, member_external_id=f"m-{number}")
        [outcome] = await record(till, report)
        assert isinstance(outcome, Recorded)

    await asyncio.gather(*(buy(number) for number in range(64)))
    found = list((await earned(superuser)).values())
    assert sorted(found) == [(500, 500)] * 54 + [(1_000, 1_000)] * 10
    assert await stands(till, rule) == (10_000, 999)
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_batches_returns_and_replays_at_once_keep_the_budget_to_the_unit(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 20_000)
    early = [await till.buy(10_000, f"early-{number}") for number in range(8)]

    async def batch(start: int) -> None:
        # Each purchase is told by two batches.
        await record(till, *(told(till, f"p-{start + n}") for n in range(8)))

    await asyncio.gather(
        *(batch(number * 4) for number in range(8)),
        *(till.give_back(one, 10_000, f"r-{number}") for number, one in enumerate(early)),
    )
    spent, left = await stands(till, rule)
    assert spent + left == 20_000
    rows = (await earned(superuser)).values()
    # Some asked before the returns gave anything back; nothing that was left was left unspent twice.
    paid = sum(1 for rate, _ in rows if rate == 1_000)
    assert (len(rows), spent) == (44, (paid - 8) * 1_000)
    assert 12 <= paid - 8 <= 20
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_a_file_is_paid_for_to_the_unit_and_once(
    database: Database,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 10_500)
    path = tmp_path / "march.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(25)))
    job = Import(till.database, TestClock(NOW), till.network_id, till.partner_id, path, 4)
    assert await import_purchases(job) == 0
    assert await stands(till, rule) == (10_000, 500)
    assert await till.wallet() == (0, 10 * 1_000 + 15 * 500, 0)
    assert await import_purchases(replace(job, chunk_lines=7)) == 0
    assert await stands(till, rule) == (10_000, 500)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["lines 25, recorded 25, replayed 0, refused 0"] * 2
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_a_budget_of_another_currency_than_is_agreed_later_is_passed_over(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 5_000)
    await superuser.execute(text("UPDATE partners.agreement SET currency = 'EUR'"))
    euros = replace(told(till, "a"), amount=Money(10_000, "EUR"))
    [outcome] = await record(till, euros)
    assert isinstance(outcome, Recorded)
    assert await earned(superuser) == {"a": (500, 500)}
    assert await stands(till, rule) == (0, 5_000)


async def test_what_the_ledger_refuses_of_a_purchase_spends_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    rule = await campaign(till, 5_000)
    await till.buy(10_000, "first")
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE type = 'member_pending'")
    )
    before = await everything(superuser)
    with pytest.raises(Exception, match="account"):
        await till.buy(10_000, "second")
    assert (await stands(till, rule), await everything(superuser)) == ((1_000, 4_000), before)


async def test_a_purchase_without_a_budget_takes_two_statements_whatever_other_rules_have(
    database: Database,
) -> None:
    till = await open_till(database)
    await campaign(till, 5_000, category="cake")
    await till.buy(10_000, "warm")
    sent: list[str] = []

    def note(*given: Any) -> None:
        sent.append(given[0].query if len(given) == 1 else given[2])

    async with database.writing(till.network_id) as db:
        event.listen(db.sync_connection, "before_cursor_execute", note)
        driver: Any = (await db.get_raw_connection()).driver_connection
        driver.add_query_logger(note)
        own = {"network_id": till.network_id, "now": NOW}
        await record_purchases(db, reports=[told(till, "plain")], **own)
        await asyncio.sleep(0)  # the driver tells of a statement in the next turn
        driver.remove_query_logger(note)
    assert len(sent) == 2, sent
