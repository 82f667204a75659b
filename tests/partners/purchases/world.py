"""A shop at work: buying, returning, confirming, and reading the books exactly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import Accrual, confirm_due_accruals, read_accruals_of_purchases
from partners.members import Wallet, read_wallet
from partners.purchases import Purchase, PurchaseReturn, record_purchase, record_return
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    credit,
    debit,
    find_journals_of,
    own_account,
    post_journal,
    read_balances,
    read_journals,
    read_trial_balance,
)
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.partners import Shop, open_shop

CONFIRMED = NOW + timedelta(days=14)


@dataclass(frozen=True)
class Till:
    """A shop, its database, and its currency."""

    database: Database
    shop: Shop
    currency: str = "SAR"

    @property
    def network_id(self) -> int:
        return self.shop.network_id

    @property
    def partner_id(self) -> UUID:
        return self.shop.partner.partner_id

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    async def buy(self, minor: int = 10_000, external_id: str = "p-1", **over: object) -> Purchase:
        values: dict[str, object] = {
            "network_id": self.network_id,
            "partner_id": self.partner_id,
            "member_id": self.shop.member.member_id,
            "external_id": external_id,
            "amount": self.money(minor),
            "category": None,
            "purchased_at": NOW,
            "actor": "partner:test",
            "now": NOW,
            **over,
        }
        async with self.database.writing(self.network_id) as db:
            return await record_purchase(db, **values)  # type: ignore[arg-type]

    async def give_back(
        self, purchase: Purchase, minor: int, external_id: str = "r-1", **over: object
    ) -> PurchaseReturn:
        values: dict[str, object] = {
            "network_id": self.network_id,
            "partner_id": self.partner_id,
            "purchase_id": purchase.purchase_id,
            "external_id": external_id,
            "amount": self.money(minor),
            "actor": "partner:test",
            "now": NOW,
            **over,
        }
        async with self.database.writing(self.network_id) as db:
            return await record_return(db, **values)  # type: ignore[arg-type]

    async def confirm(self, now: datetime = CONFIRMED, limit: int = 100) -> int:
        async with self.database.writing(self.network_id) as db:
            return await confirm_due_accruals(db, network_id=self.network_id, limit=limit, now=now)

    async def spend(self, minor: int) -> None:
        """The member spends at a supplier's; how does not matter here."""
        available = Account("member_available", str(self.shop.member.member_id), self.currency)
        draft = Draft(
            kind="test.spend",
            key=f"spend:{minor}",
            cause=Cause("test", "spend"),
            lines=(
                debit(available, self.money(minor)),
                credit(Account("supplier_payable", "s", self.currency), self.money(minor)),
            ),
            actor="test",
            effective_at=NOW,
        )
        async with self.database.writing(self.network_id) as db:
            await post_journal(db, network_id=self.network_id, draft=draft, now=NOW)

    async def accrual(self, purchase: Purchase) -> Accrual:
        async with self.database.reading(self.network_id) as db:
            found = await read_accruals_of_purchases(
                db, network_id=self.network_id, purchase_ids=[purchase.purchase_id]
            )
        return found[purchase.purchase_id]

    async def wallet(self) -> tuple[int, int, int]:
        """Available, pending, debt."""
        async with self.database.reading(self.network_id) as db:
            wallet: Wallet = await read_wallet(
                db,
                network_id=self.network_id,
                member_id=self.shop.member.member_id,
                currency=self.currency,
            )
        return wallet.available.minor, wallet.pending.minor, wallet.debt.minor

    async def owed(self, partner_id: UUID | None = None) -> tuple[int, int, int]:
        """What a partner owes: confirmed, pending, and the fee that waits."""
        owner = str(partner_id or self.partner_id)
        kinds = ("partner_recv", "partner_recv_pending", "fee_deferred")
        accounts = [Account(kind, owner, self.currency) for kind in kinds]
        async with self.database.reading(self.network_id) as db:
            found = await read_balances(db, network_id=self.network_id, accounts=accounts)
        recv, pending, fee = (found[account].posted.minor for account in accounts)
        return recv, pending, fee

    async def earned_fee(self) -> int:
        account = own_account("platform_fee", self.currency)
        async with self.database.reading(self.network_id) as db:
            found = await read_balances(db, network_id=self.network_id, accounts=[account])
        return found[account].posted.minor

    async def lines(self, kind: str, cause_id: UUID) -> list[list[tuple[str, str, int]]]:
        """The lines of each journal of a cause: account type, whose, signed amount."""
        async with self.database.reading(self.network_id) as db:
            ids = await find_journals_of(
                db, network_id=self.network_id, cause=Cause(kind, str(cause_id))
            )
            journals = await read_journals(db, network_id=self.network_id, journal_ids=ids)
        return [
            [(p.account.type, p.account.owner_id, p.amount.minor) for p in journals[one].postings]
            for one in ids
        ]

    async def books_balance(self) -> bool:
        async with self.database.reading(self.network_id) as db:
            rows = await read_trial_balance(db, network_id=self.network_id)
        debits = sum(row.debit.minor for row in rows)
        return debits == sum(row.credit.minor for row in rows)


async def open_till(database: Database, currency: str = "SAR", **over: object) -> Till:
    return Till(database, await open_shop(database, currency=currency, **over), currency)  # type: ignore[arg-type]


async def everything(superuser: AsyncConnection) -> tuple[object, ...]:
    """A picture of all that a purchase or a return may change."""
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.purchase),"
            " (SELECT coalesce(sum(returned), 0) FROM partners.purchase),"
            " (SELECT count(*) FROM partners.purchase_return),"
            " (SELECT string_agg(state, ',') FROM partners.accrual),"
            " (SELECT coalesce(sum(cashback_reversed + fee_reversed), 0) FROM partners.accrual),"
            " (SELECT count(*) FROM payouts.journal),"
            " (SELECT count(*) FROM payouts.posting),"
            " (SELECT coalesce(sum(debit + credit), 0) FROM payouts.balance),"
            " (SELECT count(*) FROM payouts.due)"
        )
    )
    return tuple(row.one())
