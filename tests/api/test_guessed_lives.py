"""Lives of two networks, drawn alike: one desk knows terms, the other asks for them each time."""

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
from tests.api.counter import BOOKED, Counter, activate, another_member, publish_rule, publish_terms
from tests.api.test_purchase_desk import call
from tests.conftest import NOW
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.test_record_purchases import told
from tests.partners.purchases.world import open_till

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
    database: Database,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    seed: int,
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
    assert await broken_promises(cluster, database_name, NOW) == []
