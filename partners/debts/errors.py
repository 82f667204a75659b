"""Refusals about debts."""

from payouts.refusal import Refusal


class DebtPolicyInvalid(Refusal):
    """Writing off and recharging come 1 to 3650 days after; what waits for earning has no days."""
