"""What breaks each invariant, and what else it then breaks too."""


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
    "adjustment_equals_postings": [
        "UPDATE payouts.adjustment_statement SET receivable = receivable + 1"
    ],
    # Of three documents the second one.
    "numbers_have_no_gap": [
        "UPDATE payouts.adjustment_statement SET number = number + 1",
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
    "mistaken_order_booked": [
        "UPDATE catalog.mistaken_order_resolution SET charged = charged + 1 WHERE charged > 0"
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
    "statement_is_converted": [
        "UPDATE payouts.statement SET converted_amount = converted_amount + 1"
        " WHERE outcome = 'converted'"
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
    "statement_lines_once": ["numbers_have_no_gap", "statement_continuity"],
}
