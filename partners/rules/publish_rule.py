"""Publishing earn rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import PartnerNotFound, find_agreement, read_partners
from partners.programmes import get_programme, have_default_programme
from partners.rules.model import (
    BudgetGrant,
    EarnRule,
    FundingShare,
    RuleBudget,
    check_cap,
    check_funding,
    check_rule,
)
from partners.rules.tables import earn_rule
from payouts.budgets import grant_budget
from payouts.money import new_id


async def publish_rule(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    category: str | None,
    rate_bps: int,
    requires_activation: bool,
    funding: Sequence[FundingShare],
    starts_at: datetime,
    ends_at: datetime | None,
    programme_id: UUID | None = None,
    lifetime_days: int | None = None,
    budget: BudgetGrant | None = None,
    now: datetime,
) -> EarnRule:
    """Let purchases at a partner earn a rate, paid by the named funders by weight.

    What is earned lapses `lifetime_days` after it became available, or never. Without a programme
    it is a rule of the network's own. Rules are never edited; a better one
    wins beside it. With a budget it pays no more than its cap, which is only ever raised.
    Raises PartnerNotFound, ProgrammeNotFound, InvalidRule, InvalidFunding, InvalidBudget.
    """
    check_rule(category, rate_bps, starts_at, ends_at, lifetime_days)
    check_funding(funding)
    named = {partner_id} | {one.partner_id for one in funding if one.partner_id is not None}
    known = await read_partners(db, network_id=network_id, partner_ids=sorted(named))
    if len(known) != len(named):
        raise PartnerNotFound
    rule = EarnRule(
        rule_id=new_id(now),
        programme_id=await _programme_for(db, network_id, programme_id, now),
        partner_id=partner_id,
        category=category,
        rate_bps=rate_bps,
        requires_activation=requires_activation,
        funding=tuple(funding),
        starts_at=starts_at,
        ends_at=ends_at,
        lifetime_days=lifetime_days,
        budget=None if budget is None else RuleBudget(new_id(now), budget.cap.currency),
    )
    if budget is not None:
        await _grant(db, network_id, rule, budget, now)
    await _insert(db, network_id, rule, now)
    return rule


async def _grant(
    db: AsyncConnection, network_id: int, rule: EarnRule, given: BudgetGrant, now: datetime
) -> None:
    at = max(rule.starts_at, now)
    agreed = await find_agreement(db, network_id=network_id, partner_id=rule.partner_id, at=at)
    check_cap(given.cap, None if agreed is None else agreed.currency, path="budget")
    assert rule.budget is not None, "it was given one"
    await grant_budget(
        db,
        network_id=network_id,
        budget_id=rule.budget.budget_id,
        cap=given.cap,
        actor=given.actor,
        now=now,
    )


async def _insert(db: AsyncConnection, network_id: int, rule: EarnRule, now: datetime) -> None:
    budget = rule.budget
    await db.execute(
        insert(earn_rule).values(
            network_id=network_id,
            rule_id=rule.rule_id,
            programme_id=rule.programme_id,
            partner_id=rule.partner_id,
            category=rule.category,
            rate_bps=rule.rate_bps,
            requires_activation=rule.requires_activation,
            funding=[_stored(share) for share in rule.funding],
            starts_at=rule.starts_at,
            ends_at=rule.ends_at,
            lifetime_days=rule.lifetime_days,
            budget_id=None if budget is None else budget.budget_id,
            budget_currency=None if budget is None else budget.currency,
            created_at=now,
        )
    )


async def _programme_for(
    db: AsyncConnection, network_id: int, programme_id: UUID | None, now: datetime
) -> UUID:
    if programme_id is None:
        found = await have_default_programme(db, network_id=network_id, now=now)
    else:
        found = await get_programme(db, network_id=network_id, programme_id=programme_id)
    return found.programme_id


def _stored(share: FundingShare) -> dict[str, Any]:
    return {
        "funder": share.funder,
        "partner_id": None if share.partner_id is None else str(share.partner_id),
        "weight": share.weight,
    }
