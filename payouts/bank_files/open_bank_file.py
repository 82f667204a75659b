"""Opening a bank file."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.model import BankFile, BankFileState
from payouts.bank_files.queries import lock_open_file
from payouts.bank_files.tables import bank_file
from payouts.money import new_id

TRIES_MAX = 3


async def open_bank_file(
    db: AsyncConnection, *, network_id: int, currency: str, now: datetime
) -> BankFile:
    """Give a currency a file that takes payouts, unless it has one; it is locked."""
    for _ in range(TRIES_MAX):
        await _insert(db, network_id, currency, now)
        found = await lock_open_file(db, network_id=network_id, currency=currency)
        if found is not None:
            return found
        # The one that was open was made into a file meanwhile.
    raise AssertionError(f"no file of {currency} stays open")


async def _insert(db: AsyncConnection, network_id: int, currency: str, now: datetime) -> None:
    await db.execute(
        insert(bank_file)
        .values(
            network_id=network_id,
            bank_file_id=new_id(now),
            currency=currency,
            state=BankFileState.OPEN.value,
            amount=0,
            lines_count=0,
            opened_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=[bank_file.c.network_id, bank_file.c.currency],
            index_where=text("state = 'open'"),
        )
    )
