"""Disbursement: payees, payouts, collections and top-ups, each act done once."""

from payouts.disbursement.find_collection_of_payment_intent import (
    find_collection_of_payment_intent,
)
from payouts.disbursement.find_network_of_object import find_network_of_object
from payouts.disbursement.find_owner_of_transfer import find_owner_of_transfer
from payouts.disbursement.find_topup import find_topup
from payouts.disbursement.model import OwnedTransfer

__all__ = [
    "OwnedTransfer",
    "find_collection_of_payment_intent",
    "find_network_of_object",
    "find_owner_of_transfer",
    "find_topup",
]
