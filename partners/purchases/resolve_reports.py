"""Finding all that reports of purchases refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import Agreement, agreement_of, select_agreement_at
from partners.members import select_member_named
from partners.purchases.model import Report
from partners.purchases.queries import probe
from partners.purchases.tables import purchase_staging
from partners.rules import EarnRule, rule_of, select_rule_for
from payouts.statement import (
    First,
    Firsts,
    Query,
    Statement,
    check_whole,
    given_rows,
    values_of,
)

_GIVEN: dict[str, Any] = {
    "partner_id": Uuid(),
    "member_id": Uuid(),
    "member_external_id": Text(),
    "category": Text(),
    "purchased_at": DateTime(timezone=True),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a report refers to, as far as it exists."""

    member_id: UUID | None
    agreement: Agreement | None
    rule: EarnRule | None


class _Statement:
    """One look at each of the rooms for every report: an index probe each, at any size."""

    def __init__(self, given: FromClause, order: ColumnElement[Any]) -> None:
        network = bindparam("network_id", type_=BigInteger)
        by_id = probe("by_id", select_member_named(network, member_id=given.c.member_id))
        by_name = probe(
            "by_name",
            select_member_named(
                network, partner_id=given.c.partner_id, external_id=given.c.member_external_id
            ),
        )
        member_id = func.coalesce(by_id.c.member_id, by_name.c.member_id)
        self.agreement = probe(
            "agreement",
            select_agreement_at(network, partner_id=given.c.partner_id, at=given.c.purchased_at),
        )
        self.rule = probe(
            "rule",
            select_rule_for(
                network,
                partner_id=given.c.partner_id,
                member_id=member_id,
                category=given.c.category,
                at=given.c.purchased_at,
            ),
        )
        joined: FromClause = given
        for looked in (by_id, by_name, self.agreement, self.rule):
            joined = joined.outerjoin(looked, true())
        labelled = [
            found.label(f"{looked.name}_{found.name}")
            for looked in (self.agreement, self.rule)
            for found in looked.c
        ]
        self.query = (
            select(order.label("item"), member_id.label("member_id"), *labelled)
            .select_from(joined)
            .order_by(order)
        )

    def after(self, first: Query) -> Statement:
        """Make the statement that writes what comes first, and looks if all of it was written."""
        firsts = Firsts([first])
        begun, found = firsts.begun, self.query.subquery("found")
        return Statement(
            select(*firsts.told, *found.c)
            .select_from(begun.outerjoin(found, begun.c.is_whole))
            .order_by(found.c.item)
            .add_cte(*firsts.ctes)
        )


def _from_arrays() -> _Statement:
    given = given_rows(_GIVEN, with_ordinality="item")
    return _Statement(given, given.c.item)


def _from_staging() -> _Statement:
    given = (
        select(purchase_staging)
        .where(
            purchase_staging.c.network_id == bindparam("network_id", type_=BigInteger),
            purchase_staging.c.batch_id == bindparam("batch_id", type_=Uuid),
        )
        .subquery("given")
    )
    return _Statement(given, given.c.line)


_ARRAYS = _from_arrays()
_STAGED = _from_staging()
_AGREEMENT, _RULE = (
    {one.name: f"{looked.name}_{one.name}" for one in looked.c}
    for looked in (_ARRAYS.agreement, _ARRAYS.rule)
)
_FROM_ARRAYS = Statement(_ARRAYS.query)
_FROM_STAGING = Statement(_STAGED.query)


@lru_cache(maxsize=8)
def _after(first: Query) -> Statement:
    return _ARRAYS.after(first)


class _Reader:
    """Makes values of the rows; terms that many reports share are made once."""

    def __init__(self) -> None:
        self._agreements: dict[UUID, Agreement] = {}
        self._rules: dict[UUID, EarnRule] = {}

    def read(self, row: Any) -> Resolved:
        agreement = rule = None
        if row["agreement_agreement_id"] is not None:
            agreement = self._agreements.get(row["agreement_agreement_id"])
            if agreement is None:
                agreement = agreement_of(_part(row, _AGREEMENT))
                self._agreements[agreement.agreement_id] = agreement
        if row["rule_rule_id"] is not None:
            rule = self._rules.get(row["rule_rule_id"])
            if rule is None:
                rule = rule_of(_part(row, _RULE))
                self._rules[rule.rule_id] = rule
        return Resolved(row["member_id"], agreement, rule)


def _part(row: Any, names: Mapping[str, str]) -> SimpleNamespace:
    return SimpleNamespace(**{name: row[label] for name, label in names.items()})


async def resolve_reports(
    db: AsyncConnection,
    *,
    network_id: int,
    reports: Sequence[Report],
    staged_as: UUID | None = None,
    first: First | None = None,
) -> list[Resolved]:
    """Find the member, the terms and the rule of each report, in their order.

    Reports that were staged as a batch are not sent again. What comes `first` is written by the
    same statement. Raises FirstIncomplete if that went wrong.
    """
    if not reports and first is None:
        return []
    if staged_as is not None:
        own = {"network_id": network_id, "batch_id": staged_as}
        rows = await _FROM_STAGING.rows(db, own)
    else:
        values: dict[str, Any] = {
            name: [getattr(report, name) for report in reports] for name in _GIVEN
        }
        values["network_id"] = network_id
        if first is None:
            rows = await _FROM_ARRAYS.rows(db, values)
        else:
            rows = await _first_then(db, first, values)
    reader = _Reader()
    return [reader.read(row) for row in rows]


async def _first_then(db: AsyncConnection, first: First, values: dict[str, Any]) -> list[Any]:
    rows = await _after(first.query).rows(db, {**values_of([first]), **values})
    check_whole(rows[0], [first])
    return [row for row in rows if row["item"] is not None]
