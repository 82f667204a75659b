"""Naming a payee's bank account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.bank_accounts import BankAccount
from payouts.disbursement.destinations import PayoutRail
from payouts.disbursement.errors import BankFileNotUsed
from payouts.disbursement.model import Payee, PayeeState
from payouts.disbursement.offer_destination import offer_destination
from payouts.disbursement.port import AccountVault
from payouts.disbursement.queries import (
    find_destination_policy,
    find_payee_of,
    get_payee,
    lock_payee,
)
from payouts.disbursement.read_bank_accounts import read_bank_accounts
from payouts.disbursement.tables import bank_account, payee
from payouts.disbursement.wake_payouts import wake_payouts
from payouts.money import new_id

LAST = 4


async def name_bank_account(
    db: AsyncConnection,
    *,
    vault: AccountVault,
    network_id: int,
    partner_id: UUID | None,
    member_id: UUID | None,
    country: str,
    account: BankAccount,
    actor: str,
    now: datetime,
) -> Payee:
    """Say to which bank account a partner or a member is paid, in a network that pays by files.

    The first is agreed to by naming it; another one is a change of destination. It is stored
    sealed. Raises BankFileNotUsed.
    """
    policy = await find_destination_policy(db, network_id=network_id)
    if policy is None or policy.rail is not PayoutRail.BANK_FILE:
        raise BankFileNotUsed
    found = await _payee(db, network_id, partner_id, member_id, country, now)
    to = await _keep(db, vault, network_id, found, account=account, actor=actor, now=now)
    await offer_destination(db, network_id=network_id, payee=found, to=to, actor=actor, now=now)
    await db.execute(
        update(payee)
        .where(payee.c.network_id == network_id, payee.c.payee_id == found.payee_id)
        .values(state=PayeeState.ACTIVE.value)
    )
    await wake_payouts(
        db, network_id=network_id, partner_id=partner_id, member_id=member_id, now=now
    )
    return await get_payee(db, network_id=network_id, payee_id=found.payee_id)


async def _payee(
    db: AsyncConnection,
    network_id: int,
    partner_id: UUID | None,
    member_id: UUID | None,
    country: str,
    now: datetime,
) -> Payee:
    await db.execute(
        insert(payee)
        .values(
            network_id=network_id,
            payee_id=new_id(now),
            partner_id=partner_id,
            member_id=member_id,
            state=PayeeState.ACTIVE.value,
            country=country,
            email="",
            name="",
            return_url="",
            requirements="[]",
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    found = await find_payee_of(
        db, network_id=network_id, partner_id=partner_id, member_id=member_id
    )
    assert found is not None
    locked = await lock_payee(db, network_id=network_id, payee_id=found.payee_id)
    assert locked is not None
    return locked


async def _keep(
    db: AsyncConnection,
    vault: AccountVault,
    network_id: int,
    of: Payee,
    *,
    account: BankAccount,
    actor: str,
    now: datetime,
) -> str:
    """Store an account that was never named before; tells its hash."""
    text = account.text()
    digests = vault.digests(network_id=network_id, text=text)
    known = await read_bank_accounts(
        db, network_id=network_id, payee_id=of.payee_id, digests=digests
    )
    for one in known.values():
        return one.destination_hash
    account_id = new_id(now)
    sealed = vault.seal(network_id=network_id, account_id=account_id, text=text)
    await db.execute(
        insert(bank_account).values(
            network_id=network_id,
            bank_account_id=account_id,
            payee_id=of.payee_id,
            partner_id=of.partner_id,
            member_id=of.member_id,
            key_id=sealed.key_id,
            ciphertext=sealed.ciphertext,
            digest=sealed.digest,
            last4=account.number[-LAST:],
            named_by=actor,
            named_at=now,
        )
    )
    return sealed.digest.hex()
