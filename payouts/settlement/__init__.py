"""Settlement: which partner owes whom, fixed cycle by cycle and netted."""

from payouts.settlement.abandon_settlement_cycle import abandon_settlement_cycle
from payouts.settlement.adjustment import AdjustmentLine, AdjustmentReason, AdjustmentStatement
from payouts.settlement.calendar import Every, SettlementCalendar
from payouts.settlement.certify_statement import certify_statement
from payouts.settlement.close_settlement_cycle import close_settlement_cycle
from payouts.settlement.conversion import CarriedBecause, Conversion, ConversionPolicy
from payouts.settlement.count_approvals_needed import count_approvals_needed
from payouts.settlement.count_statements import count_statements
from payouts.settlement.describe_adjustment import describe_adjustment
from payouts.settlement.describe_statement import describe_statement
from payouts.settlement.description import (
    AdjustmentDescription,
    Moved,
    StatementDescription,
    remittance_reference,
    sides_of,
)
from payouts.settlement.errors import (
    AlreadyApproved,
    ApproverIsMaker,
    CalendarInvalid,
    CertificateNotReady,
    ContentChanged,
    ConversionInvalid,
    NoCertificate,
    NothingToAdjust,
    NothingToSettle,
    PreviousCycleInReview,
    ReviewOpen,
    SettlementCycleNotFound,
    SettlementCycleNotInReview,
    StatementAltered,
    StatementNotFinal,
    StatementNotFound,
    WindowOpen,
    WindowOutOfOrder,
)
from payouts.settlement.find_calendar import find_calendar
from payouts.settlement.find_statements import find_statements
from payouts.settlement.issue_adjustment_statement import issue_adjustment_statement
from payouts.settlement.list_adjustment_lines import list_adjustment_lines
from payouts.settlement.list_adjustment_statements import list_adjustment_statements
from payouts.settlement.list_settlement_conversions import list_settlement_conversions
from payouts.settlement.list_settlement_cycles import list_settlement_cycles
from payouts.settlement.list_statement_lines import list_statement_lines
from payouts.settlement.model import (
    OWN_KINDS,
    SCOPE,
    Approval,
    CycleState,
    Outcome,
    PayoutPolicy,
    Position,
    SettlementCycle,
    Sides,
    Statement,
    StatementState,
    minimum_of,
)
from payouts.settlement.netting import Netting, Transfer, settle_bilaterally
from payouts.settlement.post_settlement_cycle import post_settlement_cycle
from payouts.settlement.progress import IssuedStatements, StatementCount
from payouts.settlement.publish_payout_policy import publish_payout_policy
from payouts.settlement.publish_settlement_calendar import publish_settlement_calendar
from payouts.settlement.publish_settlement_conversion import publish_settlement_conversion
from payouts.settlement.queries import (
    find_settlement_cycle,
    get_payout_policies,
    get_settlement_cycle,
    get_statement,
    list_cycle_statements,
    list_statements,
    lock_settlement_cycle,
    page_cycle_statements,
    read_payout_policies,
    read_settlement_cycles,
    read_statements,
    total_statements,
)
from payouts.settlement.read_adjustment_statements import read_adjustment_statements
from payouts.settlement.read_calendars import read_calendars
from payouts.settlement.record_cycle_progress import record_cycle_progress
from payouts.settlement.reissue_settlement_cycle import reissue_settlement_cycle
from payouts.settlement.report_netting import report_netting

__all__ = [
    "OWN_KINDS",
    "SCOPE",
    "AdjustmentDescription",
    "AdjustmentLine",
    "AdjustmentReason",
    "AdjustmentStatement",
    "AlreadyApproved",
    "Approval",
    "ApproverIsMaker",
    "CalendarInvalid",
    "CarriedBecause",
    "CertificateNotReady",
    "ContentChanged",
    "Conversion",
    "ConversionInvalid",
    "ConversionPolicy",
    "CycleState",
    "Every",
    "IssuedStatements",
    "Moved",
    "Netting",
    "NoCertificate",
    "NothingToAdjust",
    "NothingToSettle",
    "Outcome",
    "PayoutPolicy",
    "Position",
    "PreviousCycleInReview",
    "ReviewOpen",
    "SettlementCalendar",
    "SettlementCycle",
    "SettlementCycleNotFound",
    "SettlementCycleNotInReview",
    "Sides",
    "Statement",
    "StatementAltered",
    "StatementCount",
    "StatementDescription",
    "StatementNotFinal",
    "StatementNotFound",
    "StatementState",
    "Transfer",
    "WindowOpen",
    "WindowOutOfOrder",
    "abandon_settlement_cycle",
    "certify_statement",
    "close_settlement_cycle",
    "count_approvals_needed",
    "count_statements",
    "describe_adjustment",
    "describe_statement",
    "find_calendar",
    "find_settlement_cycle",
    "find_statements",
    "get_payout_policies",
    "get_settlement_cycle",
    "get_statement",
    "issue_adjustment_statement",
    "list_adjustment_lines",
    "list_adjustment_statements",
    "list_cycle_statements",
    "list_settlement_conversions",
    "list_settlement_cycles",
    "list_statement_lines",
    "list_statements",
    "lock_settlement_cycle",
    "minimum_of",
    "page_cycle_statements",
    "post_settlement_cycle",
    "publish_payout_policy",
    "publish_settlement_calendar",
    "publish_settlement_conversion",
    "read_adjustment_statements",
    "read_calendars",
    "read_payout_policies",
    "read_settlement_cycles",
    "read_statements",
    "record_cycle_progress",
    "reissue_settlement_cycle",
    "remittance_reference",
    "report_netting",
    "settle_bilaterally",
    "sides_of",
    "total_statements",
]
