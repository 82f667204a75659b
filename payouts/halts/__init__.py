"""Halts: what stops payouts and codes when the books break a promise, until somebody lifts it."""

from payouts.halts.errors import Halted, HaltIsLifted, HaltNotFound
from payouts.halts.lift_halt import lift_halt
from payouts.halts.model import ALL_NETWORKS, HALT_WAIT, REASON_LENGTH_MAX, Halt
from payouts.halts.open_halt import open_halt
from payouts.halts.queries import is_halted, list_halts, list_open_halts, read_halts
from payouts.halts.refuse_halted import refuse_halted

__all__ = [
    "ALL_NETWORKS",
    "HALT_WAIT",
    "REASON_LENGTH_MAX",
    "Halt",
    "HaltIsLifted",
    "HaltNotFound",
    "Halted",
    "is_halted",
    "lift_halt",
    "list_halts",
    "list_open_halts",
    "open_halt",
    "read_halts",
    "refuse_halted",
]
