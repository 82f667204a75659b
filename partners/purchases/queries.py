"""Reads of purchases and returns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

from partners.purchases.errors import PurchaseNotFound
from partners.purchases.model import Purchase, PurchaseReturn
from partners.purchases.tables import purchase, purchase_return
from payouts.money import Money

RETURNS_MAX = 1_000


def select_purchases(network_id: int | ColumnElement[int]) -> Select[Any]:
    """Select a network's purchases with all their columns."""
    return select(
        purchase.c.purchase_id,
        purchase.c.partner_id,
        purchase.c.member_id,
        purchase.c.external_id,
        purchase.c.amount,
        purchase.c.returned,
        purchase.c.currency,
        purchase.c.category,
        purchase.c.agreement_id,
        purchase.c.purchased_at,
        purchase.c.recorded_at,
    ).where(purchase.c.network_id == network_id)


def probe(name: str, query: Select[Any]) -> LateralFromClause:
    """Look once for each row of what it is joined to, by an index.

    OFFSET 0 keeps the planner from turning the probes into joins over whole tables.
    """
    return query.offset(literal_column("0")).lateral(name)


def _select_by_name() -> Select[Any]:
    given = (
        func.unnest(
            bindparam("partner_ids", type_=ARRAY(Uuid)),
            bindparam("external_ids", type_=ARRAY(Text)),
        )
        .table_valued(column("partner_id", Uuid), column("external_id", Text))
        .render_derived(name="given")
    )
    found = probe(
        "found",
        select_purchases(bindparam("network_id", type_=BigInteger)).where(
            purchase.c.partner_id == given.c.partner_id,
            purchase.c.external_id == given.c.external_id,
        ),
    )
    return select(*found.c).select_from(given.join(found, true()))


_BY_NAME = _select_by_name()


def purchase_of(row: Any) -> Purchase:
    """Make a purchase of a selected row."""
    return Purchase(
        purchase_id=row.purchase_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        external_id=row.external_id,
        amount=Money(row.amount, row.currency),
        returned=Money(row.returned, row.currency),
        category=row.category,
        agreement_id=row.agreement_id,
        purchased_at=row.purchased_at,
        recorded_at=row.recorded_at,
    )


def _returns(network_id: int) -> Select[Any]:
    return select(
        purchase_return.c.return_id,
        purchase_return.c.purchase_id,
        purchase_return.c.partner_id,
        purchase_return.c.member_id,
        purchase_return.c.external_id,
        purchase_return.c.amount,
        purchase_return.c.currency,
        purchase_return.c.cashback,
        purchase_return.c.fee,
        purchase_return.c.debt,
        purchase_return.c.returned_at,
    ).where(purchase_return.c.network_id == network_id)


def _return(row: Row[Any]) -> PurchaseReturn:
    return PurchaseReturn(
        return_id=row.return_id,
        purchase_id=row.purchase_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        external_id=row.external_id,
        amount=Money(row.amount, row.currency),
        cashback=Money(row.cashback, row.currency),
        fee=Money(row.fee, row.currency),
        debt=Money(row.debt, row.currency),
        returned_at=row.returned_at,
    )


async def read_purchases(
    db: AsyncConnection, *, network_id: int, purchase_ids: Sequence[UUID]
) -> dict[UUID, Purchase]:
    """Read purchases by id; what does not exist is left out."""
    query = select_purchases(network_id).where(purchase.c.purchase_id.in_(purchase_ids))
    return {row.purchase_id: purchase_of(row) for row in await db.execute(query)}


async def get_purchase(db: AsyncConnection, *, network_id: int, purchase_id: UUID) -> Purchase:
    """Read one purchase; raises PurchaseNotFound."""
    found = await read_purchases(db, network_id=network_id, purchase_ids=[purchase_id])
    if purchase_id not in found:
        raise PurchaseNotFound
    return found[purchase_id]


async def find_purchase(
    db: AsyncConnection, *, network_id: int, partner_id: UUID, external_id: str
) -> Purchase | None:
    """Find a purchase by the id under which its partner reported it."""
    name = (partner_id, external_id)
    return (await find_purchases(db, network_id=network_id, names=[name])).get(name)


