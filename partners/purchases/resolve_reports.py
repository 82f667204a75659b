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
    case,
    column,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause, Select

from partners.agreements import Agreement, agreement_of, select_agreement_at
from partners.members import select_member_named
from partners.purchases.model import Report
from partners.purchases.tables import purchase_staging
from partners.rules import EarnRule, rule_of, select_rule_for
from payouts.statement import First, FirstIncomplete, Statement

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
    """One look at each of the rooms for every report: an index probe each, at any size.

    OFFSET 0 keeps the planner from turning the probes into joins over whole tables.
    """

    def __init__(self, given: FromClause, order: ColumnElement[Any]) -> None:
        network = bindparam("network_id", type_=BigInteger)
        by_id = _probe("by_id", select_member_named(network, member_id=given.c.member_id))
        by_name = _probe(
            "by_name",
            select_member_named(
                network, partner_id=given.c.partner_id, external_id=given.c.member_external_id
            ),
        )
        member_id = func.coalesce(by_id.c.member_id, by_name.c.member_id)
        self.agreement = _probe(
            "agreement",
            select_agreement_at(network, partner_id=given.c.partner_id, at=given.c.purchased_at),
        )
        self.rule = _probe(
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
        for probe in (by_id, by_name, self.agreement, self.rule):
            joined = joined.outerjoin(probe, true())
        labelled = [
            found.label(f"{probe.name}_{found.name}")
            for probe in (self.agreement, self.rule)
            for found in probe.c
        ]
        self.query = (
            select(order.label("item"), member_id.label("member_id"), *labelled)
            .select_from(joined)
            .order_by(order)
        )

    def after(self, first: str) -> Statement:
        """Make the statement that writes what comes first, and looks if all of it was written."""
        written = text(first).columns(column("id")).cte("first")
        is_whole = func.count() == bindparam("expected", type_=BigInteger)
        begun = select(is_whole.label("is_whole")).select_from(written).cte("begun")
        ids = func.array(select(written.c.id).scalar_subquery())
        found = self.query.subquery("found")
        return Statement(
            select(begun.c.is_whole, case((~begun.c.is_whole, ids)).label("ids"), *found.c)
            .select_from(begun.outerjoin(found, begun.c.is_whole))
            .order_by(found.c.item)
        )


def _probe(name: str, query: Select[Any]) -> LateralFromClause:
    return query.offset(literal_column("0")).lateral(name)


def _from_arrays() -> _Statement:
    arrays: list[Any] = [bindparam(name, type_=ARRAY(type_)) for name, type_ in _GIVEN.items()]
    columns: list[Any] = [column(name, type_) for name, type_ in _GIVEN.items()]
    given = (
        func.unnest(*arrays)
        .table_valued(*columns, with_ordinality="item")
        .render_derived(name="given")
    )
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
    {one.name: f"{probe.name}_{one.name}" for one in probe.c}
    for probe in (_ARRAYS.agreement, _ARRAYS.rule)
)
_FROM_ARRAYS = Statement(_ARRAYS.query)
_FROM_STAGING = Statement(_STAGED.query)


@lru_cache(maxsize=8)
def _after(first: str) -> Statement:
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
    rows = await _after(first.sql).rows(db, {"expected": first.count, **first.values, **values})
    if not rows[0]["is_whole"]:
        raise FirstIncomplete(rows[0]["ids"])
    return [row for row in rows if row["item"] is not None]
