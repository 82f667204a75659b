"""Publishing assortments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments.errors import AssortmentInvalid
from catalog.assortments.model import (
    NAMES_MAX,
    RULES_MAX,
    Assortment,
    AssortmentRule,
    Effect,
)
from catalog.assortments.queries import find_assortment
from catalog.assortments.tables import assortment, assortment_rule
from catalog.brands import BrandNotFound, get_brands
from catalog.changes import Change, ChangeKind, note_changes
from partners.programmes import get_programme
from payouts.money import new_id


async def publish_assortment(
    db: AsyncConnection,
    *,
    network_id: int,
    programme_id: UUID,
    rules: Sequence[AssortmentRule],
    actor: str,
    now: datetime,
) -> Assortment:
    """Say which rewards a programme shows from now on; without rules it shows everything.

    Earlier versions stay on record, and what was quoted stays quoted. Those who follow the
    catalogue are told which programme it is. Raises ProgrammeNotFound, BrandNotFound, or
    AssortmentInvalid, also when somebody else published at the same time.
    """
    _check(rules)
    await get_programme(db, network_id=network_id, programme_id=programme_id)
    brand_ids = {key for rule in rules for key in rule.brand_ids or ()}
    if brand_ids - (await get_brands(db, network_id=network_id, brand_ids=brand_ids)).keys():
        raise BrandNotFound(path=("rules",))
    known = await find_assortment(db, network_id=network_id, programme_id=programme_id)
    made = Assortment(
        assortment_id=new_id(now),
        programme_id=programme_id,
        version=1 if known is None else known.version + 1,
        rules=tuple(rules),
        published_by=actor,
        published_at=now,
    )
    await _insert(db, network_id, made)
    change = Change(None, ChangeKind.ASSORTMENT_PUBLISHED, programme_id=programme_id)
    await note_changes(db, network_id=network_id, changes=[change], now=now)
    return made


def _check(rules: Sequence[AssortmentRule]) -> None:
    if len(rules) > RULES_MAX:
        raise AssortmentInvalid("An assortment has at most 100 rules.", path=("rules",))
    for number, rule in enumerate(rules, 1):
        reason = _fault(rule)
        if reason is not None:
            raise AssortmentInvalid(reason, number=number, path=("rules",))


def _fault(rule: AssortmentRule) -> str | None:
    lists = (
        rule.brand_ids,
        rule.categories,
        rule.countries,
        rule.tiers,
        rule.segments,
        rule.early_access_for,
    )
    if any(one is not None and not 1 <= len(one) <= NAMES_MAX for one in lists):
        return "A rule names one to a hundred of a sort, or leaves the sort out."
    low, high = rule.cost_min, rule.cost_max
    if any(one is not None and one.minor < 0 for one in (low, high)):
        return "A cost is not below zero."
    if low is not None and high is not None and (low.currency != high.currency or low > high):
        return "The bounds of a cost are of one currency, the lower one first."
    if rule.starts_at is not None and rule.ends_at is not None and rule.starts_at >= rule.ends_at:
        return "A rule begins before it ends."
    is_early = rule.early_access_for is not None
    if is_early and (rule.effect is Effect.DENY or rule.starts_at is None):
        return "Early access is to what a rule allows from an instant on."
    return None


async def _insert(db: AsyncConnection, network_id: int, made: Assortment) -> None:
    inserted = await db.execute(
        insert_once(assortment)
        .values(
            network_id=network_id,
            assortment_id=made.assortment_id,
            programme_id=made.programme_id,
            version=made.version,
            published_by=made.published_by,
            published_at=made.published_at,
        )
        .on_conflict_do_nothing()
        .returning(assortment.c.assortment_id)
    )
    if inserted.first() is None:
        raise AssortmentInvalid("Somebody published this assortment just now; look at it first.")
    if not made.rules:
        return
    await db.execute(
        insert(assortment_rule),
        [_row(network_id, made, number, rule) for number, rule in enumerate(made.rules, 1)],
    )


def _row(network_id: int, made: Assortment, number: int, rule: AssortmentRule) -> dict[str, object]:
    return {
        "network_id": network_id,
        "assortment_id": made.assortment_id,
        "number": number,
        "effect": rule.effect.value,
        "brand_ids": _list(rule.brand_ids),
        "categories": _list(rule.categories),
        "countries": _list(rule.countries),
        "cost_min": None if rule.cost_min is None else rule.cost_min.minor,
        "cost_max": None if rule.cost_max is None else rule.cost_max.minor,
        "cost_currency": rule.cost_currency,
        "tiers": _list(rule.tiers),
        "segments": _list(rule.segments),
        "starts_at": rule.starts_at,
        "ends_at": rule.ends_at,
        "early_access_for": _list(rule.early_access_for),
    }


def _list(names: Sequence[object] | None) -> list[object] | None:
    return None if names is None else list(names)
