"""The auditor's views: every fact of the books and of what moved them, and nothing secret.

They are owned by mizan_audit, whose policy sees all networks; the auditor may read them and
nothing else. `docs/audit.md` says what each column means.
"""

_OWN_ACCOUNT = "a.book_id = p.book_id AND a.account_id = p.account_id"

LEDGER_VIEWS = {
    "unit": "SELECT u.unit, u.exponent, u.kind FROM payouts.unit u",
    "fx_rate": "SELECT r.network_id, r.fx_rate_id, r.base, r.quote, r.value, r.source,"
    " r.observed_at, r.max_age_seconds, r.published_at FROM payouts.fx_rate r",
    "account": "SELECT a.book_id, a.network_id, a.account_id, a.type, t.gl_code, t.class,"
    " t.normal, t.floor, t.mode, a.unit, a.owner_kind, a.owner_id, a.sub, a.status, a.created_at"
    " FROM payouts.account a JOIN payouts.account_type t ON t.type = a.type",
    "journal": "SELECT j.book_id, j.network_id, j.journal_id, j.kind, j.ledger_key,"
    " j.effective_at, j.recorded_at, j.period, j.origin_period, j.cause_kind, j.cause_id,"
    " j.reverses, j.actor, j.note, j.lines, s.seq, s.sealed_at FROM payouts.journal j"
    " LEFT JOIN payouts.seal s ON s.book_id = j.book_id AND s.journal_id = j.journal_id",
    "posting": "SELECT p.book_id, p.network_id, p.journal_id, p.line, p.account_id,"
    " a.type AS account_type, a.owner_kind, a.owner_id, p.unit, p.amount, p.effective_at"
    f" FROM payouts.posting p LEFT JOIN payouts.account a ON {_OWN_ACCOUNT}",
    "balance": "SELECT p.book_id, p.network_id, p.account_id, a.type AS account_type,"
    " a.owner_kind, a.owner_id, a.unit, p.debit, p.credit, p.held, p.version"
    f" FROM payouts.balance p LEFT JOIN payouts.account a ON {_OWN_ACCOUNT}",
    "hold": "SELECT h.book_id, h.network_id, h.hold_id, h.account_id, h.unit, h.amount,"
    " h.captured, h.released, h.ledger_key, h.cause_kind, h.cause_id, h.placed_at, h.expires_at"
    " FROM payouts.hold h",
    "hold_resolution": "SELECT r.book_id, r.network_id, r.resolution_id, r.hold_id, r.kind,"
    " r.amount, r.ledger_key, r.resolved_at FROM payouts.hold_resolution r",
    "period": "SELECT p.book_id, p.network_id, p.period, p.status, p.proposed_by, p.proposed_at,"
    " p.closed_by, p.closed_at FROM payouts.period p",
    "seal": "SELECT s.book_id, s.network_id, s.seq, s.journal_id, s.sealed_at FROM payouts.seal s",
    "sealer": "SELECT s.book_id, s.network_id, s.seq FROM payouts.sealer s",
}

EARNING_VIEWS = {
    "purchase": "SELECT p.network_id, p.purchase_id, p.partner_id, p.member_id, p.external_id,"
    " p.amount, p.returned, p.currency, p.category, p.purchased_at, p.recorded_at"
    " FROM partners.purchase p",
    "purchase_return": "SELECT r.network_id, r.return_id, r.purchase_id, r.partner_id,"
    " r.member_id, r.amount, r.currency, r.cashback, r.fee, r.debt, r.returned_at"
    " FROM partners.purchase_return r",
    "accrual": "SELECT a.network_id, a.accrual_id, a.purchase_id, a.partner_id, a.member_id,"
    " a.rule_id, a.rate_bps, a.state, a.cashback, a.cashback_reversed, a.fee, a.fee_reversed,"
    " a.debt_offset, a.currency, a.earned_at, a.available_at, a.confirmed_at,"
    " a.pending_journal_id, a.confirm_journal_id FROM partners.accrual a",
    "accrual_share": "SELECT s.network_id, s.accrual_id, s.line, s.funder, s.partner_id, s.amount,"
    " s.reversed FROM partners.accrual_share s",
}

