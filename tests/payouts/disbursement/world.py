"""A network with a member and partners, a running Stripe double, and a worker driven by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import Clock
from api.database.transaction import Database
from api.worker.jobs import collections, payees, payouts, reserves, topups, webhooks
from api.worker.world import World
from payouts.disbursement import (
    Attempt,
    Payee,
    Payout,
    connect_payee,
    get_payout,
    list_attempts,
    request_cashback_payout,
)
from payouts.ledger import Account, Cause, Draft, credit, debit, post_journal, read_balances
from payouts.money import Money
from tests.payouts.rails.stripe_double import StripeDouble
from tests.payouts.settlement.world import BOOK, MEMBER, P

JOBS = {
    **payees.JOBS,
    **payouts.JOBS,
    **collections.JOBS,
    **topups.JOBS,
    **reserves.JOBS,
    **webhooks.JOBS,
}
ROUNDS_MAX = 30
FAULTS = (
    "timeout_before",
    "timeout_after",
    "error_500_before",
    "error_500_after",
    "error_409",
    "error_429",
)


class Crash(BaseException):
    """Ends a job where a kill would."""


@dataclass
class Bank:
    """What a test moves: the world of the jobs, the double, and the clock they share."""

    database: Database
    double: StripeDouble
    clock: Clock
    crash_at: str | None = None
    passed: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        return World(
            database=self.database, rail=self.double.rail, clock=self.clock, crash=self._crash
        )

    def _crash(self, point: str) -> None:
        self.passed.append(point)
        if point == self.crash_at:
            self.crash_at = None
            raise Crash(point)

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        """Move the clock on."""
        assert self.clock.file is not None
        self.clock.file.write_text((self.now() + timedelta(seconds=seconds)).isoformat())

    async def job(self, kind: str, network_id: int = BOOK) -> int:
        return await JOBS[kind](self.world, network_id)

    async def work(self) -> None:
        """Do what is due now, until nothing is."""
        for _ in range(ROUNDS_MAX):
            done = 0
            for kind, job in JOBS.items():
                done += await job(self.world, 0 if kind == "webhook.process" else BOOK)
            if not done:
                return

    async def give(self, minor: int, key: str = "given", member: UUID = MEMBER) -> None:
        """Give the member cashback."""
        amount = Money(minor, "SAR")
        draft = Draft(
            kind="accrual.confirm",
            key=key,
            cause=Cause("purchase", key),
            lines=(
                debit(Account("partner_recv", str(P), "SAR"), amount),
                credit(Account("member_available", str(member), "SAR"), amount),
            ),
            actor="test",
            effective_at=self.now(),
        )
        async with self.database.writing(BOOK) as db:
            await post_journal(db, network_id=BOOK, draft=draft, now=self.now())

    async def connect(
        self, *, partner_id: UUID | None = None, member_id: UUID | None = None
    ) -> Payee:
        async with self.database.writing(BOOK) as db:
            return await connect_payee(
                db,
                network_id=BOOK,
                partner_id=partner_id,
                member_id=member_id,
                country="SA",
                email="payee@example.com",
                name="Payee",
                return_url="https://example.com/back",
                now=self.now(),
            )

    async def onboard(
        self, *, partner_id: UUID | None = None, member_id: UUID | None = None
    ) -> Payee:
        """Connect a payee and let it complete its onboarding."""
        payee = await self.connect(partner_id=partner_id, member_id=member_id)
        await self.job("payee.connect")
        state = await self.double.state()
        mine = [
            one for one in state["accounts"] if one["metadata"].get("payee") == str(payee.payee_id)
        ]
        await self.double.control("onboard", account=mine[0]["id"])
        self.wait(31)
        await self.job("payee.refresh")
        return payee

    async def request(self, minor: int, actor: str = "member:1") -> Payout:
        async with self.database.writing(BOOK) as db:
            return await request_cashback_payout(
                db,
                network_id=BOOK,
                member_id=MEMBER,
                amount=Money(minor, "SAR"),
                actor=actor,
                now=self.now(),
            )

    async def payout(self, payout_id: UUID) -> Payout:
        async with self.database.reading(BOOK) as db:
            return await get_payout(db, network_id=BOOK, payout_id=payout_id)

    async def attempts(self, payout_id: UUID) -> list[Attempt]:
        async with self.database.reading(BOOK) as db:
            return await list_attempts(db, network_id=BOOK, payout_id=payout_id)

    async def trail(self, payout_id: UUID) -> list[tuple[str, str]]:
        """Legs and states of all attempts, in the order of their making."""
        return [(one.leg.value, one.state.value) for one in await self.attempts(payout_id)]

    async def wallet(self, member: UUID = MEMBER) -> tuple[int, int, int]:
        """What the member has available, held, and on its way out."""
        available = Account("member_available", str(member), "SAR")
        clearing = Account("member_payout_clearing", str(member), "SAR")
        async with self.database.reading(BOOK) as db:
            found = await read_balances(db, network_id=BOOK, accounts=[available, clearing])
        return (
            found[available].available.minor,
            found[available].held.minor,
            found[clearing].posted.minor,
        )

    async def fund(self, minor: int) -> None:
        await self.double.control("fund", amount=minor, currency="sar")

    async def sent(self) -> dict[str, list[Any]]:
        """What money moved at the provider: amounts of transfers, reversals and payouts."""
        state = await self.double.state()
        names = ("transfers", "reversals", "payouts")
        return {name: [one["amount"] for one in state[name]] for name in names}


async def journal_kinds(superuser: AsyncConnection) -> Mapping[str, int]:
    rows = await superuser.execute(
        text("SELECT kind, count(*) AS number FROM payouts.journal GROUP BY kind ORDER BY kind")
    )
    return {row.kind: row.number for row in rows}
