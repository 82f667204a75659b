"""How rules fit rewards, as expressions: lists, details and explanations ask the same ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    FromClause,
    Text,
    Uuid,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from catalog.assortments.model import Effect, Viewer
from catalog.assortments.tables import assortment_rule
from catalog.rewards import select_reward_facts


def misses_of(
    facts: FromClause, viewer: Viewer, *, now: datetime
) -> dict[str, ColumnElement[bool]]:
    """Tell, for a rule and a reward, whether each part of the rule fits."""
    rule = assortment_rule.c
    return {
        "brand": or_(rule.brand_ids.is_(None), facts.c.brand_id == func.any(rule.brand_ids)),
        "category": or_(rule.categories.is_(None), facts.c.category == func.any(rule.categories)),
        "country": or_(rule.countries.is_(None), facts.c.countries.op("&&")(rule.countries)),
        "cost": _fits_cost(facts),
        "member": and_(
            _names(rule.tiers, [] if viewer.tier is None else [viewer.tier]),
            _names(rule.segments, list(viewer.segments)),
        ),
        "time": _is_in_time(viewer, now),
    }


def is_shown(
    reward_id: ColumnElement[UUID], viewer: Viewer, *, network_id: int, now: datetime
) -> ColumnElement[bool]:
    """Decide whether one of the viewer's assortments shows a reward."""
    if not viewer.assortment_ids:
        return true()
    facts = select_reward_facts(network_id, reward_id).lateral("facts")
    wanted = (
        func.unnest(cast(list(viewer.assortment_ids), ARRAY(Uuid)))
        .table_valued("assortment_id")
        .render_derived("wanted")
    )
    fits = and_(*misses_of(facts, viewer, now=now).values())

    def some(effect: Effect, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(
            select(assortment_rule.c.number)
            .where(
                assortment_rule.c.network_id == network_id,
                assortment_rule.c.assortment_id == wanted.c.assortment_id,
                assortment_rule.c.effect == effect.value,
                *conditions,
            )
            .correlate(wanted, facts)
        )

    shows = and_(~some(Effect.DENY, fits), or_(~some(Effect.ALLOW), some(Effect.ALLOW, fits)))
    own = false() if viewer.own_partner_id is None else facts.c.partner_id == viewer.own_partner_id
    return exists(
        select(facts.c.reward_id)
        .select_from(facts.join(wanted, true()))
        .where(or_(own, shows))
        .correlate_except(facts, wanted)
    )


def turns_at(viewer: Viewer, now: datetime) -> ColumnElement[datetime]:
    """Tell when a rule next begins or ends for a viewer; what has begun early does not begin."""
    rule = assortment_rule.c
    at = literal(now, DateTime(timezone=True))
    begins_at = case((and_(rule.starts_at > at, ~_is_early(viewer)), rule.starts_at))
    ends_at = case((rule.ends_at > at, rule.ends_at))
    return func.least(begins_at, ends_at)


def _names(named: ColumnElement[list[str]], has: list[str]) -> ColumnElement[bool]:
    return or_(named.is_(None), named.op("&&")(cast(has, ARRAY(Text))))


def _fits_cost(facts: FromClause) -> ColumnElement[bool]:
    rule = assortment_rule.c
    return or_(
        rule.cost_currency.is_(None),
        and_(
            facts.c.cost_currency == rule.cost_currency,
            or_(rule.cost_max.is_(None), facts.c.lowest_cost <= rule.cost_max),
            or_(rule.cost_min.is_(None), facts.c.highest_cost >= rule.cost_min),
        ),
    )


def _is_early(viewer: Viewer) -> ColumnElement[bool]:
    rule = assortment_rule.c
    return and_(
        rule.early_access_for.is_not(None),
        rule.early_access_for.op("&&")(cast(list(viewer.names), ARRAY(Text))),
    )


def _is_in_time(viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    rule = assortment_rule.c
    at = literal(now, DateTime(timezone=True))
    return and_(
        or_(rule.starts_at.is_(None), rule.starts_at <= at, _is_early(viewer)),
        or_(rule.ends_at.is_(None), rule.ends_at > at),
    )
