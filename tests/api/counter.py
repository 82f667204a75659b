"""A counter where members buy: its purchases at the desk, by how many statements, and its terms."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.purchase_desk import Answered, PurchaseCall, answer_calls
from partners.members import enrol_member
from partners.purchases import KnownTerms
from partners.rules import activate_rule
from tests.api.test_purchase_desk import call, purchase_of
from tests.conftest import NOW
from tests.factories.partners import make_agreement, make_rule
from tests.partners.purchases.test_record_purchases import told
from tests.partners.purchases.world import Till

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
        for turn in (1, 2):  # the first of all opens accounts
            await self.buy(f"learnt-{turn}-{over}", **over)
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
