"""From the SQLSTATEs of the posting functions to refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from payouts.ledger.errors import (
    AccountNotOpen,
    BalanceTooLow,
    HoldHasLess,
    HoldNotFound,
    LedgerFault,
    PeriodClosed,
    ReversalFault,
)
from payouts.money import AmountOutOfRange
from payouts.refusal import Refusal

_REFUSALS: dict[str, type[Refusal]] = {
    "MZ005": AccountNotOpen,
    "MZ006": PeriodClosed,
    "MZ007": BalanceTooLow,
    "MZ011": HoldNotFound,
    "MZ012": HoldHasLess,
    "MZ017": AmountOutOfRange,
}
_REVERSALS = frozenset({"MZ014", "MZ015", "MZ016"})
UNOPENED = frozenset({"MZ002", "MZ004"})
"""What is answered for a journal with an account that is not opened yet, if nothing else is wrong."""


_MEANINGS = {
    "MZ001": "the ledger of another network",
    "MZ002": "a journal has 2 to 1000 lines, each with an account, a unit and an amount",
    "MZ003": "the journal does not balance",
    "MZ004": "an account is not of this book",
    "MZ008": "the key was used for another journal",
    "MZ013": "an account is in another unit, or of a type that takes none of its kind",
    "MZ014": "a reversal is not reversed",
    "MZ015": "more would be reversed than was posted",
    "MZ016": "the journal to reverse or restore is not of this book",
}


def error_of(sqlstate: str, message: str = "") -> Refusal | LedgerFault:
    """Make the room's own error of what a posting function answered or raised."""
    refusal = _REFUSALS.get(sqlstate)
    if refusal is not None:
        return refusal()
    fault = ReversalFault if sqlstate in _REVERSALS else LedgerFault
    return fault(sqlstate, message or _MEANINGS.get(sqlstate, "the journal was refused"))


@contextmanager
def ledger_refusals() -> Iterator[None]:
    """Turn a refusal of the posting functions into the room's own errors."""
    try:
        yield
    except DBAPIError as error:
        origin: Any = error.orig
        sqlstate = getattr(origin, "sqlstate", None) or ""
        if not sqlstate.startswith("MZ"):
            raise
        raise error_of(sqlstate, str(origin)) from error
