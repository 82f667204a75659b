"""Refusals about accruals."""

from payouts.refusal import Refusal


class AccrualNotFound(Refusal):
    """There is no such accrual."""
