"""What finance does with mistaken orders, for tests: whoever proposes and whoever approves."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog.redemptions import (
    AttemptState,
    MistakenOrder,
    OrderOutcome,
    Redemption,
    approve_mistaken_order,
    list_mistaken_orders,
    record_delivery,
    record_progress,
    report_mistaken_order,
    resolve_mistaken_order,
)
from catalog.suppliers import OrderState, Secret, SupplierCode, SupplierOrder
from payouts.ledger import Account
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying

MAKER, CHECKER = "staff:maker", "staff:checker"
CHARGE = Money(4_950, "SAR")
WRITE_OFF = ("mistaken_order.write_off", {"order_loss SAR": 4_950, "supplier_payable SAR": -4_950})
WHY = "They said so on the telephone."


@dataclass(frozen=True, slots=True)
class Finance:
    """Both persons, and what they look at."""

    buying: Buying

    @property
    def network_id(self) -> int:
        return self.buying.souq.network_id

    async def listed(self, *, is_open: bool | None = None) -> list[MistakenOrder]:
        async with self.buying.souq.database.reading(self.network_id) as db:
            return await list_mistaken_orders(
                db, network_id=self.network_id, is_open=is_open, limit=100
            )

    async def find(self, key: UUID) -> MistakenOrder:
        async with self.buying.souq.database.reading(self.network_id) as db:
            (found,) = await list_mistaken_orders(
                db, network_id=self.network_id, mistaken_order_ids=[key], limit=1
            )
        return found

    async def report(self, supplier_key: str, reference: str) -> UUID:
        async with self.buying.souq.database.writing(self.network_id) as db:
            return await report_mistaken_order(
                db,
                network_id=self.network_id,
                supplier_key=supplier_key,
                reference=reference,
                actor=MAKER,
                now=self.buying.now,
            )

    async def propose(
        self, key: UUID, outcome: OrderOutcome, charged: Money | None = None, **changes: Any
    ) -> MistakenOrder:
        given = {"reference": None, "remark": WHY, "actor": MAKER, **changes}
        async with self.buying.souq.database.writing(self.network_id) as db:
            return await resolve_mistaken_order(
                db,
                network_id=self.network_id,
                mistaken_order_id=key,
                outcome=outcome,
                charged=charged,
                now=self.buying.now,
                **given,
            )

    async def approve(self, key: UUID, number: int = 1, actor: str = CHECKER) -> MistakenOrder:
        async with self.buying.souq.database.writing(self.network_id) as db:
            return await approve_mistaken_order(
                db,
                network_id=self.network_id,
                mistaken_order_id=key,
                number=number,
                actor=actor,
                now=self.buying.now,
            )

    async def end(
        self, key: UUID, outcome: OrderOutcome, charged: Money | None = None, **changes: Any
    ) -> MistakenOrder:
        proposed = await self.propose(key, outcome, charged, **changes)
        return await self.approve(key, len(proposed.resolutions))

    async def stands(self, currency: str = "SAR") -> tuple[int, int]:
        """What the network has borne, and what the supplier is owed."""
        souq = self.buying.souq
        payable = Account("supplier_payable", str(self.buying.supplier_id), currency)
        async with souq.database.reading(self.network_id) as db:
            lost = await db.execute(
                text(
                    "SELECT coalesce(sum(p.amount), 0)::bigint FROM payouts.posting p"
                    " JOIN payouts.account a USING (book_id, account_id)"
                    " WHERE a.type = 'order_loss' AND p.unit = :currency"
                ),
                {"currency": currency},
            )
            borne = int(lost.scalar_one())
        return borne, (await souq.balance(payable))[0]

    async def lose(self, sku: str = "7001", face: int = 5_000) -> tuple[Redemption, MistakenOrder]:
        """Let a supplier tell an order under another key, until it is on the list."""
        self.buying.double.fault("wrong_key")
        one = await self.buying.place(sku, face)
        for _ in range(12):
            await self.buying.work()
            self.buying.pass_time(seconds=10)
        (lost,) = [
            it for it in await self.listed(is_open=True) if it.redemption_id == one.redemption_id
        ]
        return one, lost

    async def told(
        self,
        one: Redemption,
        *,
        state: OrderState,
        reference: str,
        others: tuple[str, ...] = (),
    ) -> bool:
        """Record what the first supplier tells of an order after all."""
        about: dict[str, Any] = {
            "network_id": self.network_id,
            "redemption_id": one.redemption_id,
            "epoch": 1,
            "now": self.buying.now,
        }
        async with self.buying.souq.database.writing(self.network_id) as db:
            if state is OrderState.PENDING:
                ordered = AttemptState.ORDERED
                await record_progress(
                    db, sends=1, attempt_state=ordered, reference=reference, **about
                )
                return True
            return await record_delivery(
                db,
                vault=self.buying.souq.vault,
                order=SupplierOrder(reference, state, CHARGE, others=others),
                codes=(SupplierCode(Secret("0000111122223333")),),
                **about,
            )
