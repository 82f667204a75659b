"""Accruals: value earned from purchases, pending until the return window is over."""

from partners.accruals.confirm_due_accruals import confirm_due_accruals
from partners.accruals.errors import AccrualNotFound
from partners.accruals.expire_due_lots import expire_due_lots
from partners.accruals.model import Accrual, AccrualShare, AccrualState
from partners.accruals.queries import (
    get_accrual,
    list_accruals,
    read_accruals,
    read_accruals_of_purchases,
    total_accruals,
)
from partners.accruals.record_accruals import Earning, record_accruals
from partners.accruals.reverse_accrual import Reversed, reverse_accrual

__all__ = [
    "Accrual",
    "AccrualNotFound",
    "AccrualShare",
    "AccrualState",
    "Earning",
    "Reversed",
    "confirm_due_accruals",
    "expire_due_lots",
    "get_accrual",
    "list_accruals",
    "read_accruals",
    "read_accruals_of_purchases",
    "record_accruals",
    "reverse_accrual",
    "total_accruals",
]