REDEEMING_VIEWS = {
    "redemption": "SELECT r.network_id, r.redemption_id, r.quote_id, r.member_id, r.reward_id,"
    " r.version, r.kind, r.state, r.face, r.face_currency, r.total, r.currency, r.hold_id,"
    " r.card_id, r.booking_id, r.charged, r.charged_currency, r.failure_code, r.placed_at,"
    " r.ended_at FROM catalog.redemption r",
    "redemption_attempt": "SELECT a.network_id, a.attempt_id, a.redemption_id, a.epoch,"
    " a.supplier_id, a.state, a.sends, a.claimed_at, a.ended_at FROM catalog.redemption_attempt a",
    "code_delivery": "SELECT v.network_id, v.voucher_id, v.redemption_id, v.card_id,"
    " v.partner_id, v.member_id, v.created_at, r.actor AS revealed_by, r.revealed_at"
    " FROM catalog.voucher v LEFT JOIN catalog.voucher_reveal r"
    " ON r.network_id = v.network_id AND r.voucher_id = v.voucher_id",
    "gift_card": "SELECT c.network_id, c.card_id, c.brand_id, c.redemption_id, c.partner_id,"
    " c.member_id, c.face, c.currency, c.state, c.issued_at, c.expires_at"
    " FROM catalog.gift_card c",
    "card_authorization": "SELECT a.network_id, a.authorization_id, a.card_id, a.partner_id,"
    " a.amount, a.captured, a.refunded, a.fee, a.fee_returned, a.currency, a.state, a.hold_id,"
    " a.authorized_at, a.expires_at, a.ended_at FROM catalog.card_authorization a",
    "card_refund": "SELECT r.network_id, r.card_refund_id, r.authorization_id, r.card_id,"
    " r.partner_id, r.amount, r.fee, r.currency, r.refunded_at FROM catalog.card_refund r",
    "booking": "SELECT b.network_id, b.booking_id, b.slot_id, b.redemption_id, b.partner_id,"
    " b.member_id, b.price, b.commission, b.penalty, b.currency, b.state, b.starts_at,"
    " b.booked_at, b.ended_at FROM catalog.booking b",
    "experience_slot": "SELECT s.network_id, s.slot_id, s.reward_id, s.partner_id, s.starts_at,"
    " s.capacity, s.booked FROM catalog.experience_slot s",
}

_CYCLE_OF_STATEMENT = (
    "s.network_id = p.network_id AND s.partner_id::text = a.owner_id AND s.currency = p.unit"
    " AND k.seq > s.from_seq AND k.seq <= s.to_seq"
)

