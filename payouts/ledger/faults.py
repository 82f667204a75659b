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
)

_REFUSALS = {
    "MZ005": AccountNotOpen,
    "MZ006": PeriodClosed,
    "MZ007": BalanceTooLow,
    "MZ011": HoldNotFound,
    "MZ012": HoldHasLess,
}


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
        refusal = _REFUSALS.get(sqlstate)
        if refusal is None:
            raise LedgerFault(sqlstate, str(origin)) from error
        raise refusal() from error
