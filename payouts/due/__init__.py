"""Due work: which object of which network wants attention, and when."""

from payouts.due.announce_all_due import ANNOUNCE, announce_all_due
from payouts.due.announce_due import announce_due
from payouts.due.claim_due import claim_due
from payouts.due.clear_all_due import clear_all_due
from payouts.due.clear_due import clear_due
from payouts.due.model import DueNetwork
from payouts.due.queries import list_due_networks

__all__ = [
    "ANNOUNCE",
    "DueNetwork",
    "announce_all_due",
    "announce_due",
    "claim_due",
    "clear_all_due",
    "clear_due",
    "list_due_networks",
]
