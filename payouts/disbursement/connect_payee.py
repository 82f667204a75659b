"""Connecting a payee."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.errors import InvalidPayee
from payouts.disbursement.model import Payee, PayeeState
from payouts.disbursement.queries import find_payee_of
from payouts.disbursement.tables import payee
from payouts.due import announce_due
from payouts.money import new_id

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}", re.ASCII)
_URL = re.compile(r"https?://[^\s]{1,2000}", re.ASCII)


async def connect_payee(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    member_id: UUID | None,
    country: str,
    email: str,
    name: str,
    return_url: str,
    now: datetime,
) -> Payee:
    """Order an account at the provider for a partner or a member, and a page for its onboarding.

    Connecting again gives the same payee, with a fresh page while its onboarding is not complete,
    and has the provider asked whether it can be paid and debited by now.
    Without a `return_url` the page leads back to the console. Raises InvalidPayee.
    """
    _check(country, email, return_url)
    await db.execute(
        insert(payee)
        .values(
            network_id=network_id,
            payee_id=new_id(now),
            partner_id=partner_id,
            member_id=member_id,
            state=PayeeState.CREATING.value,
            country=country,
            email=email,
            name=name,
            return_url=return_url,
            requirements="[]",
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    found = await find_payee_of(
        db, network_id=network_id, partner_id=partner_id, member_id=member_id
    )
    assert found is not None
    if return_url and found.return_url != return_url:
        await db.execute(
            update(payee)
            .where(payee.c.network_id == network_id, payee.c.payee_id == found.payee_id)
            .values(return_url=return_url)
        )
    await announce_due(
        db, network_id=network_id, kind="payee.connect", due_id=found.payee_id, due_at=now
    )
    return found


def _check(country: str, email: str, return_url: str) -> None:
    if not _COUNTRY.fullmatch(country):
        raise InvalidPayee(path=("country",))
    if not _EMAIL.fullmatch(email):
        raise InvalidPayee(path=("email",))
    if return_url and not _URL.fullmatch(return_url):
        raise InvalidPayee(path=("return_url",))
