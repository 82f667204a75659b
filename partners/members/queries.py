"""Reads of members and their wallets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.members.errors import MemberNotFound
from partners.members.model import Member, MemberState, Wallet, wallet_accounts
from partners.members.tables import member
from payouts.ledger import Lot, list_accounts_of, list_lots_of, read_balances


def _selected(network_id: int) -> Select[Any]:
    return select(
        member.c.member_id,
        member.c.partner_id,
        member.c.external_id,
        member.c.state,
        member.c.enrolled_at,
        member.c.erased_at,
    ).where(member.c.network_id == network_id)


def _member(row: Row[Any]) -> Member:
    return Member(
        row.member_id,
        row.partner_id,
        row.external_id,
        MemberState(row.state),
        row.enrolled_at,
        row.erased_at,
    )


async def read_members(
    db: AsyncConnection, *, network_id: int, member_ids: Sequence[UUID]
) -> dict[UUID, Member]:
    """Read members by id; who does not exist is left out."""
    rows = await db.execute(_selected(network_id).where(member.c.member_id.in_(member_ids)))
    return {row.member_id: _member(row) for row in rows}


async def get_member(db: AsyncConnection, *, network_id: int, member_id: UUID) -> Member:
    """Read one member; raises MemberNotFound."""
    found = await read_members(db, network_id=network_id, member_ids=[member_id])
    if member_id not in found:
        raise MemberNotFound
    return found[member_id]


def select_member_named(
    network_id: int | ColumnElement[int],
    *,
    member_id: UUID | ColumnElement[UUID] | None = None,
    partner_id: UUID | ColumnElement[UUID] | None = None,
    external_id: str | ColumnElement[str] | None = None,
) -> Select[Any]:
    """Select the id of the member with an id, or whom a partner means by an identity of its own.

    Nobody means who was erased.
    """
    query = select(member.c.member_id).where(
        member.c.network_id == network_id, member.c.state != MemberState.ERASED.value
    )
    if member_id is not None:
        return query.where(member.c.member_id == member_id)
    return query.where(member.c.partner_id == partner_id, member.c.external_id == external_id)


async def find_member_by_identity(
    db: AsyncConnection, *, network_id: int, partner_id: UUID, external_id: str
) -> UUID | None:
    """Find the member whom a partner means by an identity of its own."""
    row = await db.execute(
        select_member_named(network_id, partner_id=partner_id, external_id=external_id)
    )
    found: UUID | None = row.scalar_one_or_none()
    return found


async def list_members(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[Member]:
    """List members in the order of their enrolment: one partner's, or the whole network's."""
    query = _selected(network_id).order_by(member.c.member_id).limit(limit)
    if partner_id is not None:
        query = query.where(member.c.partner_id == partner_id)
    if after is not None:
        query = query.where(member.c.member_id > after)
    return [_member(row) for row in await db.execute(query)]


async def read_wallet(
    db: AsyncConnection, *, network_id: int, member_id: UUID, currency: str
) -> Wallet:
    """Tell what a member has in one currency."""
    return (await _wallets(db, network_id, member_id, [currency]))[0]


async def read_wallets(
    db: AsyncConnection, *, network_id: int, member_id: UUID, currency: str
) -> list[Wallet]:
    """Tell what a member has in `currency` and in every other one it ever had.

    Raises MemberNotFound.
    """
    await get_member(db, network_id=network_id, member_id=member_id)
    accounts = await list_accounts_of(
        db, network_id=network_id, owner_kind="member", owner_id=str(member_id)
    )
    others = sorted({one.unit for one in accounts if not one.is_in_points} - {currency})
    return await _wallets(db, network_id, member_id, [currency, *others])


async def list_wallet_lots(
    db: AsyncConnection, *, network_id: int, member_id: UUID, limit: int
) -> list[Lot]:
    """List what a member's available value is made of, what lapses soonest first."""
    accounts = await list_accounts_of(
        db, network_id=network_id, owner_kind="member", owner_id=str(member_id)
    )
    found = [
        one
        for account in accounts
        if account.type == "member_available" and not account.is_in_points
        for one in await list_lots_of(db, network_id=network_id, account=account, limit=limit)
    ]
    found.sort(key=lambda one: (one.expires_at is None, one.expires_at or one.earned_at))
    return found[:limit]


async def _wallets(
    db: AsyncConnection, network_id: int, member_id: UUID, currencies: Sequence[str]
) -> list[Wallet]:
    named = {currency: wallet_accounts(member_id, currency) for currency in currencies}
    balances = await read_balances(
        db,
        network_id=network_id,
        accounts=[account for accounts in named.values() for account in accounts],
    )
    return [
        Wallet(
            member_id=member_id,
            currency=currency,
            available=balances[available].available,
            held=balances[available].held,
            pending=balances[pending].posted,
            debt=balances[debt].posted,
        )
        for currency, (available, pending, debt) in named.items()
    ]
