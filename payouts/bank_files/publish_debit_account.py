"""Publishing a debit account."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.model import DebitAccount
from payouts.bank_files.tables import debit_account
from payouts.disbursement import BankAccount
from payouts.money import Money, new_id


async def publish_debit_account(
    db: AsyncConnection,
    *,
    network_id: int,
    currency: str,
    account: BankAccount,
    actor: str,
    now: datetime,
) -> DebitAccount:
    """Say from which of the network's accounts files of a currency are paid that are made from now.

    Earlier ones stay on record. Raises UnknownCurrency.
    """
    Money.zero(currency)  # a currency that nobody knows is refused here
    made = DebitAccount(new_id(now), currency, account, actor, now)
    await db.execute(
        insert(debit_account).values(
            network_id=network_id,
            debit_account_id=made.debit_account_id,
            currency=currency,
            name=account.name,
            number=account.number,
            is_iban=account.is_iban,
            bic=account.bic,
            published_by=actor,
            published_at=now,
        )
    )
    return made
