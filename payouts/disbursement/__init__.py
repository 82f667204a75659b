"""Disbursement: payees, payouts, collections and top-ups, each act done once."""

from payouts.disbursement.approve_destination_change import approve_destination_change
from payouts.disbursement.approve_payout import approve_payout
from payouts.disbursement.approve_settlement_cycle import approve_settlement_cycle
from payouts.disbursement.bank_accounts import BankAccount, KeptAccount, read_account
from payouts.disbursement.cancel_payout import cancel_payout
from payouts.disbursement.connect_payee import connect_payee
from payouts.disbursement.count_unfinished_payouts import count_unfinished_payouts
from payouts.disbursement.destinations import (
    COOLDOWN,
    ChangeState,
    DestinationChange,
    DestinationPolicy,
    PayoutRail,
)
from payouts.disbursement.erase_payee import erase_payee
from payouts.disbursement.errors import (
    BankFileNotUsed,
    CollectionNotFound,
    CooldownTooLong,
    DestinationChanged,
    DestinationChangeNotFound,
    DestinationChangeNotOpen,
    InvalidBankAccount,
    InvalidPayee,
    PayeeNotFound,
    PayeeNotReady,
    PayoutBelowMinimum,
    PayoutNotCancellable,
    PayoutNotFound,
    PayoutNotHeld,
    PayoutNotPayable,
    PayoutNotPending,
    PayoutNotRetryable,
    TopUpNotFound,
)
from payouts.disbursement.find_collection_of_payment_intent import find_collection_of_payment_intent
from payouts.disbursement.find_network_of_object import find_network_of_object
from payouts.disbursement.find_networks_of_objects import find_networks_of_objects
from payouts.disbursement.find_owner_of_transfer import find_owner_of_transfer
from payouts.disbursement.find_topup import find_topup
from payouts.disbursement.find_untold_accounts import find_untold_accounts
from payouts.disbursement.find_untold_intents import find_untold_intents
from payouts.disbursement.find_untold_payouts import find_untold_payouts
from payouts.disbursement.find_untold_topups import find_untold_topups
from payouts.disbursement.find_untold_transfers import find_untold_transfers
from payouts.disbursement.list_attempts_of import list_attempts_of
from payouts.disbursement.list_destination_changes import list_destination_changes
from payouts.disbursement.list_orders_of_statements import list_orders_of_statements
from payouts.disbursement.list_paid_accounts import list_paid_accounts
from payouts.disbursement.lock_payee_as_read import lock_payee_as_read
from payouts.disbursement.model import (
    Attempt,
    AttemptState,
    Collection,
    CollectionAttempt,
    CollectionState,
    Debit,
    Leg,
    Order,
    OwnedTransfer,
    Payee,
    PayeeState,
    Payout,
    PayoutState,
    Reason,
    TopUp,
    TopUpState,
)
from payouts.disbursement.move_filed_payout import move_filed_payout
from payouts.disbursement.name_bank_account import name_bank_account
from payouts.disbursement.offer_destination import offer_destination
from payouts.disbursement.port import AccountVault, SealedAccount
from payouts.disbursement.prepare_collection import prepare_collection
from payouts.disbursement.prepare_payout import prepare_payout
from payouts.disbursement.prepare_payouts import Prepared, prepare_payouts
from payouts.disbursement.prepare_resolution import prepare_resolution
from payouts.disbursement.prepare_topup import prepare_topup
from payouts.disbursement.prepare_watch import prepare_watch
from payouts.disbursement.progress import CycleProgress, MoneyProgress, OrderCount, OrderKind
from payouts.disbursement.publish_destination_policy import publish_destination_policy
from payouts.disbursement.put_destination_in_force import put_destination_in_force
from payouts.disbursement.queries import (
    find_destination_policy,
    find_payee_of,
    get_payee,
    get_payout,
    list_attempts,
    list_collection_attempts,
    list_cycle_collections,
    list_cycle_payouts,
    list_payouts,
    lock_attempt,
    lock_payee,
    read_collections,
    read_payees,
    read_payouts,
    read_topups,
    total_payouts,
)
from payouts.disbursement.read_bank_accounts import read_bank_accounts
from payouts.disbursement.read_cycle_progress import read_cycle_progress
from payouts.disbursement.record_absence import record_absence
from payouts.disbursement.record_collection_absence import record_collection_absence
from payouts.disbursement.record_collection_failure import record_collection_failure
from payouts.disbursement.record_collection_return import record_collection_return
from payouts.disbursement.record_failure import record_failure
from payouts.disbursement.record_payee import record_payee
from payouts.disbursement.record_payment_intent import record_payment_intent
from payouts.disbursement.record_provider_payout import record_provider_payout
from payouts.disbursement.record_provider_payouts import record_provider_payouts
from payouts.disbursement.record_reversal import record_reversal
from payouts.disbursement.record_topup import record_topup
from payouts.disbursement.record_topup_failure import record_topup_failure
from payouts.disbursement.record_transfer import record_transfer
from payouts.disbursement.record_transfers import record_transfers
from payouts.disbursement.refuse_destination_change import refuse_destination_change
from payouts.disbursement.release_payout import release_payout
from payouts.disbursement.request_cashback_payout import request_cashback_payout
from payouts.disbursement.request_topup import request_topup
from payouts.disbursement.retry_payout import retry_payout

