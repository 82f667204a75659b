"""Where money moves in the world: redemptions, settlement, payouts, the bank."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards import authorize_gift_card, capture_gift_card, issue_gift_card
from catalog.redemptions import place_redemption, quote_reward
from payouts.bank_files import open_bank_file, publish_debit_account
from payouts.disbursement import (
    approve_settlement_cycle,
    connect_payee,
    publish_destination_policy,
    read_account,
    record_payee,
    request_cashback_payout,
    request_topup,
)
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journal
from payouts.money import Money
from payouts.rails.port import ProviderAccount
from payouts.reconciliation import import_bank_statement
from payouts.seals import append_block, seal_journals
from payouts.settlement import (
    close_settlement_cycle,
    issue_adjustment_statement,
    list_cycle_statements,
)
from tests.conftest import NOW
from tests.payouts.audit.world import Signing
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.permissions.mistakes import mistake
from tests.permissions.sides import Side


async def redeem(side: Side) -> None:
    for member_id, (evening, slot_id) in zip(side.members, side.slots, strict=True):
        assert side.card_reward is not None
        await _place(side, member_id, side.card_reward, face=side.money("10.00"))
        await _place(side, member_id, evening, slot_id=slot_id)
        async with side.writing() as db:
            await quote_reward(
                db,
                vault=side.vault,
                network_id=side.network_id,
                member_id=member_id,
                reward_id=side.card_reward,
                face=side.money("10.00"),
                now=NOW,
            )
    await mistake(side)
    first, second = side.partners
    await _card(side, sold_by=first, taken_by=first, amount="3.00")
    # One is owed so much by the other that the cycle pays it and collects from the other.
    await _card(side, sold_by=first, taken_by=second, amount="2900.00", is_captured=True)
    await _card(side, sold_by=second, taken_by=second, amount="3.00")


async def _card(
    side: Side, *, sold_by: UUID, taken_by: UUID, amount: str, is_captured: bool = False
) -> None:
    async with side.writing() as db:
        card = await issue_gift_card(
            db,
            vault=side.vault,
            network_id=side.network_id,
            partner_id=sold_by,
            face=side.money("3000.00" if is_captured else "30.00"),
            external_id=side.mark("GiftCard", sold_by),
            actor="partner:x",
            now=NOW,
        )
        made = await authorize_gift_card(
            db,
            network_id=side.network_id,
            partner_id=taken_by,
            card_id=card.card_id,
            amount=side.money(amount),
            merchant_reference=side.mark("CardAuthorization", taken_by),
            now=NOW,
        )
        if is_captured:
            await capture_gift_card(
                db,
                network_id=side.network_id,
                partner_id=taken_by,
                authorization_id=made.authorization_id,
                amount=side.money(amount),
                actor="partner:x",
                now=NOW,
            )


async def _place(
    side: Side,
    member_id: UUID,
    reward_id: UUID,
    *,
    face: Money | None = None,
    slot_id: UUID | None = None,
) -> None:
    async with side.writing() as db:
        quote = await quote_reward(
            db,
            vault=side.vault,
            network_id=side.network_id,
            member_id=member_id,
            reward_id=reward_id,
            face=face,
            slot_id=slot_id,
            now=NOW,
        )
        await place_redemption(
            db,
            vault=side.vault,
            network_id=side.network_id,
            member_id=member_id,
            quote_id=quote.quote_id,
            actor=f"member:{member_id}",
            now=NOW,
        )


async def settle(side: Side) -> None:
    async with side.writing() as db:
        await open_bank_file(db, network_id=side.network_id, currency="SAR", now=NOW)
        own = read_account(
            name=side.mark("DebitAccount"), iban=None, other=side.mark("DebitAccount"), bic=None
        )
        await publish_debit_account(
            db,
            network_id=side.network_id,
            currency="SAR",
            account=own,
            actor=f"staff:{side.mark('DebitAccount')}",
            now=NOW,
        )
        await publish_destination_policy(
            db,
            network_id=side.network_id,
            cooldown=timedelta(hours=1),
            actor="staff:maker",
            now=NOW,
        )
    for partner_id in side.partners:
        await _payee(side, partner_id=partner_id)
    for member_id in side.members:
        await _payee(side, member_id=member_id)
        async with side.writing() as db:
            await request_cashback_payout(
                db,
                network_id=side.network_id,
                member_id=member_id,
                amount=side.money("2.00"),
                actor=f"member:{side.mark('Payout', None, member_id)}",
                now=NOW,
            )
    async with side.writing() as db:
        await seal_journals(db, network_id=side.network_id, now=NOW)
    async with side.writing() as db:
        cycle = await close_settlement_cycle(
            db, network_id=side.network_id, currency=side.currency, actor="staff:maker", now=NOW
        )
        await _disputes(side, db, cycle.cycle_id)
        await approve_settlement_cycle(
            db,
            network_id=side.network_id,
            cycle_id=cycle.cycle_id,
            actor="staff:checker",
            now=NOW,
        )
        await _adjustments(side, db, cycle.cycle_id)
        await request_topup(
            db,
            network_id=side.network_id,
            amount=side.money("7.00"),
            actor="staff:maker",
            now=NOW,
        )


async def _disputes(side: Side, db: AsyncConnection, cycle_id: UUID) -> None:
    # Without a calendar no time is left to dispute, so what is to be seen is written as it stands.
    for one in await list_cycle_statements(db, network_id=side.network_id, cycle_id=cycle_id):
        await db.execute(
            text(
                "INSERT INTO payouts.dispute (network_id, dispute_id, statement_id, partner_id,"
                " journal_id, line, account_type, amount, currency, reason, state, opened_by,"
                " opened_at, accepted, remark, decided_by, decided_at) VALUES (:network_id,"
                " gen_random_uuid(), :statement_id, :partner_id, gen_random_uuid(), 1,"
                " 'partner_recv', 1, :currency, :reason, 'rejected', 'x', :at, 0, :remark, 'y', :at)"
            ),
            {
                "network_id": side.network_id,
                "statement_id": one.statement_id,
                "partner_id": one.partner_id,
                "currency": one.currency,
                "reason": side.mark("Dispute", one.partner_id),
                "remark": side.mark("Dispute", one.partner_id),
                "at": NOW,
            },
        )


async def _adjustments(side: Side, db: AsyncConnection, cycle_id: UUID) -> None:
    """Something of each partner came too late for its statement."""
    for one in await list_cycle_statements(db, network_id=side.network_id, cycle_id=cycle_id):
        amount = side.money("1.00")
        draft = Draft(
            kind="test.late",
            key=f"late:{one.partner_id}",
            cause=Cause("test", "late"),
            lines=(
                debit(Account("partner_recv", str(one.partner_id), one.currency), amount),
                credit(own_account("capital", one.currency), amount),
            ),
            actor="test",
            effective_at=NOW,
        )
        await post_journal(db, network_id=side.network_id, draft=draft, now=NOW)
        await issue_adjustment_statement(
            db,
            network_id=side.network_id,
            statement_id=one.statement_id,
            actor=side.mark("AdjustmentStatement", one.partner_id),
            now=NOW,
        )


async def _payee(
    side: Side, *, partner_id: UUID | None = None, member_id: UUID | None = None
) -> None:
    async with side.writing() as db:
        made = await connect_payee(
            db,
            network_id=side.network_id,
            partner_id=partner_id,
            member_id=member_id,
            country="SA",
            email="payee@example.com",
            name=side.mark("Payee", partner_id, member_id),
            return_url="https://example.com/back",
            now=NOW,
        )
        name = side.mark("Payee", partner_id, member_id)
        for bank in ("ba_1", "ba_2"):  # the second is a change of destination
            await record_payee(
                db,
                network_id=side.network_id,
                payee_id=made.payee_id,
                account=ProviderAccount(f"acct_{name}", True, (name,), True, bank=bank),
                customer_id=None,
                payment_method_id=None,
                link=None,
                now=NOW,
            )


async def reconcile(side: Side) -> None:
    lines: Sequence[str] = [
        entry("12.00", ref=side.mark("ReconciliationItem"), text=side.mark("ReconciliationItem"))
    ]
    content = document(statement("0.00", "12.00", *lines, ref=side.mark("BankStatement")))
    async with side.writing() as db:
        await import_bank_statement(
            db, network_id=side.network_id, content=content, actor="staff:maker", now=NOW
        )
        await seal_journals(db, network_id=side.network_id, now=NOW)
        await append_block(db, network_id=side.network_id, signer=Signing(), now=NOW)
