"""The query of lots with their accounts, and lots out of its rows."""

from typing import Any

from sqlalchemy import Row, Select, and_, select

from payouts.ledger.model import Account, Cause, Lot
from payouts.ledger.tables import account, lot
from payouts.money import amount_in

_COLUMNS = (
    lot.c.lot_id,
    lot.c.unit,
    lot.c.amount,
    lot.c.remaining,
    lot.c.origin_kind,
    lot.c.origin_id,
    lot.c.funder,
    lot.c.earned_at,
    lot.c.expires_at,
    lot.c.lapses_to,
    lot.c.journal_id,
    lot.c.from_lot_id,
    account.c.type,
    account.c.owner_id,
    account.c.sub,
)
_OWN = and_(account.c.book_id == lot.c.book_id, account.c.account_id == lot.c.account_id)

LotRow = tuple[Any, ...]


def select_lots(*, network_id: int) -> Select[LotRow]:
    """Write the query of a network's lots."""
    return (
        select(*_COLUMNS)
        .select_from(lot.join(account, _OWN))
        .where(lot.c.book_id == network_id, account.c.book_id == network_id)
    )


def lot_of(row: Row[LotRow]) -> Lot[Any]:
    """Make the lot of a row of that query: of money or of points."""
    return Lot(
        lot_id=row.lot_id,
        account=Account(row.type, row.owner_id, row.unit, row.sub),
        amount=amount_in(row.unit, row.amount),
        remaining=amount_in(row.unit, row.remaining),
        origin=Cause(row.origin_kind, row.origin_id),
        funder=row.funder,
        earned_at=row.earned_at,
        expires_at=row.expires_at,
        lapses_to=row.lapses_to,
        journal_id=row.journal_id,
        from_lot_id=row.from_lot_id,
    )