__all__ = [
    "COOLDOWN",
    "AccountVault",
    "Attempt",
    "AttemptState",
    "BankAccount",
    "BankFileNotUsed",
    "ChangeState",
    "Collection",
    "CollectionAttempt",
    "CollectionNotFound",
    "CollectionState",
    "CooldownTooLong",
    "CycleProgress",
    "Debit",
    "DestinationChange",
    "DestinationChangeNotFound",
    "DestinationChangeNotOpen",
    "DestinationChanged",
    "DestinationPolicy",
    "InvalidBankAccount",
    "InvalidPayee",
    "KeptAccount",
    "Leg",
    "MoneyProgress",
    "Order",
    "OrderCount",
    "OrderKind",
    "OwnedTransfer",
    "Payee",
    "PayeeNotFound",
    "PayeeNotReady",
    "PayeeState",
    "Payout",
    "PayoutBelowMinimum",
    "PayoutNotCancellable",
    "PayoutNotFound",
    "PayoutNotHeld",
    "PayoutNotPayable",
    "PayoutNotPending",
    "PayoutNotRetryable",
    "PayoutRail",
    "PayoutState",
    "Prepared",
    "Reason",
    "SealedAccount",
    "TopUp",
    "TopUpNotFound",
    "TopUpState",
    "approve_destination_change",
    "approve_payout",
    "approve_settlement_cycle",
    "cancel_payout",
    "connect_payee",
    "count_unfinished_payouts",
    "erase_payee",
    "find_collection_of_payment_intent",
    "find_destination_policy",
    "find_network_of_object",
    "find_networks_of_objects",
    "find_owner_of_transfer",
    "find_payee_of",
    "find_topup",
    "find_untold_accounts",
    "find_untold_intents",
    "find_untold_payouts",
    "find_untold_topups",
    "find_untold_transfers",
    "get_payee",
    "get_payout",
    "list_attempts",
    "list_attempts_of",
    "list_collection_attempts",
    "list_cycle_collections",
    "list_cycle_payouts",
    "list_destination_changes",
    "list_orders_of_statements",
    "list_paid_accounts",
    "list_payouts",
    "lock_attempt",
    "lock_payee",
    "lock_payee_as_read",
    "move_filed_payout",
    "name_bank_account",
    "offer_destination",
    "prepare_collection",
    "prepare_payout",
    "prepare_payouts",
    "prepare_resolution",
    "prepare_topup",
    "prepare_watch",
    "publish_destination_policy",
    "put_destination_in_force",
    "read_account",
    "read_bank_accounts",
    "read_collections",
    "read_cycle_progress",
    "read_payees",
    "read_payouts",
    "read_topups",
    "record_absence",
    "record_collection_absence",
    "record_collection_failure",
    "record_collection_return",
    "record_failure",
    "record_payee",
    "record_payment_intent",
    "record_provider_payout",
    "record_provider_payouts",
    "record_reversal",
    "record_topup",
    "record_topup_failure",
    "record_transfer",
    "record_transfers",
    "refuse_destination_change",
    "release_payout",
    "request_cashback_payout",
    "request_topup",
    "retry_payout",
    "total_payouts",
]
