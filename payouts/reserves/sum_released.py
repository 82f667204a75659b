"""Summing what was given back within statements."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Account, Stretch, sum_movements
from payouts.money import Money
from payouts.reserves.model import CARRIES
from payouts.settlement import Statement

_OWED = "partner_payable"


async def sum_released(
    db: AsyncConnection, *, network_id: int, statements: Sequence[Statement]
) -> dict[UUID, Money]:
    """Sum what of reserves came back among the lines of each statement, by their ids.

    Changes nothing. Statements of one cut are summed by one query.
    """
    found: dict[UUID, Money] = {}
    together: dict[tuple[str, Stretch], list[Statement]] = {}
    for one in statements:
        together.setdefault((one.currency, one.stretch), []).append(one)
    for (currency, stretch), group in together.items():
        sums = await sum_movements(
            db,
            network_id=network_id,
            types=(_OWED,),
            unit=currency,
            apart_kinds=CARRIES,
            stretch=stretch,
            accounts=[Account(_OWED, str(one.partner_id), currency) for one in group],
        )
        released = {one.owner_id: -one.apart for one in sums}
        for one in group:
            found[one.statement_id] = released.get(str(one.partner_id), Money.zero(currency))
    return found
