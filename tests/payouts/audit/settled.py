"""What is settled in the small network of the invariants."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import approve_settlement_cycle
from payouts.fx import publish_fx_rate
from payouts.ledger import Account, Cause, Draft, credit, debit, post_journal
from payouts.money import Money
from payouts.reserves import publish_reserve_policy
from payouts.settlement import (
    close_settlement_cycle,
    issue_adjustment_statement,
    list_cycle_statements,
    publish_settlement_conversion,
)
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork


async def settle(souq: SmallNetwork) -> None:
    """Settle a cycle that holds a share of what it pays back."""
    at = NOW + timedelta(days=15)
    async with souq.database.writing(souq.network_id) as db:
        await publish_reserve_policy(
            db,
            network_id=souq.network_id,
            currency="SAR",
            partner_id=None,
            share_bps=1_000,
            hold_days=30,
            actor="staff:operator",
            now=at,
        )
        cycle = await close_settlement_cycle(
            db, network_id=souq.network_id, currency="SAR", actor="staff:maker", now=at
        )
    async with souq.database.writing(souq.network_id) as db:
        await approve_settlement_cycle(
            db,
            network_id=souq.network_id,
            cycle_id=cycle.cycle_id,
            actor="staff:checker",
            now=at,
        )
    await _correct(souq, cycle.cycle_id, at)


async def _correct(souq: SmallNetwork, cycle_id: UUID, at: datetime) -> None:
    """Something of the window came after it was settled."""
    draft = Draft(
        kind="test.late",
        key="late",
        cause=Cause("test", "late"),
        lines=(
            debit(souq.of_partner("partner_recv"), souq.money(300)),
            credit(souq.own("capital"), souq.money(300)),
        ),
        actor="test",
        effective_at=at,
    )
    async with souq.database.writing(souq.network_id) as db:
        await post_journal(db, network_id=souq.network_id, draft=draft, now=at)
        made = await list_cycle_statements(db, network_id=souq.network_id, cycle_id=cycle_id)
        (own,) = [one for one in made if one.partner_id == souq.partner_id]
        await issue_adjustment_statement(
            db,
            network_id=souq.network_id,
            statement_id=own.statement_id,
            actor="staff:maker",
            now=at,
        )


async def convert(souq: SmallNetwork) -> None:
    """Settle a cycle whose only net, in dollars, is converted."""
    at = NOW + timedelta(days=16)
    own = {"network_id": souq.network_id, "now": at}
    dollars = Money(1_000, "USD")
    draft = Draft(
        kind="test.dollars",
        key="dollars",
        cause=Cause("test", "dollars"),
        lines=(
            debit(Account("supplier_payable", str(uuid4()), "USD"), dollars),
            credit(Account("partner_payable", str(souq.partner_id), "USD"), dollars),
        ),
        actor="test",
        effective_at=at,
    )
    async with souq.database.writing(souq.network_id) as db:
        await publish_fx_rate(
            db,
            **own,
            base="USD",
            quote="SAR",
            value="3.75",
            source="test",
            observed_at=at,
            max_age_seconds=3_600,
        )
        await publish_settlement_conversion(
            db,
            **own,
            partner_id=souq.partner_id,
            currency="USD",
            into="SAR",
            actor="staff:operator",
        )
        await post_journal(db, network_id=souq.network_id, draft=draft, now=at)
        cycle = await close_settlement_cycle(db, **own, currency="USD", actor="staff:maker")
    async with souq.database.writing(souq.network_id) as db:
        await approve_settlement_cycle(db, **own, cycle_id=cycle.cycle_id, actor="staff:checker")


async def dispute(superuser: AsyncConnection) -> None:
    """A line was disputed, and the dispute rejected."""
    await superuser.execute(
        text(
            "INSERT INTO payouts.dispute (network_id, dispute_id, statement_id, partner_id,"
            " journal_id, line, account_type, amount, currency, reason, state, opened_by,"
            " opened_at, accepted, decided_by, decided_at) SELECT network_id, gen_random_uuid(),"
            " statement_id, partner_id, gen_random_uuid(), 1, 'partner_recv', 1, currency, 'x',"
            " 'rejected', 'x', issued_at, 0, 'y', issued_at FROM payouts.statement LIMIT 1"
        )
    )
