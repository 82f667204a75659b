"""Every invariant holds in a sound world, and one planted breach is named by that one alone."""

import json
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.cli.check import check
from api.database.cluster import Cluster
from api.database.engine import Addresses, open_engine
from api.database.transaction import Database
from payouts.audit import CheckResult, run_checks
from payouts.audit.model import invariants
from tests.conftest import NOW
from tests.payouts.audit.world import LATER, build

NAMES = [one.name for one in invariants()]


@pytest.fixture(scope="module")
async def sound(cluster: Cluster, template: str) -> AsyncIterator[str]:
    """One sound world for all plants, each of which is rolled back."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine = open_engine(cluster.url(user="mizan_app", database=name), pool_size=4)
    owner = create_async_engine(
        cluster.url(user="postgres", database=name),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with owner.connect() as db:
        await build(Database(engine), db)
    yield name
    await engine.dispose()
    await owner.dispose()
    async with admin.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()


@pytest.fixture
async def planted(cluster: Cluster, sound: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(cluster.url(user="postgres", database=sound), poolclass=NullPool)
    async with engine.connect() as db:
        yield db
        await db.rollback()
    await engine.dispose()


async def checked(db: AsyncConnection, now: datetime = LATER) -> dict[str, CheckResult]:
    await db.execute(text("SET LOCAL ROLE mizan_auditor"))
    return {one.name: one for one in await run_checks(db, now=now)}


async def test_all_hold_in_a_sound_world_and_each_examined_rows(planted: AsyncConnection) -> None:
    results = await checked(planted)
    assert {name: one.breaches for name, one in results.items() if not one.ok} == {}
    assert [name for name, one in results.items() if not one.examined] == []
    assert len(results) == len(NAMES) >= 39


async def test_all_hold_on_an_empty_database(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    results = await checked(superuser, NOW)
    await superuser.execute(text("ROLLBACK"))
    assert [name for name, one in results.items() if not one.ok] == []


def freed(table: str, *constraints: str) -> list[str]:
    return [f"ALTER TABLE {table} DROP CONSTRAINT {one} CASCADE" for one in constraints]


_ONE_JOURNAL = "(SELECT journal_id FROM payouts.journal ORDER BY journal_id LIMIT 1)"

# For each invariant what breaks it, and it alone.
PLANTS: dict[str, list[str]] = {
    # Two journals off by one, so that the book as a whole still balances.
    "journal_balances": [
        "WITH two AS (SELECT p.journal_id, p.line, row_number() OVER (ORDER BY p.journal_id) AS n"
        " FROM payouts.posting p JOIN payouts.account a ON a.account_id = p.account_id"
        " WHERE a.type = 'platform_fee' LIMIT 2)"
        " UPDATE payouts.posting p SET amount = amount + CASE two.n WHEN 1 THEN 1 ELSE -1 END"
        " FROM two WHERE two.journal_id = p.journal_id AND two.line = p.line"
        " AND p.journal_id NOT IN (SELECT journal_id FROM payouts.journal"
        " WHERE kind LIKE 'accrual.%')",
    ],
    "trial_balance_zero": [
        "INSERT INTO payouts.posting SELECT book_id, gen_random_uuid(), 1, network_id, account_id,"
        " unit, 5, now(), now() FROM payouts.account WHERE type = 'capital' LIMIT 1",
    ],
    "journal_line_count": [
        f"UPDATE payouts.journal SET lines = lines + 1 WHERE journal_id = {_ONE_JOURNAL}"
    ],
    "balance_equals_postings": [
        "UPDATE payouts.balance SET credit = credit + 1, debit = debit + 1 WHERE account_id ="
        " (SELECT account_id FROM payouts.account WHERE type = 'member_pending')"
    ],
    # Above zero it is below it, once debits count for it.
    "balance_floors": ["UPDATE payouts.account_type SET normal = 1 WHERE type = 'gift_card'"],
    "account_units_admitted": [
        "UPDATE payouts.account_type SET unit_kinds = '{points}' WHERE type = 'capital'"
    ],
    "debts_end_once": [
        "UPDATE partners.purchase_return SET debt = 1, debt_given_up = 1, debt_end = 'write_off',"
        " debt_ended_at = returned_at"
    ],
    "floor_limits_agreed": [
        "UPDATE payouts.account SET floor_limit = floor_limit + 1 WHERE floor_limit > 0"
    ],
    "lots_equal_balances": [
        "UPDATE payouts.lot SET amount = amount + 1, remaining = remaining + 1 WHERE remaining > 0"
    ],
    "lot_uses_bounded": ["UPDATE payouts.lot SET amount = amount + 1 WHERE remaining > 0"],
    "lots_keep_terms": [
        "UPDATE payouts.lot SET expires_at = '2030-01-01' WHERE lot_id = (SELECT lot_id"
        " FROM payouts.lot WHERE from_lot_id IS NOT NULL ORDER BY lot_id LIMIT 1)"
    ],
    "posting_instants": [
        "UPDATE payouts.posting SET recorded_at = recorded_at - interval '40 days'"
        f" WHERE line = 1 AND journal_id = {_ONE_JOURNAL}",
    ],
    "held_equals_open_holds": [
        "UPDATE payouts.balance SET held = held + 1 WHERE held > 0 AND account_id IN"
        " (SELECT account_id FROM payouts.account WHERE type = 'member_available')"
    ],
    "hold_bounds": [
        "UPDATE payouts.hold_resolution SET kind = 'captured' WHERE kind = 'voided'",
    ],
    "one_journal_per_key": [
        "UPDATE payouts.journal SET ledger_key = 'same' WHERE kind IN ('test.fund',"
        " 'test.exchange')",
    ],
    "key_has_its_journal": [
        "INSERT INTO payouts.journal_key SELECT book_id, 'never posted', network_id,"
        f" gen_random_uuid() FROM payouts.journal WHERE journal_id = {_ONE_JOURNAL}",
    ],
    "posting_unit_matches_account": [
        "UPDATE payouts.account SET unit = 'EUR' WHERE"
        " account_id = (SELECT account_id FROM payouts.account WHERE type = 'capital' LIMIT 1)"
    ],
    "tenant_parents": [
        "UPDATE payouts.posting SET network_id = network_id + 1 WHERE account_id ="
        " (SELECT account_id FROM payouts.account WHERE type = 'platform_fee')"
    ],
    "tenant_keys": [
        "CREATE TABLE payouts.strange (id uuid PRIMARY KEY, network_id bigint UNIQUE)",
        "CREATE TABLE payouts.child (id uuid PRIMARY KEY REFERENCES payouts.strange (id))",
    ],
    "row_level_security": ["ALTER TABLE payouts.payout NO FORCE ROW LEVEL SECURITY"],
    "accrual_states": ["UPDATE partners.accrual SET confirmed_at = NULL WHERE state = 'available'"],
    "accrual_funding": ["UPDATE partners.accrual_share SET amount = amount + 1 WHERE reversed = 0"],
    "accrual_equals_postings": [
        "UPDATE partners.accrual SET fee = fee + 1 WHERE state = 'available'"
    ],
    "reversal_bounded": ["UPDATE partners.purchase SET returned = returned + 1 WHERE returned > 0"],
    "statement_equals_postings": [
        "UPDATE payouts.statement SET lines_count = lines_count + 1 WHERE number = 1"
    ],
    # The cycle begins somewhere else than where the one before it ended.
    "statement_continuity": ["UPDATE payouts.settlement_cycle SET from_seq = from_seq + 1"],
    # Cut long before anything took effect, it should say nothing.
    "statement_is_balance": [
        "UPDATE payouts.settlement_cycle SET cut_at = cut_at - interval '10 years'"
    ],
    "settlement_totals": [
        "UPDATE payouts.collection SET amount = amount + 1",
        "UPDATE payouts.payout SET amount = amount + 1 WHERE kind = 'settlement'",
    ],
    "settle_clearing_zero": [
        "SELECT set_config('app.network_id', book_id::text, true) FROM payouts.book",
        "INSERT INTO payouts.account SELECT book_id, gen_random_uuid(), network_id,"
        " 'settle_clearing', unit, 'cycle', 'x', '', 'open', created_at FROM payouts.account"
        " WHERE type = 'capital'",
        "SELECT payouts.post_journals(a.book_id, '2026-04-04 09:00Z', ARRAY[gen_random_uuid()],"
        " '{test}', '{clearing}', '{2026-04-04 09:00Z}', '{test}', '{x}', '{null}', '{null}',"
        " '{test}', '{null}', '{1,1}', ARRAY[a.account_id, c.account_id],"
        " ARRAY[a.unit, a.unit]::text[], '{5,-5}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        " FROM payouts.account a JOIN payouts.account c ON c.type = 'capital'"
        " WHERE a.owner_id = 'x'",
    ],
    "payout_one_live_attempt": [
        "DROP INDEX payouts.payout_attempt_live",
        "INSERT INTO payouts.payout_attempt (network_id, attempt_id, payout_id, round, epoch, leg,"
        " key, account_id, amount, currency, state, sends, lookups, prepared_at, sent_at)"
        " SELECT network_id, gen_random_uuid(), payout_id, 1, 2, leg, 'other', account_id, amount,"
        " currency, 'unknown', 1, 0, prepared_at, sent_at FROM payouts.payout_attempt",
    ],
    # The same statement a second time, under another number.
    "statement_lines_once": [
        *freed("payouts.statement", "statement_partner_key"),
        "INSERT INTO payouts.statement SELECT (jsonb_populate_record(s, jsonb_build_object("
        "'statement_id', gen_random_uuid(), 'number', s.number + 100, 'state', 'issued'))).* FROM payouts.statement s"
        " ORDER BY s.number LIMIT 1",
    ],
    "payout_one_destination": [
        "INSERT INTO payouts.payout_attempt (network_id, attempt_id, payout_id, round, epoch, leg,"
        " key, account_id, amount, currency, state, sends, lookups, prepared_at, sent_at,"
        " resolved_at) SELECT network_id, gen_random_uuid(), payout_id, round, 1, 'payout',"
        " 'elsewhere', 'acct_other', amount, currency, 'failed_final', 1, 0, prepared_at, sent_at,"
        " sent_at FROM payouts.payout_attempt",
    ],
    "transfer_destination_in_force": [
        "UPDATE payouts.payout SET destination_hash = 'new' WHERE kind = 'cashback'",
        "INSERT INTO payouts.destination_change (network_id, change_id, payee_id, member_id,"
        " old_hash, new_hash, state, proposed_by, proposed_at, effective_at) SELECT o.network_id,"
        " gen_random_uuid(), gen_random_uuid(), o.member_id, 'old', 'new', 'proposed', 'payee',"
        " a.prepared_at - interval '1 hour', a.prepared_at + interval '1 hour'"
        " FROM payouts.payout o JOIN payouts.payout_attempt a USING (network_id, payout_id)",
    ],
    "transfer_matches_payout": ["UPDATE payouts.payout_attempt SET amount = amount + 1"],
    "payout_cleared_once": [
        "UPDATE payouts.journal SET kind = 'other' WHERE kind = 'cashback_payout.request'"
    ],
    "payout_approver_differs": [
        *freed("payouts.payout", "payout_four_eyes"),
        "UPDATE payouts.payout SET approved_by = requested_by WHERE kind = 'cashback'",
    ],
    "maker_differs_from_checker": [
        *freed("payouts.settlement_cycle", "settlement_cycle_four_eyes"),
        "UPDATE payouts.settlement_cycle SET approved_by = closed_by",
    ],
    "pool_code_delivered_once": [
        "UPDATE catalog.pool_code SET face = face + 1 WHERE state = 'delivered'"
    ],
    "code_delivered_once": [
        "INSERT INTO catalog.voucher SELECT network_id, gen_random_uuid(), redemption_id, card_id,"
        " partner_id, member_id, key_id, ciphertext, sha256(digest), last4, created_at"
        " FROM catalog.voucher WHERE redemption_id IS NOT NULL"
    ],
    "redemption_booked_once": ["UPDATE catalog.redemption SET total = total + 1"],
    "snapshot_equals_postings": [
        "SELECT set_config('app.network_id', book_id::text, true) FROM payouts.book",
        "SELECT payouts.fold_balances(book_id, 1000) FROM payouts.book",
        "UPDATE payouts.balance_snapshot SET debit = debit + 1",
    ],
    "seats_within_capacity": ["UPDATE catalog.experience_slot SET booked = booked + 1"],
    "budget_pays_accruals": [
        "UPDATE partners.earn_rule SET budget_id = gen_random_uuid() WHERE budget_id IS NOT NULL"
    ],
    "budget_within_cap": ["UPDATE payouts.budget SET cap = cap - 1"],
    "card_balance_bounds": ["UPDATE catalog.gift_card SET face = face + 1"],
    "webhook_processed": ["UPDATE payouts.webhook_inbox SET processed_at = NULL"],
    "contested_is_disputed": [
        "INSERT INTO payouts.dispute (network_id, dispute_id, statement_id, partner_id, journal_id,"
        " line, account_type, amount, currency, reason, state, opened_by, opened_at)"
        " SELECT network_id, gen_random_uuid(), statement_id, partner_id, gen_random_uuid(), 1,"
        " 'partner_recv', 5, currency, 'x', 'open', 'x', issued_at FROM payouts.statement LIMIT 1"
    ],
    "reserve_is_withheld": [
        "UPDATE payouts.reserve SET released_at = release_at,"
        " released_by_journal = withheld_by_journal"
    ],
    "closed_period_untouched": [
        "UPDATE payouts.period SET closed_at = closed_at - interval '19 days'"
        " WHERE status = 'closed'"
    ],
    "seal_sequence": [
        "UPDATE payouts.seal SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM payouts.seal)"
    ],
    "block_chain": ["UPDATE payouts.block SET previous = digest"],
    "places_in_blocks": [
        "UPDATE payouts.seal SET sealed_at = sealed_at - interval '2 minutes'",
        "UPDATE payouts.block SET to_seq = to_seq - 1, leaves = substr(leaves, 33)",
    ],
    "unsealed_age": [
        "DELETE FROM payouts.seal WHERE seq = (SELECT max(seq) FROM payouts.seal)",
        "UPDATE payouts.sealer SET seq = seq - 1",
    ],
    "fx_journals_carry_rate": ["UPDATE payouts.fx_rate SET value = 3.65"],
    "provider_booked_once": [
        "UPDATE payouts.provider_transaction SET fee = fee + 5, net = net - 5"
    ],
    "bank_file_equals_attempts": [
        "INSERT INTO payouts.bank_file (network_id, bank_file_id, currency, state, amount,"
        " lines_count, opened_at) SELECT network_id, gen_random_uuid(), 'SAR', 'open', 5, 1,"
        " prepared_at FROM payouts.payout_attempt LIMIT 1",
    ],
    "bank_line_matched_once": ["UPDATE payouts.bank_statement SET closing = closing + 1"],
    "due_work_is_done": ["UPDATE payouts.due SET due_at = due_at - interval '11 minutes'"],
}


# A book whose journals all balance balances, unless a line stands outside them.
COMPANY = {
    "trial_balance_zero": ["journal_line_count"],
    "statement_lines_once": ["statement_continuity"],
}


def test_every_invariant_is_tried_on_a_breach() -> None:
    assert sorted(PLANTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_a_planted_breach_is_named_by_its_invariant_alone(
    planted: AsyncConnection, name: str
) -> None:
    for statement in PLANTS[name]:
        changed = await planted.execute(text(statement))
        assert changed.rowcount != 0
    results = await checked(planted)
    assert [one for one, result in results.items() if not result.ok] == [
        *COMPANY.get(name, ()),
        name,
    ]
    assert results[name].breaches


@pytest.mark.parametrize(
    "change",
    [
        "expires_at = '2099-01-01'", "earned_at = earned_at + interval '1 day'",
        "funder = 'network'", "origin_id = gen_random_uuid()::text",
        "lapses_to = CASE lapses_to WHEN 'network' THEN 'funder' ELSE 'network' END",
    ],
)  # fmt: skip
async def test_value_whose_terms_are_not_those_of_its_accrual_is_named(
    planted: AsyncConnection, change: str
) -> None:
    changed = await planted.execute(
        text(f"UPDATE payouts.lot SET {change} WHERE origin_kind = 'accrual'")
    )
    assert changed.rowcount != 0
    results = await checked(planted)
    assert [one for one, result in results.items() if not result.ok] == ["lots_keep_terms"]


@pytest.mark.parametrize(
    "change",
    [
        # As if more had been drawn, or set aside, than was agreed.
        "UPDATE payouts.account SET floor_limit = 199 WHERE floor_limit > 0;"
        " UPDATE payouts.floor_limit SET amount = 199 WHERE number = 2",
        "UPDATE payouts.floor_limit SET amount = 200 WHERE number = 2;"
        " UPDATE payouts.account SET floor_limit = 199 WHERE floor_limit > 0",
    ],
)
async def test_a_prefund_below_its_limit_is_named(planted: AsyncConnection, change: str) -> None:
    for statement in change.split(";"):
        assert (await planted.execute(text(statement))).rowcount == 1
    results = await checked(planted)
    broken = [one for one, result in results.items() if not result.ok]
    assert broken[0] == "balance_floors"
    assert broken[1:] == (["floor_limits_agreed"] if "amount = 200" in change else [])


async def test_a_check_that_sees_nothing_where_rows_are_fails(planted: AsyncConnection) -> None:
    await planted.execute(text("ANALYZE payouts.hold"))
    await planted.execute(text("DROP POLICY hold_audit ON payouts.hold"))
    results = await checked(planted)
    assert results["hold_bounds"].examined == 0
    assert results["hold_bounds"].breaches == ({"fault": "rows exist, but none could be seen"},)


async def test_the_auditor_reads_the_views_and_nothing_else(planted: AsyncConnection) -> None:
    await planted.execute(text("SET LOCAL ROLE mizan_auditor"))
    found = await planted.execute(text("SELECT count(*) FROM audit.posting"))
    assert found.scalar_one() > 0
    for forbidden in (
        "SELECT 1 FROM payouts.posting",
        "SELECT 1 FROM catalog.voucher",
        "DELETE FROM audit.hold",
        "SELECT 1 FROM payouts.payee",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with planted.begin_nested():
                await planted.execute(text(forbidden))


async def test_the_command_prints_every_outcome_and_exits_1_on_a_breach(
    cluster: Cluster, sound: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = cluster.url(user="postgres", database=sound)
    found = Addresses(application=url, migrator=url, role=None)
    assert await check(found, as_json=True, now=LATER) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in shown] == NAMES
    assert {tuple(one) for one in shown} == {("name", "ok", "examined", "breaches")}
    assert await check(found, as_json=False, now=LATER + timedelta(minutes=30)) == 1
    printed = capsys.readouterr().out
    assert "BROKEN due_work_is_done (1 examined)" in printed
    assert printed.endswith(f"{len(NAMES) - 1} of {len(NAMES)} invariants hold\n")
