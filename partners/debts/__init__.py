"""Debts: value that a member spent before its purchase came back, and what becomes of it."""

from partners.debts.errors import DebtPolicyInvalid
from partners.debts.model import AFTER_DAYS_MAX, DebtPolicy, DebtTreatment
from partners.debts.publish_debt_policy import publish_debt_policy
from partners.debts.queries import find_debt_policy, read_debt_policies
from partners.debts.write_off_debts import write_off_debts

__all__ = [
    "AFTER_DAYS_MAX",
    "DebtPolicy",
    "DebtPolicyInvalid",
    "DebtTreatment",
    "find_debt_policy",
    "publish_debt_policy",
    "read_debt_policies",
    "write_off_debts",
]
