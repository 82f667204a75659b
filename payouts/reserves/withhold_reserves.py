"""Withholding reserves from what a cycle pays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due import announce_all_due
from payouts.ledger import post_journals
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from payouts.reserves.model import (
    RELEASE_KIND,
    Reserve,
    ReservePolicy,
    policy_for,
    withhold_journal,
)
from payouts.reserves.queries import read_policies_in_force
from payouts.reserves.tables import reserve
from payouts.settlement import Outcome, Statement


async def withhold_reserves(
    db: AsyncConnection,
    *,
    network_id: int,
    statements: Sequence[Statement],
    actor: str,
    now: datetime,
) -> dict[UUID, Money]:
    """Hold the share that the policies say back of what an approved cycle pays; tell it by partner.

    Each is due to be given back at its time. The caller approved the cycle in this transaction and
    pays the rest; the statements are of one currency.
    """
    paid = [one for one in statements if one.outcome is Outcome.PAY]
    if not paid:
        return {}
    policies = await read_policies_in_force(db, network_id=network_id, currency=paid[0].currency)
    kept: list[tuple[Statement, ReservePolicy, UUID, Money]] = []
    for one in paid:
        policy = policy_for(policies, one.partner_id)
        amount = policy.share_of(-one.to_settle) if policy else None
        if policy and amount:
            assert amount < -one.to_settle, "something is left to pay"
            kept.append((one, policy, new_id(now), amount))
    if not kept:
        return {}
    drafts = [
        withhold_journal(key, partner_id=one.partner_id, amount=amount, actor=actor, now=now)
        for one, _, key, amount in kept
    ]
    made = await post_journals(db, network_id=network_id, drafts=drafts, now=now)
    rows = []
    for (one, policy, key, amount), posted in zip(kept, made, strict=True):
        if isinstance(posted, Refusal):
            raise posted
        rows.append(_reserve(one, policy, key, amount, posted.journal_id, now))
    await db.execute(insert(reserve), [_row(network_id, one) for one in rows])
    await announce_all_due(
        db,
        network_id=network_id,
        kind=RELEASE_KIND,
        due=[(one.reserve_id, one.release_at) for one in rows],
    )
    return {one.partner_id: one.amount for one in rows}


def _reserve(
    one: Statement,
    policy: ReservePolicy,
    key: UUID,
    amount: Money,
    journal_id: UUID,
    now: datetime,
) -> Reserve:
    return Reserve(
        reserve_id=key,
        policy_id=policy.policy_id,
        cycle_id=one.cycle_id,
        partner_id=one.partner_id,
        amount=amount,
        withheld_at=now,
        release_at=policy.releases_at(now),
        withheld_by_journal=journal_id,
        released_at=None,
        released_by_journal=None,
    )


def _row(network_id: int, one: Reserve) -> dict[str, object]:
    return {
        "network_id": network_id,
        "reserve_id": one.reserve_id,
        "policy_id": one.policy_id,
        "cycle_id": one.cycle_id,
        "partner_id": one.partner_id,
        "amount": one.amount.minor,
        "currency": one.amount.currency,
        "withheld_at": one.withheld_at,
        "release_at": one.release_at,
        "withheld_by_journal": one.withheld_by_journal,
    }
