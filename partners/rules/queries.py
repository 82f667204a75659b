"""Reads of earn rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.rules.errors import RuleNotFound
from partners.rules.model import EarnRule, FundingShare, RuleBudget
from partners.rules.tables import earn_rule, rule_activation

ACTIVATIONS_MAX = 1_000


def _selected(network_id: int | ColumnElement[int]) -> Select[Any]:
    return select(
        earn_rule.c.rule_id,
        earn_rule.c.programme_id,
        earn_rule.c.partner_id,
        earn_rule.c.category,
        earn_rule.c.rate_bps,
        earn_rule.c.requires_activation,
        earn_rule.c.funding,
        earn_rule.c.starts_at,
        earn_rule.c.ends_at,
        earn_rule.c.lifetime_days,
        earn_rule.c.budget_id,
        earn_rule.c.budget_currency,
    ).where(earn_rule.c.network_id == network_id)


def rule_of(row: Any) -> EarnRule:
    """Make a rule of a selected row."""
    return EarnRule(
        rule_id=row.rule_id,
        programme_id=row.programme_id,
        partner_id=row.partner_id,
        category=row.category,
        rate_bps=row.rate_bps,
        requires_activation=row.requires_activation,
        funding=tuple(_share(share) for share in row.funding),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        lifetime_days=row.lifetime_days,
        budget=None if row.budget_id is None else RuleBudget(row.budget_id, row.budget_currency),
    )


def _share(stored: dict[str, Any]) -> FundingShare:
    partner_id = stored["partner_id"]
    return FundingShare(
        funder=stored["funder"],
        partner_id=None if partner_id is None else UUID(partner_id),
        weight=stored["weight"],
    )


def select_rule_for(
    network_id: int | ColumnElement[int],
    *,
    partner_id: UUID | ColumnElement[UUID],
    member_id: UUID | ColumnElement[UUID],
    category: str | ColumnElement[str] | None,
    at: datetime | ColumnElement[datetime],
    below: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Select the rule by which a member's purchase earns: of those in force, the highest rate.

    Rules that require activation count only once this member has activated them. Among equal
    rates the one for the category wins, then the younger one. With `below`, of those alone.
    """
    is_activated = (
        exists()
        .where(
            rule_activation.c.network_id == network_id,
            rule_activation.c.network_id == earn_rule.c.network_id,
            rule_activation.c.rule_id == earn_rule.c.rule_id,
            rule_activation.c.member_id == member_id,
            rule_activation.c.activated_at <= at,
        )
        .correlate_except(rule_activation)
    )
    query = _selected(network_id) if below is None else _selected(network_id).where(below)
    return (
        query.where(
            earn_rule.c.partner_id == partner_id,
            earn_rule.c.starts_at <= at,
            or_(earn_rule.c.ends_at.is_(None), earn_rule.c.ends_at > at),
            or_(earn_rule.c.category.is_(None), earn_rule.c.category == category),
            or_(earn_rule.c.requires_activation.is_(False), is_activated),
        )
        .order_by(
            earn_rule.c.rate_bps.desc(),
            earn_rule.c.category.is_(None),
            earn_rule.c.rule_id.desc(),
        )
        .limit(literal_column("1"))
    )


async def find_rule_for(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    member_id: UUID,
    category: str | None,
    at: datetime,
) -> EarnRule | None:
    """Find the rule by which a member's purchase earns."""
    row = await db.execute(
        select_rule_for(
            network_id, partner_id=partner_id, member_id=member_id, category=category, at=at
        )
    )
    found = row.one_or_none()
    return None if found is None else rule_of(found)


async def read_rules(
    db: AsyncConnection, *, network_id: int, rule_ids: Sequence[UUID]
) -> dict[UUID, EarnRule]:
    """Read rules by id; what does not exist is left out."""
    rows = await db.execute(_selected(network_id).where(earn_rule.c.rule_id.in_(rule_ids)))
    return {row.rule_id: rule_of(row) for row in rows}


async def get_rule(db: AsyncConnection, *, network_id: int, rule_id: UUID) -> EarnRule:
    """Read one rule; raises RuleNotFound."""
    found = await read_rules(db, network_id=network_id, rule_ids=[rule_id])
    if rule_id not in found:
        raise RuleNotFound
    return found[rule_id]


async def list_rules(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    at: datetime | None,
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[EarnRule]:
    """List rules in the order of their publication; with `at`, only those in force then.

    `newest_first` takes them from the other end; `after` and `before` always mean the order of
    publication.
    """
    order = earn_rule.c.rule_id.desc() if newest_first else earn_rule.c.rule_id
    query = _selected(network_id).order_by(order).limit(limit)
    if partner_id is not None:
        query = query.where(earn_rule.c.partner_id == partner_id)
    if at is not None:
        is_open = or_(earn_rule.c.ends_at.is_(None), earn_rule.c.ends_at > at)
        query = query.where(and_(earn_rule.c.starts_at <= at, is_open))
    if after is not None:
        query = query.where(earn_rule.c.rule_id > after)
    if before is not None:
        query = query.where(earn_rule.c.rule_id < before)
    return [rule_of(row) for row in await db.execute(query)]


async def list_activations(
    db: AsyncConnection, *, network_id: int, member_id: UUID, rule_ids: Sequence[UUID]
) -> dict[UUID, datetime]:
    """Tell which of these rules a member has activated, and when."""
    rows = await db.execute(
        select(rule_activation.c.rule_id, rule_activation.c.activated_at)
        .where(
            rule_activation.c.network_id == network_id,
            rule_activation.c.member_id == member_id,
            rule_activation.c.rule_id.in_(rule_ids),
        )
        .limit(ACTIVATIONS_MAX)
    )
    return {row.rule_id: row.activated_at for row in rows}
