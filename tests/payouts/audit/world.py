"""A small network in which every relation that an invariant speaks of has rows, and all hold."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.experiences import add_slot
from catalog.giftcards import (
    authorize_gift_card,
    capture_gift_card,
    issue_gift_card,
    refund_gift_card,
)
from partners.accruals import confirm_due_accruals
from partners.purchases import record_purchase, record_return
from partners.rules import BudgetGrant, FundingShare, publish_rule
from payouts.budgets import grant_budget, spend_budget
from payouts.events import supplier_draw, supplier_prefund
from payouts.fx import publish_fx_rate
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    agree_floor_limit,
    credit,
    debit,
    fold_balances,
    own_account,
    place_hold,
    post_journal,
)
from payouts.money import Money, new_id
from payouts.rails import ProviderTransaction
from payouts.reconciliation import (
    close_period,
    import_bank_statement,
    record_provider_transaction,
)
from payouts.seals import append_block, seal_journals
from tests.catalog.pools.conftest import open_pool
from tests.conftest import NOW
from tests.factories.small_network import ACTOR, SmallNetwork, found_network
from tests.payouts.audit.mistaken import mistake
from tests.payouts.audit.settled import convert, dispute, settle
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.payouts.reconciliation.world import attempt_made, known

LATER = NOW + timedelta(days=20)
"""In the month after the events; what is checked is checked then."""


async def build(database: Database, superuser: AsyncConnection) -> SmallNetwork:
    souq = await found_network(database)
    await _earn(souq)
    await _redeem(souq)
    await _sell_from_pool(souq)
    await mistake(souq, superuser)
    await _sell_card(souq)
    await _exchange(souq)
    await settle(souq)
    await convert(souq)
    await dispute(superuser)
    await _pay(souq, superuser)
    await _bank(souq, superuser)
    await _budget(souq)
    await _rule_budget(souq)
    await _prefund(souq)
    await _finish(souq, superuser)
    return souq


async def _earn(souq: SmallNetwork) -> None:
    own = {"network_id": souq.network_id, "partner_id": souq.partner_id}
    async with souq.database.writing(souq.network_id) as db:
        await publish_rule(
            db,
            **own,
            category=None,
            rate_bps=500,
            requires_activation=False,
            funding=(FundingShare("partner", souq.partner_id, 1),),
            starts_at=NOW,
            ends_at=None,
            now=NOW,
        )
        for name, at in (("a", NOW), ("b", NOW + timedelta(days=10))):
            bought = await record_purchase(
                db,
                **own,
                member_id=souq.member_id,
                external_id=name,
                amount=souq.money(10_000),
                category=None,
                purchased_at=at,
                actor=ACTOR,
                now=at,
            )
        await record_return(
            db,
            **own,
            purchase_id=bought.purchase_id,
            external_id="r",
            amount=souq.money(4_000),
            actor=ACTOR,
            now=NOW + timedelta(days=11),
        )
    async with souq.database.writing(souq.network_id) as db:
        at = NOW + timedelta(days=14)
        assert await confirm_due_accruals(db, network_id=souq.network_id, limit=9, now=at) == 1


async def _redeem(souq: SmallNetwork) -> None:
    await souq.fund(50_000)
    await souq.place(await souq.quote(await souq.own_card_reward(2_000), souq.money(2_000)))
    reward_id = await souq.experience_reward(8_000)
    async with souq.database.writing(souq.network_id) as db:
        slot = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=30),
            capacity=2,
            partner_id=None,
            now=NOW,
        )
    await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id))


async def _sell_from_pool(souq: SmallNetwork) -> None:
    pool = await open_pool(souq)
    await pool.load("0001", "0002", "0003")
    await souq.place(await pool.quote())
    await pool.quote()


async def _sell_card(souq: SmallNetwork) -> None:
    own = {"network_id": souq.network_id, "partner_id": souq.partner_id}
    async with souq.database.writing(souq.network_id) as db:
        card = await issue_gift_card(
            db,
            vault=souq.vault,
            **own,
            face=souq.money(5_000),
            external_id="sale",
            actor=ACTOR,
            now=NOW,
        )
        for minor in (1_800, 700):
            held = await authorize_gift_card(
                db,
                network_id=souq.network_id,
                partner_id=souq.other_partner_id,
                card_id=card.card_id,
                amount=souq.money(minor),
                merchant_reference=f"order {minor}",
                now=NOW,
            )
            if minor == 700:
                break
            taken = {
                "network_id": souq.network_id,
                "partner_id": souq.other_partner_id,
                "authorization_id": held.authorization_id,
                "actor": ACTOR,
                "now": NOW,
            }
            await capture_gift_card(db, amount=souq.money(1_500), **taken)
            await refund_gift_card(db, amount=souq.money(500), **taken)


async def _exchange(souq: SmallNetwork) -> None:
    async with souq.database.writing(souq.network_id) as db:
        rate = await publish_fx_rate(
            db,
            network_id=souq.network_id,
            base="USD",
            quote="SAR",
            value="3.75",
            source="test",
            observed_at=NOW,
            max_age_seconds=3_600,
            now=NOW,
        )
        dollars = Money(100, "USD")
        draft = Draft(
            kind="test.exchange",
            key="exchange",
            cause=Cause("test", "exchange"),
            lines=(
                debit(own_account("capital", "SAR"), souq.money(375)),
                credit(own_account("fx_position", "SAR"), souq.money(375)),
                debit(own_account("fx_position", "USD"), dollars),
                credit(Account("supplier_payable", str(uuid4()), "USD"), dollars),
            ),
            actor=ACTOR,
            effective_at=NOW,
            note={"fx_rate_id": str(rate.fx_rate_id)},
        )
        await post_journal(db, network_id=souq.network_id, draft=draft, now=NOW)


async def _pay(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    payout = uuid4()
    await superuser.execute(
        text(
            "INSERT INTO payouts.payout (network_id, payout_id, kind, member_id, amount, currency,"
            " state, round, taken, requested_by, approved_by, created_at, changed_at) VALUES"
            " (:network, :payout, 'cashback', :member, 3000, 'SAR', 'transferred', 1, 1, 'm', 'c',"
            " :now, :now)"
        ),
        {"network": souq.network_id, "payout": payout, "member": souq.member_id, "now": NOW},
    )
    await attempt_made(superuser, payout, "tr_1", minor=3_000, network_id=souq.network_id)
    draft = Draft(
        kind="cashback_payout.request",
        key=f"payout:{payout}:request:1",
        cause=Cause("payout", str(payout)),
        lines=(
            debit(souq.wallet(), souq.money(3_000)),
            credit(
                Account("member_payout_clearing", str(souq.member_id), "SAR"), souq.money(3_000)
            ),
        ),
        actor=ACTOR,
        effective_at=NOW,
    )
    async with souq.database.writing(souq.network_id) as db:
        await post_journal(db, network_id=souq.network_id, draft=draft, now=NOW)
        await place_hold(
            db,
            network_id=souq.network_id,
            account=souq.wallet(),
            amount=souq.money(100),
            key="hold",
            cause=Cause("test", "hold"),
            expires_at=None,
            now=NOW,
        )
        for kind, minor, source in (("transfer", -3_000, "tr_1"), ("payout", -700, "po_abc")):
            await record_provider_transaction(
                db,
                network_id=souq.network_id,
                transaction=ProviderTransaction(
                    id=f"txn_{kind}",
                    type=kind,
                    amount=souq.money(minor),
                    fee=souq.money(0),
                    net=souq.money(minor),
                    source=source,
                    created=NOW,
                    available_on=NOW,
                    reporting_category=kind,
                ),
                actor=ACTOR,
                now=NOW,
            )


async def _bank(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    content = document(statement("100.00", "107.00", entry("7.00", ref="B1", text="po_abc")))
    async with souq.database.writing(souq.network_id) as db:
        await import_bank_statement(
            db, network_id=souq.network_id, content=content, actor="staff:maker", now=NOW
        )
    await known(superuser, "evt_object", "transfer", souq.network_id)
    await superuser.execute(
        text(
            "INSERT INTO payouts.webhook_inbox (provider, event_id, webhook_id, type, occurred_at,"
            " received_at, processed_at, attempts) VALUES ('stripe', 'evt_1', :id,"
            " 'payout.paid', :now, :now, :now, 1)"
        ),
        {"id": uuid4(), "now": NOW},
    )


async def _budget(souq: SmallNetwork) -> None:
    budget_id = new_id(NOW)
    async with souq.database.writing(souq.network_id) as db:
        await grant_budget(
            db,
            network_id=souq.network_id,
            budget_id=budget_id,
            cap=Money(1_000, "SAR"),
            actor=ACTOR,
            now=NOW,
        )
        await spend_budget(
            db,
            network_id=souq.network_id,
            budget_id=budget_id,
            amount=Money(300, "SAR"),
            cause=Cause("test", "budget"),
            actor=ACTOR,
            now=NOW,
        )


async def _rule_budget(souq: SmallNetwork) -> None:
    own = {"network_id": souq.network_id, "partner_id": souq.partner_id}
    async with souq.database.writing(souq.network_id) as db:
        await publish_rule(
            db,
            **own,
            category="campaign",
            rate_bps=900,
            requires_activation=False,
            funding=(FundingShare("partner", souq.partner_id, 1),),
            starts_at=NOW,
            ends_at=None,
            budget=BudgetGrant(souq.money(1_000), ACTOR),
            now=NOW,
        )
        await record_purchase(
            db,
            **own,
            member_id=souq.member_id,
            external_id="campaign",
            amount=souq.money(1_000),
            category="campaign",
            purchased_at=NOW,
            actor=ACTOR,
            now=NOW,
        )


async def _prefund(souq: SmallNetwork) -> None:
    """A supplier may take 2.00 more than it was paid in advance, and did."""
    supplier_id = new_id(NOW)
    amount = souq.money(1_200)
    drawn = supplier_draw(supplier_id=supplier_id, amount=amount)
    paid = supplier_prefund(supplier_id=supplier_id, amount=souq.money(1_000))
    async with souq.database.writing(souq.network_id) as db:
        for limit in (500, 200):
            await agree_floor_limit(
                db,
                network_id=souq.network_id,
                account=Account("supplier_prefund", str(supplier_id), amount.currency),
                limit=souq.money(limit),
                actor=ACTOR,
                now=NOW,
            )
        for kind, lines in (("supplier.prefund", paid), ("supplier.draw", drawn)):
            draft = Draft(kind, kind, Cause("test", kind), lines, ACTOR, NOW)
            await post_journal(db, network_id=souq.network_id, draft=draft, now=NOW)


async def _finish(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    async with souq.database.writing(souq.network_id) as db:
        await seal_journals(db, network_id=souq.network_id, now=LATER)
        await append_block(db, network_id=souq.network_id, signer=Signing(), now=LATER)
    async with souq.database.writing(souq.network_id) as db:
        # One journal alone, so that most of what is altered in the books is not in a snapshot.
        await fold_balances(db, network_id=souq.network_id, limit=1)
    async with souq.database.writing(souq.network_id) as db:
        await close_period(
            db,
            network_id=souq.network_id,
            month=NOW.date().replace(day=1),
            step="closed",
            actor="staff:checker",
            now=LATER,
        )
    await superuser.execute(text("DELETE FROM payouts.due"))
    await due(superuser, souq.network_id, LATER)


class Signing:
    """A key of this test."""

    key_id = "test"

    def sign(self, content: bytes) -> bytes:
        return content * 2


async def due(superuser: AsyncConnection, network_id: int, at: datetime) -> None:
    await superuser.execute(
        text("INSERT INTO payouts.due VALUES (:network, 'test', :id, :at)"),
        {"network": network_id, "id": UUID(int=at.toordinal()), "at": at},
    )
