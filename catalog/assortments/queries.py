"""Reads of assortments, and of what they show."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments.matching import is_shown, misses_of, turns_at
from catalog.assortments.model import (
    Assortment,
    AssortmentRule,
    Effect,
    Eligibility,
    RuleMatch,
    Viewer,
    is_shown_by,
)
from catalog.assortments.tables import assortment, assortment_rule
from catalog.rewards import (
    RewardCursor,
    RewardKind,
    RewardPage,
    RewardState,
    list_rewards,
    select_on_sale,
    select_reward_facts,
)
from payouts.money import Money

PROGRAMMES_MAX = 1_000


async def list_assortments_in_force(db: AsyncConnection, *, network_id: int) -> dict[UUID, UUID]:
    """Tell the assortment in force of every programme that has one, by programme."""
    rows = await db.execute(
        select(assortment.c.programme_id, assortment.c.assortment_id)
        .where(assortment.c.network_id == network_id)
        .ext(distinct_on(assortment.c.programme_id))
        .order_by(assortment.c.programme_id, assortment.c.version.desc())
        .limit(PROGRAMMES_MAX)
    )
    return {row.programme_id: row.assortment_id for row in rows}


async def find_assortment(
    db: AsyncConnection, *, network_id: int, programme_id: UUID
) -> Assortment | None:
    """Find what a programme shows; None while it shows everything."""
    rows = await db.execute(
        select(assortment.c.assortment_id)
        .where(assortment.c.network_id == network_id, assortment.c.programme_id == programme_id)
        .order_by(assortment.c.version.desc())
        .limit(1)
    )
    newest = rows.scalar_one_or_none()
    if newest is None:
        return None
    return (await read_assortments(db, network_id=network_id, assortment_ids=[newest]))[newest]


async def read_assortments(
    db: AsyncConnection, *, network_id: int, assortment_ids: Collection[UUID]
) -> dict[UUID, Assortment]:
    """Tell assortments by id with their rules, in force or not; absent ones are left out."""
    asked = list(assortment_ids)
    rules: dict[UUID, list[AssortmentRule]] = defaultdict(list)
    for row in await db.execute(
        select(assortment_rule)
        .where(
            assortment_rule.c.network_id == network_id, assortment_rule.c.assortment_id.in_(asked)
        )
        .order_by(assortment_rule.c.assortment_id, assortment_rule.c.number)
    ):
        rules[row.assortment_id].append(_rule(row))
    heads = await db.execute(
        select(assortment).where(
            assortment.c.network_id == network_id, assortment.c.assortment_id.in_(asked)
        )
    )
    return {
        row.assortment_id: Assortment(
            assortment_id=row.assortment_id,
            programme_id=row.programme_id,
            version=row.version,
            rules=tuple(rules[row.assortment_id]),
            published_by=row.published_by,
            published_at=row.published_at,
        )
        for row in heads
    }


def _rule(row: Any) -> AssortmentRule:
    def names(found: list[Any] | None) -> tuple[Any, ...] | None:
        return None if found is None else tuple(found)

    def cost(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, row.cost_currency)

    return AssortmentRule(
        effect=Effect(row.effect),
        brand_ids=names(row.brand_ids),
        categories=names(row.categories),
        countries=names(row.countries),
        cost_min=cost(row.cost_min),
        cost_max=cost(row.cost_max),
        tiers=names(row.tiers),
        segments=names(row.segments),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        early_access_for=names(row.early_access_for),
    )


async def list_shown_rewards(
    db: AsyncConnection,
    *,
    network_id: int,
    viewer: Viewer,
    country: str,
    limit: int,
    kinds: Collection[RewardKind] | None = None,
    after: RewardCursor | None = None,
    before: RewardCursor | None = None,
    backward: bool = False,
    without: Collection[UUID] = (),
    now: datetime,
) -> RewardPage:
    """List what is on sale in a country and shown to a viewer, as list_rewards lists all of it."""

    def shown(reward_id: ColumnElement[UUID]) -> ColumnElement[bool]:
        return is_shown(reward_id, viewer, network_id=network_id, now=now)

    return await list_rewards(
        db,
        network_id=network_id,
        country=country,
        limit=limit,
        kinds=kinds,
        after=after,
        before=before,
        backward=backward,
        shown=shown if viewer.assortment_ids else None,
        without=without,
    )


async def list_shown_on_sale(
    db: AsyncConnection, *, network_id: int, viewer: Viewer, now: datetime
) -> frozenset[UUID] | None:
    """Tell all rewards on sale that a viewer is shown; None when that is all of them.

    For what has to count them, as the search does; a list asks of its page alone.
    """
    if not viewer.assortment_ids:
        return None
    asked = select_on_sale(network_id).subquery("on_sale")
    rows = await db.execute(
        select(asked.c.reward_id).where(
            is_shown(asked.c.reward_id, viewer, network_id=network_id, now=now)
        )
    )
    return frozenset(rows.scalars())


async def find_shown(
    db: AsyncConnection,
    *,
    network_id: int,
    viewer: Viewer,
    reward_ids: Collection[UUID],
    now: datetime,
) -> frozenset[UUID]:
    """Tell which of some rewards a viewer is shown."""
    if not viewer.assortment_ids:
        return frozenset(reward_ids)
    asked = (
        func.unnest(cast(list(reward_ids), ARRAY(Uuid)))
        .table_valued("reward_id")
        .render_derived("asked")
    )
    rows = await db.execute(
        select(asked.c.reward_id).where(
            is_shown(asked.c.reward_id, viewer, network_id=network_id, now=now)
        )
    )
    return frozenset(rows.scalars())


async def find_next_turn(
    db: AsyncConnection, *, network_id: int, viewer: Viewer, now: datetime
) -> datetime | None:
    """Tell when, by the clock alone, what a viewer is shown may change next; None when it cannot."""
    if not viewer.assortment_ids:
        return None
    found = await db.execute(
        select(func.min(turns_at(viewer, now))).where(
            assortment_rule.c.network_id == network_id,
            assortment_rule.c.assortment_id.in_(viewer.assortment_ids),
        )
    )
    turn: datetime | None = found.scalar_one()
    return turn


async def explain_eligibility(
    db: AsyncConnection,
    *,
    network_id: int,
    viewer: Viewer,
    reward_ids: Collection[UUID],
    now: datetime,
) -> dict[UUID, Eligibility]:
    """Tell of rewards what every rule says to a viewer, and what follows; absent ones are left out."""
    facts = select_reward_facts(network_id, reward_ids).subquery("facts")
    known = await db.execute(
        select(facts.c.reward_id, facts.c.state, facts.c.sunset_at, facts.c.partner_id)
    )
    heads = {row.reward_id: row for row in known}
    fits = misses_of(facts, viewer, now=now)
    rows = await db.execute(
        select(
            facts.c.reward_id,
            assortment_rule.c.assortment_id,
            assortment_rule.c.number,
            assortment_rule.c.effect,
            *(fit.label(name) for name, fit in fits.items()),
        )
        .select_from(facts.join(assortment_rule, true()))
        .where(
            assortment_rule.c.network_id == network_id,
            assortment_rule.c.assortment_id.in_(viewer.assortment_ids),
        )
        .order_by(facts.c.reward_id, assortment_rule.c.assortment_id, assortment_rule.c.number)
    )
    matches: dict[UUID, list[RuleMatch]] = defaultdict(list)
    for row in rows.mappings():
        missed = tuple(name for name in fits if not row[name])
        matches[row["reward_id"]].append(
            RuleMatch(row["assortment_id"], row["number"], Effect(row["effect"]), missed)
        )
    return {
        reward_id: _eligibility(head, viewer, matches[reward_id], now)
        for reward_id, head in heads.items()
    }


def _eligibility(head: Any, viewer: Viewer, matches: list[RuleMatch], now: datetime) -> Eligibility:
    by_assortment = [
        [one for one in matches if one.assortment_id == assortment_id]
        for assortment_id in viewer.assortment_ids
    ]
    is_own = viewer.own_partner_id is not None and head.partner_id == viewer.own_partner_id
    is_visible = not by_assortment or is_own or any(is_shown_by(one) for one in by_assortment)
    is_retiring = head.state == RewardState.RETIRING and now < head.sunset_at
    is_on_sale = head.state == RewardState.ACTIVE or is_retiring
    return Eligibility(is_visible, is_visible and is_on_sale, tuple(matches))
