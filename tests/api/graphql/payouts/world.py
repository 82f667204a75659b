"""The people of a settlement, and a worker driven by hand."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from api.auth.caller import Caller, CallerKind, Role
from api.clock import Clock
from api.graphql.nodes import id_of
from api.worker.jobs import collections, payees, payouts, reserves, topups, webhooks
from api.worker.world import World
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journal
from payouts.money import Money
from tests.api.graphql.partners.world import Door
from tests.conftest import NOW
from tests.payouts.rails.stripe_double import StripeDouble, until

JOBS = (
    payees.JOBS,
    payouts.JOBS,
    collections.JOBS,
    topups.JOBS,
    reserves.JOBS,
    webhooks.JOBS,
)


@dataclass
class Settling:
    """Callers of one network, the double, and time."""

    door: Door
    double: StripeDouble
    clock: Clock
    network_id: int
    shop: UUID
    cafe: UUID
    member: UUID

    def person(self, name: str, *roles: Role) -> Caller:
        return Caller(CallerKind.STAFF, self.network_id, name, roles=frozenset(roles))

    @property
    def maker(self) -> Caller:
        return self.person("mona", Role.FINANCE_MAKER)

    @property
    def checker(self) -> Caller:
        return self.person("said", Role.FINANCE_CHECKER)

    @property
    def operator(self) -> Caller:
        return self.person("omar", Role.OPERATOR)

    def as_partner(self, partner_id: UUID) -> Caller:
        return Caller(CallerKind.PARTNER, self.network_id, "till", partner_id=partner_id)

    @property
    def as_member(self) -> Caller:
        return Caller(
            CallerKind.MEMBER,
            self.network_id,
            "cust",
            partner_id=self.shop,
            member_id=self.member,
        )

    def id(self, type_: str, key: UUID) -> str:
        return str(id_of(type_, self.network_id, key))

    async def trade(self) -> None:
        """The shop funds 50.00 of cashback; the cafe accepts a card of 80.00."""
        shop, member = str(self.shop), str(self.member)
        lines = (
            ("earn", debit(Account("partner_recv", shop, "SAR"), Money(5_000, "SAR"))),
            ("earn", credit(Account("member_available", member, "SAR"), Money(5_000, "SAR"))),
            ("card", debit(own_account("bonus_expense", "SAR"), Money(8_000, "SAR"))),
            (
                "card",
                credit(Account("partner_payable", str(self.cafe), "SAR"), Money(8_000, "SAR")),
            ),
        )
        async with self.door.database.writing(self.network_id) as db:
            for kind in ("earn", "card"):
                draft = Draft(
                    kind=f"test.{kind}",
                    key=kind,
                    cause=Cause("test", kind),
                    lines=tuple(line for name, line in lines if name == kind),
                    actor="test",
                    effective_at=NOW,
                )
                await post_journal(db, network_id=self.network_id, draft=draft, now=NOW)

    async def work(self, seconds: float = 31, rounds: int = 1) -> None:
        """Do what is due, let the double go on, and move the clock."""
        world = World(database=self.door.database, rail=self.double.rail, clock=self.clock)
        for _ in range(rounds):
            for _ in range(6):
                for jobs in JOBS:
                    for kind, job in jobs.items():
                        await job(world, 0 if kind == "webhook.process" else self.network_id)
            await until(self._double_is_still)
            self.door.set_clock(self.clock.now() + timedelta(seconds=seconds))

    async def _double_is_still(self) -> bool:
        state = await self.double.state()
        moving = (*state["payouts"], *state["payment_intents"], *state["topups"])
        return not {"pending", "in_transit", "processing"} & {one["status"] for one in moving}

    async def onboard(self, caller: Caller) -> dict[str, Any]:
        """Connect a payee and complete the provider's page."""
        payload = await self.door.do(
            caller,
            "connectPayee",
            "payee { id state onboardingUrl }",
            country="SA",
            email="payee@example.com",
            returnUrl="https://example.com/",
        )
        assert payload["problems"] == []
        await self.work()
        shown = "{ id ... on Payee { state onboardingUrl requirements canBeDebited } }"
        document = f"query($id: ID!) {{ node(id: $id) {shown} }}"
        payee = (await self.door.read(caller, document, id=payload["payee"]["id"]))["node"]
        assert payee["state"] == "ONBOARDING"
        answer = await self.double.request(
            "POST", payee["onboardingUrl"].removeprefix(self.double.url) + "/complete"
        )
        assert answer.status_code == 303
        await self.work()
        node = await self.door.read(caller, document, id=payee["id"])
        found: dict[str, Any] = node["node"]
        return found
