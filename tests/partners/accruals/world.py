"""A shop whose cashback two partners fund, and what becomes of each lot of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import expire_due_lots
from partners.agreements import UnspentTo
from partners.members import enrol_member
from partners.purchases import Purchase
from partners.rules import FundingShare
from payouts.audit import run_checks
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    credit,
    debit,
    list_lots_of,
    place_hold,
    post_journal,
    read_balances,
    resolve_hold,
)
from tests.conftest import NOW
from tests.factories.lots import grant_lot
from tests.factories.partners import Shop, make_agreement, make_network, make_partner, make_rule
from tests.partners.purchases.world import CONFIRMED, Till

LIFETIME_DAYS = 30
EXPIRED = CONFIRMED + timedelta(days=LIFETIME_DAYS)
TIMED = frozenset({"due_work_is_done", "unsealed_age"})
"""Invariants about how long things may lie; a test's clock jumps."""

NOBODY = UUID(int=0)
Standing = list[tuple[str, int]]


@dataclass(frozen=True)
class Store(Till):
    """The grocery pays 3 of 5 parts, the hotel 2; what is earned lives 30 days."""

    hotel_id: UUID = NOBODY

    def account(self, kind: str = "member_available", owner: object = None) -> Account:
        return Account(kind, str(owner or self.shop.member.member_id), self.currency)

    async def lots(self, kind: str = "member_available", owner: object = None) -> Standing:
        """What is left of each open lot and who paid for it, soonest end first."""
        names = {f"partner:{self.partner_id}": "grocery", f"partner:{self.hotel_id}": "hotel"}
        async with self.database.reading(self.network_id) as db:
            found = await list_lots_of(
                db, network_id=self.network_id, account=self.account(kind, owner), limit=100
            )
        return [(names.get(one.funder, one.funder), one.remaining.minor) for one in found]

    async def expire(self, now: datetime = EXPIRED, limit: int = 100) -> int:
        async with self.database.writing(self.network_id) as db:
            return await expire_due_lots(db, network_id=self.network_id, limit=limit, now=now)

    async def use(self, minor: int, key: str = "spend", now: datetime = CONFIRMED) -> UUID:
        """The member spends at a supplier's; the journal can be undone."""
        draft = Draft(
            kind="test.spend",
            key=key,
            cause=Cause("test", key),
            lines=(
                debit(self.account(), self.money(minor)),
                credit(self.account("supplier_payable", "s"), self.money(minor)),
            ),
            actor="test",
            effective_at=now,
        )
        async with self.database.writing(self.network_id) as db:
            posted = await post_journal(db, network_id=self.network_id, draft=draft, now=now)
        return posted.journal_id

    async def undo(self, minor: int, spent: UUID, now: datetime, key: str = "undo") -> None:
        """Part of what was spent comes back."""
        draft = Draft(
            kind="test.undo",
            key=key,
            cause=Cause("test", key),
            lines=(
                debit(self.account("supplier_payable", "s"), self.money(minor)),
                credit(self.account(), self.money(minor)),
            ),
            actor="test",
            effective_at=now,
            restores=spent,
        )
        async with self.database.writing(self.network_id) as db:
            await post_journal(db, network_id=self.network_id, draft=draft, now=now)

    async def give(
        self, minor: int, to: UUID, now: datetime = CONFIRMED, key: str = "transfer"
    ) -> None:
        """The member passes value on to another."""
        draft = Draft(
            kind="test.transfer",
            key=f"{key}:{to}:{minor}",
            cause=Cause("test", str(to)),
            lines=(
                debit(self.account(), self.money(minor)),
                credit(self.account(owner=to), self.money(minor)),
            ),
            actor="test",
            effective_at=now,
        )
        async with self.database.writing(self.network_id) as db:
            await post_journal(db, network_id=self.network_id, draft=draft, now=now)

    async def grant(self, minor: int, expires_at: datetime | None, origin: str = "gift") -> None:
        """The network gives value of no purchase."""
        await grant_lot(
            self.database,
            network_id=self.network_id,
            account=self.account(),
            minor=minor,
            expires_at=expires_at,
            origin=origin,
        )

    async def hold(self, minor: int, key: str = "hold") -> UUID:
        async with self.database.writing(self.network_id) as db:
            placed = await place_hold(
                db,
                network_id=self.network_id,
                account=self.account(),
                amount=self.money(minor),
                key=key,
                cause=Cause("test", key),
                expires_at=None,
                now=CONFIRMED,
            )
        return placed.hold_id

    async def let_go(self, hold_id: UUID, minor: int, kind: str = "voided") -> None:
        async with self.database.writing(self.network_id) as db:
            await resolve_hold(
                db,
                network_id=self.network_id,
                hold_id=hold_id,
                kind=kind,  # type: ignore[arg-type]
                amount=self.money(minor),
                key=f"{hold_id}:{kind}",
                now=EXPIRED,
            )

    async def has(self, kind: str, owner: object) -> int:
        """What an account has, on its normal side."""
        account = self.account(kind, owner)
        async with self.database.reading(self.network_id) as db:
            found = await read_balances(db, network_id=self.network_id, accounts=[account])
        return found[account].posted.minor

    async def other_member(self) -> UUID:
        async with self.database.writing(self.network_id) as db:
            made = await enrol_member(
                db,
                network_id=self.network_id,
                partner_id=self.partner_id,
                external_id="cust-2",
                now=NOW,
            )
        return made.member_id

    async def earn(self, minor: int = 10_000, external_id: str = "p-1", **over: object) -> Purchase:
        """A purchase whose return window is over."""
        bought = await self.buy(minor, external_id, **over)
        await self.confirm()
        return bought


async def open_store(
    database: Database, *, unspent_to: UnspentTo = UnspentTo.NETWORK, slug: str = "souk"
) -> Store:
    network = await make_network(database, slug=slug)
    number = network.network_id
    async with database.writing(number) as db:
        grocery = await make_partner(db, network_id=number, name="Grocery")
        hotel = await make_partner(db, network_id=number, name="Hotel")
        agreement = await make_agreement(
            db, network_id=number, partner_id=grocery.partner_id, unspent_to=unspent_to
        )
        rule = await make_rule(
            db,
            network_id=number,
            partner_id=grocery.partner_id,
            funding=(
                FundingShare("partner", grocery.partner_id, 3),
                FundingShare("partner", hotel.partner_id, 2),
            ),
            lifetime_days=LIFETIME_DAYS,
        )
        member = await enrol_member(
            db, network_id=number, partner_id=grocery.partner_id, external_id="cust-1", now=NOW
        )
    shop = Shop(network, grocery, agreement, rule, member)
    return Store(database, shop, hotel_id=hotel.partner_id)


async def broken(superuser: AsyncConnection, now: datetime = EXPIRED) -> dict[str, object]:
    """Every invariant that does not hold."""
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=now)
    await superuser.execute(text("ROLLBACK"))
    return {one.name: one.breaches for one in results if not one.ok and one.name not in TIMED}
