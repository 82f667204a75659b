"""Terms that are known save a look, and never decide: what is booked is booked by those in force."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.purchase_desk import Answered, open_purchase_desk
from partners.members import erase_member
from partners.purchases.known_terms import DISTRUST
from partners.rules import BudgetGrant
from payouts.money import Money
from tests.api.counter import (
    BOOKED,
    LOOKED,
    Counter,
    activate,
    another_member,
    publish_rule,
    publish_terms,
)
from tests.api.test_purchase_desk import call, purchase_of
from tests.conftest import NOW
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.test_record_purchases import named, told
from tests.partners.purchases.world import everything, open_till


@pytest.fixture(autouse=True)
async def sound_books(
    database: Database, cluster: Cluster, database_name: str
) -> AsyncIterator[None]:
    """Whatever a test did, its books keep every promise."""
    yield
    assert await broken_promises(cluster, database_name, NOW) == []


@pytest.fixture
async def counter(database: Database) -> Counter:
    return Counter(await open_till(database))


async def test_what_was_the_same_twice_is_booked_by_one_statement(
    counter: Counter, superuser: AsyncConnection
) -> None:
    await counter.learn()
    third = await counter.buy("c")
    assert counter.statements == BOOKED
    assert await counter.earned(third) == (500, 100)
    assert (third.replayed, third.refusal) == (False, None)
    assert await counter.till.wallet() == (0, 1_500, 0)
    assert await counter.till.owed() == (0, 1_800, 300)


async def test_a_member_whose_accounts_are_not_open_yet_is_booked_all_the_same(
    counter: Counter, superuser: AsyncConnection
) -> None:
    await counter.learn()
    found = await counter.buy("c", member_id=await another_member(counter.till))
    assert await counter.earned(found) == (500, 100)


async def test_new_terms_count_from_their_publication(
    counter: Counter, superuser: AsyncConnection
) -> None:
    await counter.learn()
    await publish_terms(counter.till, purchase_fee_bps=250)
    new = await counter.buy("c")
    old = await counter.buy("d", purchased_at=NOW - timedelta(days=1))
    assert (await counter.earned(new), await counter.earned(old)) == ((500, 250), (500, 100))
    await publish_rule(counter.till, rate_bps=800)
    assert await counter.earned(await counter.buy("e")) == (800, 250)


async def test_a_rule_that_is_over_pays_no_more(counter: Counter) -> None:
    await publish_rule(counter.till, rate_bps=900, ends_at=NOW)
    last = NOW - timedelta(seconds=1)
    await counter.learn(purchased_at=last)
    for name, at, cashback in (("c", last, 900), ("d", NOW, 500), ("e", last, 900)):
        found = await counter.buy(name, purchased_at=at)
        assert await counter.earned(found) == (cashback, 100)


async def test_each_member_earns_by_its_own_activation(
    counter: Counter, superuser: AsyncConnection
) -> None:
    rule_id = await publish_rule(counter.till, rate_bps=900, requires_activation=True)
    other = await another_member(counter.till)
    await counter.learn()
    await activate(counter.till, rule_id, other)
    own = await counter.buy("c")
    theirs = await counter.buy("d", member_id=other)
    assert (await counter.earned(own), await counter.earned(theirs)) == ((500, 100), (900, 100))
    assert counter.statements == BOOKED + LOOKED + 1  # guessed wrong, and opened accounts

    # It is another one again, is that for a while, and once more beyond it.
    for number in range(1 + DISTRUST + 1):
        await counter.buy(f"later-{number}")
        assert counter.statements == LOOKED
    await counter.buy("trusted")
    assert counter.statements == BOOKED


async def test_only_what_was_guessed_wrong_is_distrusted(counter: Counter) -> None:
    await counter.learn()
    await counter.learn(category="food")
    await publish_rule(counter.till, rate_bps=900, category="food")
    plain, food = await counter.answers(
        call("c", told(counter.till, "c")), call("d", told(counter.till, "d", category="food"))
    )
    assert counter.statements == BOOKED + LOOKED
    assert [await counter.earned(one) for one in (plain, food)] == [(500, 100), (900, 100)]
    await counter.buy("e")
    assert counter.statements == BOOKED
    await counter.buy("f", category="food")
    assert counter.statements == LOOKED


async def test_who_was_erased_buys_nothing(counter: Counter, superuser: AsyncConnection) -> None:
    await counter.learn()
    other = await another_member(counter.till)
    async with counter.till.database.writing(counter.till.network_id) as db:
        await erase_member(
            db,
            network_id=counter.till.network_id,
            member_id=other,
            actor="op:test",
            reason="asked",
            now=NOW,
        )
    before = await everything(superuser)
    found = await counter.buy("c", member_id=other)
    assert found.outcome is not None
    assert found.outcome["refusal"] == "MemberNotFound"
    assert await everything(superuser) == before
    again = await counter.buy("c", member_id=other)
    assert (again.replayed, again.outcome) == (True, found.outcome)


async def test_keys_and_ids_that_were_used_are_answered_as_ever(
    counter: Counter, superuser: AsyncConnection
) -> None:
    await counter.learn()
    first = await counter.buy("c")
    before = await everything(superuser)
    replay = await counter.buy("c")
    assert (replay.replayed, replay.outcome) == (True, first.outcome)
    [mismatch] = await counter.answers(call("c", told(counter.till, "d"), "other"))
    assert mismatch == Answered(is_mismatch=True)
    [same, conflict] = await counter.answers(
        call("k", told(counter.till, "c")), call("l", told(counter.till, "c", 9_999))
    )
    assert purchase_of(same) == purchase_of(first)
    assert conflict.outcome is not None
    assert conflict.outcome["refusal"] == "PurchaseConflict"
    assert await everything(superuser) == before

    mixed = await counter.answers(
        call("c", told(counter.till, "c")),
        call("m", told(counter.till, "c")),
        call("n", told(counter.till, "n")),
        call("o", told(counter.till, "n")),
    )
    assert [one.replayed for one in mixed] == [True, False, False, False]
    assert [purchase_of(one) for one in mixed[:2]] == [purchase_of(first)] * 2
    assert purchase_of(mixed[2]) == purchase_of(mixed[3])
    rows = await superuser.execute(
        text(
            "SELECT external_id FROM partners.purchase WHERE external_id NOT LIKE 'learnt%' ORDER BY 1"
        )
    )
    assert list(rows.scalars()) == ["c", "n"]


async def test_what_cannot_be_known_is_looked_up(counter: Counter) -> None:
    await counter.learn()
    await counter.buy("other-category", category="food")
    assert counter.statements == LOOKED
    await counter.answers(call("by-name", named(counter.till, "by-name", "cust-1")))
    assert counter.statements == LOOKED
    [refused] = await counter.answers(
        call("currency", told(counter.till, "currency", amount=Money(100, "EUR")))
    )
    assert refused.outcome is not None
    assert refused.outcome["refusal"] == "CurrencyNotAgreed"
    await counter.answers(*(call(f"m{n}", told(counter.till, f"m{n}")) for n in range(9)))
    assert counter.statements == LOOKED  # more than are guessed at
    budget = BudgetGrant(cap=Money(700, "SAR"), actor="op:test")
    await publish_rule(counter.till, rate_bps=700, budget=budget)
    for name, cashback in (("b1", 700), ("b2", 500), ("b3", 500)):
        assert await counter.earned(await counter.buy(name)) == (cashback, 100)


async def test_what_the_ledger_refuses_is_kept_and_its_neighbours_are_booked(
    counter: Counter, superuser: AsyncConnection
) -> None:
    till = counter.till
    desk = open_purchase_desk(till.database)
    for name in ("a", "b", "c"):
        await desk.submit(till.network_id, call(name, told(till, name)))
    frozen = "UPDATE payouts.account SET status = 'frozen' WHERE type = 'member_pending'"
    await superuser.execute(text(frozen))
    found = await asyncio.gather(
        *(
            desk.submit(till.network_id, call(key, told(till, key, minor)))
            for key, minor in [("d", 10), ("frozen", 10_000), ("e", 10)]
        )
    )
    refusals = [one.outcome and one.outcome.get("refusal") for one in found]
    assert refusals == [None, "AccountNotOpen", None]
    rows = await superuser.execute(text("SELECT external_id FROM partners.purchase ORDER BY 1"))
    assert list(rows.scalars()) == ["a", "b", "c", "d", "e"]


async def test_terms_that_change_while_clients_buy_are_those_of_the_statement(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    desks = [open_purchase_desk(database) for _ in range(2)]

    async def client(number: int) -> None:
        for turn in range(12):
            name = f"p-{number}-{turn}"
            await desks[number % 2].submit(till.network_id, call(name, told(till, name)))

    async def operator() -> None:
        for turn in range(10):
            await publish_rule(till, rate_bps=600 + turn)
            await asyncio.sleep(0.01)

    await asyncio.gather(operator(), *(client(number) for number in range(6)))
    last = purchase_of(await desks[0].submit(till.network_id, call("last", told(till, "last"))))
    row = await superuser.execute(
        text("SELECT cashback FROM partners.accrual WHERE purchase_id = :id"), {"id": last}
    )
    assert row.scalar_one() == 609
    wrong = await superuser.execute(
        text(
            "SELECT count(*) FROM partners.accrual a JOIN partners.earn_rule r"
            " USING (network_id, rule_id) WHERE a.rate_bps <> r.rate_bps"
            " OR a.cashback <> r.rate_bps OR a.fee <> 100"
        )
    )
    assert wrong.scalar_one() == 0
    booked = await superuser.execute(text("SELECT count(*) FROM partners.purchase"))
    assert booked.scalar_one() == 73
