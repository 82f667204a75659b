"""The ledger: the only room that writes journals, postings, balances and holds."""

from payouts.ledger.agree_floor_limit import agree_floor_limit
from payouts.ledger.begin_stretch import begin_stretch
from payouts.ledger.capture_holds import Capture, capture_holds
from payouts.ledger.chart import CHART, AccountType
from payouts.ledger.corrections import Corrected, Correction
from payouts.ledger.errors import (
    AccountNotOpen,
    BalanceTooLow,
    FloorLimitTooLow,
    HoldHasLess,
    HoldNotFound,
    LedgerFault,
    PeriodClosed,
    PeriodCloserIsProposer,
    PeriodNotOver,
    ReversalFault,
)
from payouts.ledger.faults import UNOPENED, ledger_refusals
from payouts.ledger.find_first_movement import find_first_movement
from payouts.ledger.find_journal import find_journal
from payouts.ledger.find_journals_by_cause import find_journals_by_cause
from payouts.ledger.find_journals_by_key import find_journals_by_key
from payouts.ledger.find_reversals import find_reversals
from payouts.ledger.fold_balances import fold_balances
from payouts.ledger.list_accounts_of import list_accounts_of
from payouts.ledger.list_corrections import list_corrections
from payouts.ledger.list_expired_lots import list_expired_lots
from payouts.ledger.list_floor_limits import list_floor_limits
from payouts.ledger.list_lot_uses import list_lot_uses
from payouts.ledger.list_lots_from import list_lots_from
from payouts.ledger.list_lots_of import list_lots_of
from payouts.ledger.list_movements import list_movements
from payouts.ledger.list_standing import list_standing
from payouts.ledger.list_uses_of_lots import list_uses_of_lots
from payouts.ledger.lock_balances import lock_balances
from payouts.ledger.lock_coverage import lock_coverage
from payouts.ledger.make_partition import (
    PARTITIONED_TABLES,
    PartitionedTable,
    Partitioning,
    make_partition,
)
from payouts.ledger.model import (
    Account,
    AnyLine,
    Balance,
    Cause,
    Draft,
    FloorLimit,
    Fold,
    Hold,
    Journal,
    KindSum,
    Line,
    Lot,
    LotPart,
    LotUse,
    LotUses,
    Movement,
    MovementSum,
    Period,
    PlacedHold,
    Posted,
    Posting,
    Standing,
    TrialRow,
    credit,
    debit,
    month_after,
    own_account,
    total_trial_balance,
)
from payouts.ledger.move_period import move_period
from payouts.ledger.open_accounts import open_accounts
from payouts.ledger.open_book import open_book
from payouts.ledger.place_hold import place_hold
from payouts.ledger.post_journal import post_journal
from payouts.ledger.post_journals import post_journals
from payouts.ledger.posting_arrays import outcome_of, posting_binds, posting_call, posting_values
from payouts.ledger.queries import (
    find_journals_of,
    list_books,
    read_balances,
    read_holds,
    read_journals,
    read_periods,
    read_points,
    read_trial_balance,
    read_zone,
)
from payouts.ledger.read_balances_as_of import read_balances_as_of
from payouts.ledger.read_lots import read_lots
from payouts.ledger.read_unplaced_bytes import read_unplaced_bytes
from payouts.ledger.resolve_hold import resolve_hold
from payouts.ledger.stretch import Cut, Stretch
from payouts.ledger.sum_corrections import sum_corrections
from payouts.ledger.sum_expiring import sum_expiring
from payouts.ledger.sum_kinds import sum_kinds
from payouts.ledger.sum_lot_uses import sum_lot_uses
from payouts.ledger.sum_movements import sum_movements

__all__ = [
    "CHART",
    "PARTITIONED_TABLES",
    "UNOPENED",
    "Account",
    "AccountNotOpen",
    "AccountType",
    "AnyLine",
    "Balance",
    "BalanceTooLow",
    "Capture",
    "Cause",
    "Corrected",
    "Correction",
    "Cut",
    "Draft",
    "FloorLimit",
    "FloorLimitTooLow",
    "Fold",
    "Hold",
    "HoldHasLess",
    "HoldNotFound",
    "Journal",
    "KindSum",
    "LedgerFault",
    "Line",
    "Lot",
    "LotPart",
    "LotUse",
    "LotUses",
    "Movement",
    "MovementSum",
    "PartitionedTable",
    "Partitioning",
    "Period",
    "PeriodClosed",
    "PeriodCloserIsProposer",
    "PeriodNotOver",
    "PlacedHold",
    "Posted",
    "Posting",
    "ReversalFault",
    "Standing",
    "Stretch",
    "TrialRow",
    "agree_floor_limit",
    "begin_stretch",
    "capture_holds",
    "credit",
    "debit",
    "find_first_movement",
    "find_journal",
    "find_journals_by_cause",
    "find_journals_by_key",
    "find_journals_of",
    "find_reversals",
    "fold_balances",
    "ledger_refusals",
    "list_accounts_of",
    "list_books",
    "list_corrections",
    "list_expired_lots",
    "list_floor_limits",
    "list_lot_uses",
    "list_lots_from",
    "list_lots_of",
    "list_movements",
    "list_standing",
    "list_uses_of_lots",
    "lock_balances",
    "lock_coverage",
    "make_partition",
    "month_after",
    "move_period",
    "open_accounts",
    "open_book",
    "outcome_of",
    "own_account",
    "place_hold",
    "post_journal",
    "post_journals",
    "posting_binds",
    "posting_call",
    "posting_values",
    "read_balances",
    "read_balances_as_of",
    "read_holds",
    "read_journals",
    "read_lots",
    "read_periods",
    "read_points",
    "read_trial_balance",
    "read_unplaced_bytes",
    "read_zone",
    "resolve_hold",
    "sum_corrections",
    "sum_expiring",
    "sum_kinds",
    "sum_lot_uses",
    "sum_movements",
    "total_trial_balance",
]