SETTLING_VIEWS = {
    "settlement_cycle": "SELECT c.network_id, c.cycle_id, c.number, c.from_seq, c.to_seq,"
    " c.state, c.result_hash, c.closed_by, c.closed_at, c.approved_by, c.approved_at,"
    " c.settled_at FROM payouts.settlement_cycle c",
    "statement": "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, s.number,"
    " s.currency, s.from_seq, s.to_seq, s.opening_receivable, s.opening_payable, s.receivable,"
    " s.payable, s.opening_receivable + s.receivable - s.opening_payable - s.payable AS net,"
    " s.lines_count, s.outcome, s.content_hash, s.state, s.issued_at FROM payouts.statement s",
    "statement_line": "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, k.seq,"
    " p.journal_id, p.line, j.kind, j.cause_kind, j.cause_id, a.type AS account_type, p.unit,"
    " p.amount, p.effective_at FROM payouts.posting p"
    f" JOIN payouts.account a ON {_OWN_ACCOUNT}"
    " AND a.type IN ('partner_recv', 'partner_payable')"
    " JOIN payouts.journal j ON j.book_id = p.book_id AND j.journal_id = p.journal_id"
    " AND j.kind <> 'settlement.net'"
    " JOIN payouts.seal k ON k.book_id = p.book_id AND k.journal_id = p.journal_id"
    f" JOIN payouts.statement s ON {_CYCLE_OF_STATEMENT}",
    "payee": "SELECT p.network_id, p.payee_id, p.partner_id, p.member_id, p.state, p.account_id,"
    " p.destination_hash, p.created_at, p.refreshed_at FROM payouts.payee p",
    "payout": "SELECT p.network_id, p.payout_id, p.kind, p.partner_id, p.member_id, p.cycle_id,"
    " p.amount, p.currency, p.state, p.round, p.taken, p.hold_id, p.destination_hash, p.requested_by,"
    " p.approved_by, p.reason, p.created_at, p.changed_at, p.paid_at FROM payouts.payout p",
    "payout_attempt": "SELECT a.network_id, a.attempt_id, a.payout_id, a.round, a.epoch, a.leg,"
    " a.key, a.account_id, a.amount, a.currency, a.state, a.external_id, a.code, a.sends,"
    " a.lookups, a.prepared_at, a.sent_at, a.resolved_at FROM payouts.payout_attempt a",
    "collection": "SELECT c.network_id, c.collection_id, c.cycle_id, c.partner_id, c.amount,"
    " c.currency, c.state, c.reason, c.created_at, c.changed_at, c.collected_at"
    " FROM payouts.collection c",
    "collection_attempt": "SELECT a.network_id, a.attempt_id, a.collection_id, a.epoch, a.key,"
    " a.amount, a.currency, a.state, a.external_id, a.code, a.sends, a.prepared_at, a.sent_at,"
    " a.resolved_at FROM payouts.collection_attempt a",
    "topup": "SELECT t.network_id, t.topup_id, t.amount, t.currency, t.state, t.external_id,"
    " t.requested_by, t.created_at, t.sent_at, t.changed_at FROM payouts.topup t",
    "webhook_inbox": "SELECT w.provider, w.event_id, w.webhook_id, w.type, w.account_id,"
    " w.object_type, w.object_id, w.occurred_at, w.received_at, w.processed_at, w.attempts,"
    " w.outcome, w.network_id FROM payouts.webhook_inbox w",
    "due": "SELECT d.network_id, d.kind, d.due_id, d.due_at FROM payouts.due d",
}

RECONCILING_VIEWS = {
    "provider_transaction": "SELECT t.network_id, t.provider_transaction_id, t.provider,"
    " t.transaction_id, t.type, t.source_id, t.order_id, t.amount, t.fee, t.net, t.currency,"
    " t.journal_id, t.occurred_at, t.recorded_at FROM payouts.provider_transaction t",
    "bank_statement": "SELECT s.network_id, s.bank_statement_id, s.account, s.statement_ref,"
    " s.sequence, s.currency, s.opening, s.closing, s.entries_count, s.from_on, s.to_on,"
    " encode(s.content_hash, 'hex') AS content_hash, s.imported_by, s.imported_at"
    " FROM payouts.bank_statement s",
    "bank_entry": "SELECT e.network_id, e.bank_entry_id, e.bank_statement_id, e.line, e.account,"
    " e.amount, e.currency, e.booked_on, e.value_on, e.bank_reference, e.end_to_end_id,"
    " e.remittance, e.provider_transaction_id, e.journal_id FROM payouts.bank_entry e",
    "reconciliation_item": "SELECT i.network_id, i.item_id, i.leg, i.state, i.reason,"
    " i.reference, i.provider_transaction_id, i.bank_entry_id, i.bank_statement_id, i.amount,"
    " i.open_amount, i.currency, i.occurred_at, i.noticed_at, i.resolution, i.owner_id, i.remark,"
    " i.proposed_by, i.proposed_at, i.approved_by, i.resolved_at, i.journal_id"
    " FROM payouts.reconciliation_item i",
}

VIEWS = {
    **LEDGER_VIEWS,
    **EARNING_VIEWS,
    **REDEEMING_VIEWS,
    **SETTLING_VIEWS,
    **RECONCILING_VIEWS,
}