async def find_purchases(
    db: AsyncConnection, *, network_id: int, names: Sequence[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Purchase]:
    """Find purchases by partner and the id under which it reported them."""
    rows = await db.execute(
        _BY_NAME,
        {
            "network_id": network_id,
            "partner_ids": [partner_id for partner_id, _ in names],
            "external_ids": [external_id for _, external_id in names],
        },
    )
    return {(row.partner_id, row.external_id): purchase_of(row) for row in rows}


async def find_return(
    db: AsyncConnection, *, network_id: int, partner_id: UUID, external_id: str
) -> PurchaseReturn | None:
    """Find a return by the id under which its partner reported it."""
    row = await db.execute(
        _returns(network_id).where(
            purchase_return.c.partner_id == partner_id,
            purchase_return.c.external_id == external_id,
        )
    )
    found = row.one_or_none()
    return None if found is None else _return(found)


async def read_returns(
    db: AsyncConnection, *, network_id: int, return_ids: Sequence[UUID]
) -> dict[UUID, PurchaseReturn]:
    """Read returns by id; what does not exist is left out."""
    rows = await db.execute(_returns(network_id).where(purchase_return.c.return_id.in_(return_ids)))
    return {row.return_id: _return(row) for row in rows}


async def read_returns_of_purchases(
    db: AsyncConnection, *, network_id: int, purchase_ids: Sequence[UUID]
) -> dict[UUID, list[PurchaseReturn]]:
    """Read the returns of purchases in the order of their recording, by purchase."""
    found: dict[UUID, list[PurchaseReturn]] = {one: [] for one in purchase_ids}
    rows = await db.execute(
        _returns(network_id)
        .where(purchase_return.c.purchase_id.in_(purchase_ids))
        .order_by(purchase_return.c.purchase_id, purchase_return.c.return_id)
        .limit(RETURNS_MAX)
    )
    for row in rows:
        found[row.purchase_id].append(_return(row))
    return found


def _narrowed(
    query: Select[Any],
    partner_id: UUID | None,
    member_id: UUID | None,
    since: datetime,
    until: datetime,
) -> Select[Any]:
    query = query.where(purchase.c.purchased_at >= since, purchase.c.purchased_at < until)
    if partner_id is not None:
        query = query.where(purchase.c.partner_id == partner_id)
    if member_id is not None:
        query = query.where(purchase.c.member_id == member_id)
    return query


async def list_purchases(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[Purchase]:
    """List purchases made from `since` until before `until`, by (purchased_at, purchase_id).

    `newest_first` takes them from the other end; `after` and `before` always mean the order of
    time.
    """
    place = tuple_(purchase.c.purchased_at, purchase.c.purchase_id)
    query = _narrowed(select_purchases(network_id), partner_id, member_id, since, until)
    if after is not None:
        query = query.where(place > after)
    if before is not None:
        query = query.where(place < before)
    if newest_first:
        query = query.order_by(purchase.c.purchased_at.desc(), purchase.c.purchase_id.desc())
    else:
        query = query.order_by(purchase.c.purchased_at, purchase.c.purchase_id)
    return [purchase_of(row) for row in await db.execute(query.limit(limit))]


async def total_purchases(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    since: datetime,
    until: datetime,
) -> list[Money]:
    """Sum the purchases of a time span less their returns, one sum for each currency."""
    total = cast(func.sum(purchase.c.amount - purchase.c.returned), BigInteger)
    query = (
        select(purchase.c.currency, total.label("total"))
        .where(purchase.c.network_id == network_id)
        .group_by(purchase.c.currency)
        .order_by(purchase.c.currency)
    )
    rows = await db.execute(_narrowed(query, partner_id, member_id, since, until))
    return [Money(row.total, row.currency) for row in rows]


async def list_members_in_debt(
    db: AsyncConnection, *, network_id: int, before: datetime, limit: int
) -> list[UUID]:
    """List members of whom a return before an instant left a debt that has not ended.

    Whose debt is oldest comes first. Changes nothing.
    """
    rows = await db.execute(
        select(purchase_return.c.member_id)
        .where(
            purchase_return.c.network_id == network_id,
            purchase_return.c.debt > 0,
            purchase_return.c.debt_ended_at.is_(None),
            purchase_return.c.returned_at < before,
        )
        .order_by(purchase_return.c.returned_at, purchase_return.c.return_id)
        .limit(limit)
    )
    return list(dict.fromkeys(rows.scalars()))


async def list_open_debts(
    db: AsyncConnection, *, network_id: int, member_ids: Sequence[UUID]
) -> list[PurchaseReturn]:
    """List the returns that left debts of members which have not ended. Changes nothing."""
    rows = await db.execute(
        _returns(network_id).where(
            purchase_return.c.member_id.in_(member_ids),
            purchase_return.c.debt > 0,
            purchase_return.c.debt_ended_at.is_(None),
        )
    )
    return [_return(row) for row in rows]
