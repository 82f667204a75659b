"""Reads of partners and agreements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements.errors import AgreementNotFound, PartnerNotFound
from partners.agreements.model import (
    BALANCE_ACCOUNTS,
    Agreement,
    Partner,
    PartnerBalance,
    PartnerRole,
    PartnerState,
    UnspentTo,
)
from partners.agreements.tables import agreement, partner
from payouts.ledger import Account, list_accounts_of, read_balances, read_balances_as_of
from payouts.money import Money

AGREEMENTS_MAX = 1_000


def _partners(network_id: int) -> Select[Any]:
    return select(
        partner.c.partner_id, partner.c.name, partner.c.roles, partner.c.country, partner.c.state
    ).where(partner.c.network_id == network_id)


def _partner(row: Row[Any]) -> Partner:
    return Partner(
        partner_id=row.partner_id,
        name=row.name,
        roles=frozenset(PartnerRole(role) for role in row.roles),
        country=row.country,
        state=PartnerState(row.state),
    )


def _agreements(network_id: int | ColumnElement[int]) -> Select[Any]:
    return select(
        agreement.c.agreement_id,
        agreement.c.partner_id,
        agreement.c.version,
        agreement.c.currency,
        agreement.c.purchase_fee_bps,
        agreement.c.acceptance_fee_bps,
        agreement.c.experience_commission_bps,
        agreement.c.return_window_days,
        agreement.c.starts_at,
        agreement.c.ends_at,
        agreement.c.unspent_to,
    ).where(agreement.c.network_id == network_id)


def agreement_of(row: Any) -> Agreement:
    """Make an agreement of a selected row."""
    return Agreement(
        agreement_id=row.agreement_id,
        partner_id=row.partner_id,
        version=row.version,
        currency=row.currency,
        purchase_fee_bps=row.purchase_fee_bps,
        acceptance_fee_bps=row.acceptance_fee_bps,
        experience_commission_bps=row.experience_commission_bps,
        return_window_days=row.return_window_days,
        effective_from=row.starts_at,
        effective_to=row.ends_at,
        unspent_to=UnspentTo(row.unspent_to),
    )


async def read_partners(
    db: AsyncConnection, *, network_id: int, partner_ids: Sequence[UUID]
) -> dict[UUID, Partner]:
    """Read partners by id; who does not exist is left out."""
    rows = await db.execute(_partners(network_id).where(partner.c.partner_id.in_(partner_ids)))
    return {row.partner_id: _partner(row) for row in rows}


async def get_partner(db: AsyncConnection, *, network_id: int, partner_id: UUID) -> Partner:
    """Read one partner; raises PartnerNotFound."""
    found = await read_partners(db, network_id=network_id, partner_ids=[partner_id])
    if partner_id not in found:
        raise PartnerNotFound
    return found[partner_id]


async def list_partners(
    db: AsyncConnection, *, network_id: int, after: UUID | None = None, limit: int
) -> list[Partner]:
    """List a network's partners in the order of their joining, from after one of them."""
    query = _partners(network_id).order_by(partner.c.partner_id).limit(limit)
    if after is not None:
        query = query.where(partner.c.partner_id > after)
    return [_partner(row) for row in await db.execute(query)]


def select_agreement_at(
    network_id: int | ColumnElement[int],
    *,
    partner_id: UUID | ColumnElement[UUID],
    at: datetime | ColumnElement[datetime],
) -> Select[Any]:
    """Select the version of a partner's agreement that is in force at an instant."""
    return _agreements(network_id).where(
        agreement.c.partner_id == partner_id,
        agreement.c.starts_at <= at,
        or_(agreement.c.ends_at.is_(None), agreement.c.ends_at > at),
    )


async def find_agreement(
    db: AsyncConnection, *, network_id: int, partner_id: UUID, at: datetime
) -> Agreement | None:
    """Find the version of a partner's agreement that is in force at an instant."""
    row = await db.execute(select_agreement_at(network_id, partner_id=partner_id, at=at))
    found = row.one_or_none()
    return None if found is None else agreement_of(found)


async def read_agreements(
    db: AsyncConnection, *, network_id: int, agreement_ids: Sequence[UUID]
) -> dict[UUID, Agreement]:
    """Read versions of agreements by id; what does not exist is left out."""
    rows = await db.execute(
        _agreements(network_id).where(agreement.c.agreement_id.in_(agreement_ids))
    )
    return {row.agreement_id: agreement_of(row) for row in rows}


async def get_agreement(db: AsyncConnection, *, network_id: int, agreement_id: UUID) -> Agreement:
    """Read one version of an agreement; raises AgreementNotFound."""
    found = await read_agreements(db, network_id=network_id, agreement_ids=[agreement_id])
    if agreement_id not in found:
        raise AgreementNotFound
    return found[agreement_id]


async def list_agreements(
    db: AsyncConnection, *, network_id: int, partner_id: UUID
) -> list[Agreement]:
    """List the versions of a partner's agreement, the oldest first."""
    rows = await db.execute(
        _agreements(network_id)
        .where(agreement.c.partner_id == partner_id)
        .order_by(agreement.c.version)
        .limit(AGREEMENTS_MAX)
    )
    return [agreement_of(row) for row in rows]


async def _read_posted(
    db: AsyncConnection,
    network_id: int,
    accounts: Sequence[Account],
    effective_before: datetime | None,
) -> Mapping[Account, Money]:
    if effective_before is not None:
        return await read_balances_as_of(
            db, network_id=network_id, accounts=accounts, effective_before=effective_before
        )
    balances = await read_balances(db, network_id=network_id, accounts=accounts)
    return {account: balance.posted for account, balance in balances.items()}


async def read_partner_balances(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    currency: str,
    effective_before: datetime | None = None,
) -> list[PartnerBalance]:
    """Tell where a partner stands in `currency` and in every other one it ever dealt in.

    Now, or from what had happened before an instant. Raises PartnerNotFound.
    """
    await get_partner(db, network_id=network_id, partner_id=partner_id)
    accounts = await list_accounts_of(
        db, network_id=network_id, owner_kind="partner", owner_id=str(partner_id)
    )
    posted = await _read_posted(db, network_id, accounts, effective_before)

    def standing(unit: str, types: Sequence[str]) -> Money:
        parts = [
            amount
            for account, amount in posted.items()
            if account.unit == unit and account.type in types
        ]
        return sum(parts, start=Money.zero(unit))

    others = sorted({account.unit for account in accounts} - {currency})
    return [
        PartnerBalance(
            partner_id,
            unit,
            **{part: standing(unit, types) for part, types in BALANCE_ACCOUNTS.items()},
        )
        for unit in (currency, *others)
    ]
