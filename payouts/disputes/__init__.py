"""Disputes: single lines of statements that their partner does not accept."""

from payouts.disputes.decide_dispute import decide_dispute
from payouts.disputes.errors import (
    DisputeAboveLine,
    DisputeNotFound,
    DisputeNotOpen,
    DisputeTooLate,
    InvalidReason,
    LineDisputed,
    LineNotDisputable,
    StatementNotDisputable,
)
from payouts.disputes.model import Dispute, DisputeState
from payouts.disputes.open_dispute import open_dispute
from payouts.disputes.queries import list_disputes, read_disputes
from payouts.disputes.withdraw_dispute import withdraw_dispute

__all__ = [
    "Dispute",
    "DisputeAboveLine",
    "DisputeNotFound",
    "DisputeNotOpen",
    "DisputeState",
    "DisputeTooLate",
    "InvalidReason",
    "LineDisputed",
    "LineNotDisputable",
    "StatementNotDisputable",
    "decide_dispute",
    "list_disputes",
    "open_dispute",
    "read_disputes",
    "withdraw_dispute",
]
