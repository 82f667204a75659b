"""Finding the rules that come after those that were passed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.rules.model import EarnRule
from partners.rules.queries import rule_of, select_rule_for
from partners.rules.tables import earn_rule

_GIVEN: dict[str, Any] = {
    "partner_id": Uuid(),
    "member_id": Uuid(),
    "category": Text(),
    "at": DateTime(timezone=True),
    "rate_bps": Integer(),
    "is_general": Boolean(),
    "rule_id": Uuid(),
}


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A purchase for which a rule did not pay: the next one in order is wanted."""

    partner_id: UUID
    member_id: UUID
    category: str | None
    at: datetime
    rule: EarnRule


def _comes_after(given: Any) -> ColumnElement[bool]:
    # The order of select_rule_for: by rate downwards, a category first, the younger first.
    is_general = earn_rule.c.category.is_(None)
    return or_(
        earn_rule.c.rate_bps < given.rate_bps,
        and_(
            earn_rule.c.rate_bps == given.rate_bps,
            or_(
                and_(is_general, ~given.is_general),
                and_(is_general == given.is_general, earn_rule.c.rule_id < given.rule_id),
            ),
        ),
    )


def _select() -> Select[Any]:
    arrays: list[Any] = [bindparam(name, type_=ARRAY(type_)) for name, type_ in _GIVEN.items()]
    columns: list[Any] = [column(name, type_) for name, type_ in _GIVEN.items()]
    given = (
        func.unnest(*arrays)
        .table_valued(*columns, with_ordinality="item")
        .render_derived(name="given")
    )
    next_ = select_rule_for(
        bindparam("network_id", type_=BigInteger),
        partner_id=given.c.partner_id,
        member_id=given.c.member_id,
        category=given.c.category,
        at=given.c.at,
        below=_comes_after(given.c),
    )
    found = next_.offset(literal_column("0")).lateral("found")
    return select(given.c.item, *found.c).select_from(given.join(found, true()))


_NEXT = _select()


async def find_next_rules(
    db: AsyncConnection, *, network_id: int, passed: Sequence[PassedOver]
) -> list[EarnRule | None]:
    """Find for each purchase the rule that comes after the one that was passed over, if any."""
    values: dict[str, list[Any]] = {
        "partner_id": [one.partner_id for one in passed],
        "member_id": [one.member_id for one in passed],
        "category": [one.category for one in passed],
        "at": [one.at for one in passed],
        "rate_bps": [one.rule.rate_bps for one in passed],
        "is_general": [one.rule.category is None for one in passed],
        "rule_id": [one.rule.rule_id for one in passed],
    }
    rows = await db.execute(_NEXT, {"network_id": network_id, **values})
    found = {row.item: rule_of(row) for row in rows}
    return [found.get(item) for item in range(1, len(passed) + 1)]
