"""Reconciliation: every line of the provider and the bank stands in the books, or on a list."""

from payouts.reconciliation.approve_reconciliation_item import approve_reconciliation_item
from payouts.reconciliation.close_period import close_period
from payouts.reconciliation.errors import (
    ApproverIsProposer,
    BankDocumentRefused,
    DuplicateStatement,
    PeriodHasOpenItems,
    ReconciliationItemNotFound,
    ReconciliationItemNotOpen,
    ResolutionUnfit,
    StatementConflict,
)
from payouts.reconciliation.find_order_behind import find_order_behind
from payouts.reconciliation.find_recorded_transactions import find_recorded_transactions
from payouts.reconciliation.forget_unplaced_transaction import forget_unplaced_transaction
from payouts.reconciliation.import_bank_statement import import_bank_statement
from payouts.reconciliation.list_outside_lines import list_outside_lines
from payouts.reconciliation.match_bank_entries import match_bank_entries
from payouts.reconciliation.model import (
    PLACING_GRACE,
    TRANSIT_TYPES,
    UNREADABLE,
    BankLine,
    BankStatement,
    BookedTransaction,
    ItemState,
    OpenEnds,
    ReconciliationItem,
    Resolution,
    WaitingTransaction,
)
from payouts.reconciliation.move_provider_cursor import move_provider_cursor
from payouts.reconciliation.note_unplaced_transaction import note_unplaced_transaction
from payouts.reconciliation.note_unreadable_transaction import note_unreadable_transaction
from payouts.reconciliation.place_unplaced_transaction import place_unplaced_transaction
from payouts.reconciliation.queries import (
    list_items,
    list_unplaced,
    list_waiting,
    read_bank_statements,
    read_items,
    read_open_ends,
    read_provider_cursor,
    total_items,
)
from payouts.reconciliation.record_provider_transaction import record_provider_transaction
from payouts.reconciliation.resolve_reconciliation_item import resolve_reconciliation_item

__all__ = [
    "PLACING_GRACE",
    "TRANSIT_TYPES",
    "UNREADABLE",
    "ApproverIsProposer",
    "BankDocumentRefused",
    "BankLine",
    "BankStatement",
    "BookedTransaction",
    "DuplicateStatement",
    "ItemState",
    "OpenEnds",
    "PeriodHasOpenItems",
    "ReconciliationItem",
    "ReconciliationItemNotFound",
    "ReconciliationItemNotOpen",
    "Resolution",
    "ResolutionUnfit",
    "StatementConflict",
    "WaitingTransaction",
    "approve_reconciliation_item",
    "close_period",
    "find_order_behind",
    "find_recorded_transactions",
    "forget_unplaced_transaction",
    "import_bank_statement",
    "list_items",
    "list_outside_lines",
    "list_unplaced",
    "list_waiting",
    "match_bank_entries",
    "move_provider_cursor",
    "note_unplaced_transaction",
    "note_unreadable_transaction",
    "place_unplaced_transaction",
    "read_bank_statements",
    "read_items",
    "read_open_ends",
    "read_provider_cursor",
    "record_provider_transaction",
    "resolve_reconciliation_item",
    "total_items",
]
