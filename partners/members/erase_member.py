"""Erasing what is personal of a member."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.members.errors import MemberHasMoney, MemberIsErased
from partners.members.lock_members import lock_members
from partners.members.model import ERASED_PREFIX, Member, MemberState
from partners.members.queries import get_member
from partners.members.tables import member, member_erasure
from payouts.disbursement import count_unfinished_payouts, erase_payee
from payouts.ledger import list_accounts_of, lock_balances, read_balances, read_points
from payouts.webhooks import forget_account


async def erase_member(
    db: AsyncConnection,
    *,
    network_id: int,
    member_id: UUID,
    actor: str,
    reason: str,
    now: datetime,
) -> Member:
    """Forget who a member is; its random id stays in the books, and proofs stay good.

    The partner's identity for the person is free again. Who erased, when and why is kept. Raises
    MemberNotFound, MemberIsErased, MemberHasMoney.
    """
    await lock_members(db, network_id=network_id, member_ids=[member_id])
    found = await get_member(db, network_id=network_id, member_id=member_id)
    if found.state is MemberState.ERASED:
        raise MemberIsErased(path=("member_id",))
    await _require_no_money(db, network_id, member_id, now)
    accounts = await erase_payee(db, network_id=network_id, member_id=member_id)
    await forget_account(db, account_ids=accounts)
    await db.execute(
        update(member)
        .where(member.c.network_id == network_id, member.c.member_id == member_id)
        .values(
            external_id=f"{ERASED_PREFIX}{member_id}",
            state=MemberState.ERASED.value,
            erased_at=now,
        )
    )
    await db.execute(
        insert(member_erasure).values(
            network_id=network_id,
            member_id=member_id,
            erased_by=actor,
            reason=reason,
            erased_at=now,
        )
    )
    return await get_member(db, network_id=network_id, member_id=member_id)


async def _require_no_money(
    db: AsyncConnection, network_id: int, member_id: UUID, now: datetime
) -> None:
    accounts = await list_accounts_of(
        db, network_id=network_id, owner_kind="member", owner_id=str(member_id)
    )
    await lock_balances(db, network_id=network_id, accounts=accounts)
    of_points = [one for one in accounts if one.is_in_points]
    of_money = [one for one in accounts if not one.is_in_points]
    points = await read_points(db, network_id=network_id, accounts=of_points)
    balances = await read_balances(db, network_id=network_id, accounts=of_money)
    standing = [
        f"{account.type} {one.posted}"
        for account, one in balances.items()
        if one.posted or one.held
    ]
    standing += [f"{account.type} {one.posted}" for account, one in points.items() if one.posted]
    payouts = await count_unfinished_payouts(
        db, network_id=network_id, member_id=member_id, now=now
    )
    if standing or payouts:
        raise MemberHasMoney(
            path=("member_id",), balances=", ".join(standing) or "none", payouts=payouts
        )
