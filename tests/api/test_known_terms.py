"""Terms that are known save a look, and never decide: what is booked is booked by those in force."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.purchase_desk import Answered, PurchaseCall, answer_calls, open_purchase_desk
from partners.members import enrol_member, erase_member
from partners.purchases import KnownTerms
from partners.purchases.known_terms import DISTRUST
from partners.rules import BudgetGrant, activate_rule
from payouts.money import Money
from tests.api.test_purchase_desk import call, purchase_of
from tests.conftest import NOW
from tests.factories.partners import make_agreement, make_rule
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.test_record_purchases import named, told
from tests.partners.purchases.world import Till, everything, open_till

BOOKED = 1  # statements of a purchase whose terms are known; one more looks
LOOKED = 2


@dataclass
class Counter:
    """A till, what one process knows of its terms, and how many statements its last calls took."""

    till: Till
    terms: KnownTerms | None = field(default_factory=KnownTerms)
    statements: int = 0

    async def answers(self, *calls: PurchaseCall) -> list[Answered]:
        sent: list[str] = []
        async with self.till.database.writing(self.till.network_id) as db:
            driver = (await db.get_raw_connection()).driver_connection
            note: Callable[[Any], None] = lambda record: sent.append(record.query)  # noqa: E731
            driver.add_query_logger(note)
            try:
                return await answer_calls(db, self.till.network_id, calls, self.terms)
            finally:
                await asyncio.sleep(0)  # the driver tells of a statement in the next turn
                driver.remove_query_logger(note)
                self.statements = sum("partners." in query for query in sent)

    async def buy(self, name: str, minor: int = 10_000, **over: Any) -> Answered:
        [answer] = await self.answers(call(name, told(self.till, name, minor, **over)))
        return answer

    async def learn(self, **over: Any) -> None:
        await self.buy("learnt-1", **over)  # opens accounts
        await self.buy("learnt-2", **over)
        assert self.statements == LOOKED

    async def earned(self, answer: Answered) -> tuple[int, int]:
        """Cashback and fee."""
        async with self.till.database.reading(self.till.network_id) as db:
            row = await db.execute(
                text(
                    "SELECT cashback, fee FROM partners.accrual WHERE network_id = :network_id"
                    " AND purchase_id = :purchase_id"
                ),
                {"network_id": self.till.network_id, "purchase_id": purchase_of(answer)},
            )
            cashback, fee = row.one()
        return cashback, fee


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


async def publish_terms(till: Till, *, effective_from: datetime = NOW, **over: Any) -> None:
    own = {"network_id": till.network_id, "partner_id": till.partner_id}
    async with till.database.writing(till.network_id) as db:
        await make_agreement(db, **own, effective_from=effective_from, **over)


async def publish_rule(till: Till, **over: Any) -> UUID:
    async with till.database.writing(till.network_id) as db:
        rule = await make_rule(db, network_id=till.network_id, partner_id=till.partner_id, **over)
    return rule.rule_id


async def another_member(till: Till, name: str = "cust-2") -> UUID:
    async with till.database.writing(till.network_id) as db:
        member = await enrol_member(
            db, network_id=till.network_id, partner_id=till.partner_id, external_id=name, now=NOW
        )
    return member.member_id


async def activate(till: Till, rule_id: UUID, member_id: UUID, now: datetime = NOW) -> None:
    async with till.database.writing(till.network_id) as db:
        await activate_rule(
            db, network_id=till.network_id, rule_id=rule_id, member_id=member_id, now=now
        )


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


CASES = 8
STEPS = 60


@dataclass
class Step:
    """One thing that happens in both networks alike."""

    number: int
    act: str
    at: datetime
    minor: int
    size: int
    rate_bps: int
    category: str | None
    is_personal: bool
    is_repeated: bool
    who: float
    which: float


def draw_step(draw: Random, number: int) -> Step:
    return Step(
        number=number,
        act=draw.choices(["buy", "rule", "terms", "activate", "enrol"], [40, 2, 1, 4, 2])[0],
        at=draw.choice([NOW, NOW, NOW - timedelta(days=3), NOW - timedelta(days=10)]),
        minor=draw.randint(1, 50_000),
        size=draw.choice([1, 1, 3]),
        rate_bps=draw.randint(1, 2_000),
        category=draw.choice([None, None, "food"]),
        is_personal=draw.random() < 0.5,
        is_repeated=draw.random() < 0.1,
        who=draw.random(),
        which=draw.random(),
    )


@dataclass
class Life:
    """What happens in one network."""

    counter: Counter
    members: list[UUID]
    personal: list[UUID] = field(default_factory=list)
    published: int = 0

    async def take(self, step: Step) -> list[tuple[Any, ...]]:
        """Do it; gives what callers were told."""
        till = self.counter.till
        member_id = self.members[int(step.who * len(self.members))]
        match step.act:
            case "rule":
                made = await publish_rule(
                    till,
                    rate_bps=step.rate_bps,
                    category=step.category,
                    requires_activation=step.is_personal,
                )
                self.personal += [made] * step.is_personal
            case "terms":
                begins = NOW + timedelta(seconds=self.published)  # each after the last
                self.published += 1
                await publish_terms(till, purchase_fee_bps=step.rate_bps, effective_from=begins)
            case "enrol":
                self.members.append(await another_member(till, f"more-{step.number}"))
            case "activate" if self.personal:
                await activate(till, self.personal[int(step.which * len(self.personal))], member_id)
            case "buy":
                return await self._buy(step, member_id)
        return []

    async def _buy(self, step: Step, member_id: UUID) -> list[tuple[Any, ...]]:
        name = f"p-{step.number - step.is_repeated}"
        own = {"category": step.category, "purchased_at": step.at, "member_id": member_id}
        calls = [
            call(f"{name}-{n}", told(self.counter.till, f"{name}-{n}", step.minor + n, **own))
            for n in range(step.size)
        ]
        return [
            (one.replayed, one.is_mismatch, (one.outcome or {}).get("refusal"))
            for one in await self.counter.answers(*calls)
        ]


_BOOKED = """
    SELECT p.network_id, p.external_id, p.amount, g.version, g.purchase_fee_bps, a.rate_bps,
        a.cashback, a.fee, a.available_at, a.expires_at, r.category, r.requires_activation
      FROM partners.purchase p
      JOIN partners.accrual a USING (network_id, purchase_id)
      JOIN partners.agreement g USING (network_id, agreement_id)
      LEFT JOIN partners.earn_rule r ON r.network_id = a.network_id AND r.rule_id = a.rule_id
      ORDER BY p.network_id, p.external_id
"""


@pytest.mark.parametrize("seed", range(CASES))
async def test_with_what_is_known_and_without_it_the_books_are_the_same(
    database: Database, superuser: AsyncConnection, seed: int
) -> None:
    draw = Random(seed)
    knowing = Counter(await open_till(database, slug="knowing"))
    asking = Counter(await open_till(database, slug="asking"), None)
    lives = [Life(one, [one.till.shop.member.member_id]) for one in (knowing, asking)]
    guessed = 0
    for number in range(STEPS):
        step = draw_step(draw, number)
        told_of = [await life.take(step) for life in lives]
        assert told_of[0] == told_of[1]
        guessed += step.act == "buy" and knowing.statements == BOOKED
    assert guessed >= 3
    books: dict[int, list[Any]] = {}
    for network_id, *row in await superuser.execute(text(_BOOKED)):
        books.setdefault(network_id, []).append(row)
    assert books[knowing.till.network_id] == books[asking.till.network_id] != []


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
