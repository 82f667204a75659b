"""Choosing where an order goes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, read_levels
from catalog.pricing import cost_of_card
from catalog.redemptions.model import (
    Attempt,
    Exclusion,
    PassedOver,
    Quote,
    QuoteSource,
)
from catalog.redemptions.queries import find_sourcing_policy
from catalog.redemptions.read_health import read_health
from catalog.redemptions.sourcing import (
    Standing,
    SupplierHealth,
    cost_max,
    not_connected,
    untried,
)
from catalog.rewards import FaceNotOnSale, Reward, get_rewards
from catalog.suppliers import SupplierTerms, get_suppliers, lock_free_supplier
from payouts.money import Money


@dataclass(frozen=True, slots=True)
class NextSource:
    """Where an order goes, what it will cost, and what was passed over for it."""

    source: QuoteSource
    cost: Money
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class _Now:
    """What is so by the time of the order."""

    rewards: Mapping[UUID, Reward]
    out_of_stock: Collection[UUID]
    suppliers: Mapping[UUID, SupplierTerms]
    connected: Collection[str] | None
    cost_max: Money


async def choose_next_source(
    db: AsyncConnection,
    *,
    network_id: int,
    quote: Quote,
    sources: Sequence[QuoteSource],
    attempts: Sequence[Attempt],
    connected: Collection[str] | None,
    now: datetime,
) -> NextSource | None:
    """Choose the source that is ordered from next, in the order of the quote; None: none is left.

    One that was tried is never tried again. A supplier that is not connected, out of stock or passed
    over is left out, and so is any but the quoted source when it sells the face no more or now costs more
    than the price covers by the network's policy. A supplier whose pause is over is given one
    order. When nothing was ordered yet and all are left out, the quoted source is: it was promised.
    """
    quoted = sources[0]
    rest = untried(sources, attempts)
    if not attempts and len(rest) == 1:
        assert quoted.cost is not None
        return NextSource(quoted, quoted.cost)
    by_now = await _read_now(db, network_id, quote, rest, connected)
    passed: list[PassedOver] = []
    for source in rest:
        is_promised = not attempts and source is quoted
        cost, because = _cost_now(source, quote, by_now, is_promised=is_promised)
        terms = by_now.suppliers[source.supplier_id]
        if because is None and source.source_id in by_now.out_of_stock:
            because = Exclusion.OUT_OF_STOCK
        because = because or not_connected(terms, connected)
        because = because or await _standing(db, network_id, source, now)
        if because is None and cost is not None:
            return NextSource(source, cost, tuple(passed))
        passed.append(
            PassedOver(source.source_id, source.supplier_id, because or Exclusion.NO_RATE)
        )
    if attempts:
        return None
    assert quoted.cost is not None
    return NextSource(
        quoted, quoted.cost, tuple(one for one in passed if one.source_id != quoted.source_id)
    )


async def _read_now(
    db: AsyncConnection,
    network_id: int,
    quote: Quote,
    rest: Sequence[QuoteSource],
    connected: Collection[str] | None,
) -> _Now:
    ids = {quote.reward_id, *(one.source_id for one in rest)}
    suppliers = {one.supplier_id for one in rest}
    policy = await find_sourcing_policy(db, network_id=network_id)
    levels = await read_levels(db, network_id=network_id, reward_ids=ids)
    return _Now(
        rewards=await get_rewards(db, network_id=network_id, reward_ids=ids),
        out_of_stock=[key for key, level in levels.items() if level is Availability.OUT],
        suppliers=await get_suppliers(db, network_id=network_id, supplier_ids=suppliers),
        connected=connected,
        cost_max=cost_max(quote.total, 0 if policy is None else policy.loss_max_bps),
    )


def _cost_now(
    source: QuoteSource, quote: Quote, by_now: _Now, *, is_promised: bool
) -> tuple[Money | None, Exclusion | None]:
    """What a source costs by now, at the rate of the quote; or why it is not to be bought."""
    assert source.cost is not None
    if is_promised:
        return source.cost, None
    item, shown = by_now.rewards[source.source_id], by_now.rewards[quote.reward_id]
    if not item.is_bought or _sold_as(item) != _sold_as(shown):
        return None, Exclusion.WITHDRAWN
    try:
        cost = cost_of_card(item.gift_card, quote.face)
    except FaceNotOnSale:
        return None, Exclusion.FACE_NOT_ON_SALE
    if cost.currency != source.cost.currency:
        return None, Exclusion.NO_RATE
    if source.in_wallet(cost) > by_now.cost_max:
        return None, Exclusion.TOO_EXPENSIVE
    return cost, None


def _sold_as(one: Reward) -> UUID:
    return one.fills_id or one.reward_id


async def _standing(
    db: AsyncConnection, network_id: int, source: QuoteSource, now: datetime
) -> Exclusion | None:
    supplier_id = source.supplier_id

    async def read() -> SupplierHealth:
        found = await read_health(db, network_id=network_id, supplier_ids=[supplier_id], now=now)
        return found[supplier_id]

    found = await read()
    if found.standing is not Standing.DUE:
        return found.exclusion
    # One order finds out: who has the supplier's row decides, whoever has not passes it over.
    if not await lock_free_supplier(db, network_id=network_id, supplier_id=supplier_id):
        return Exclusion.BEING_TRIED
    return (await read()).exclusion
