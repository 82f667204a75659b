"""Setting how many cards are left."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, Left, count_left
from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards import RewardKind, get_reward
from catalog.stocks.errors import StockInvalid
from catalog.stocks.tables import card_stock

CARDS_LEFT_MAX = 1_000_000_000


async def set_card_stock(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    cards_left: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Let so many cards of a reward be got from now on; None: as many as are wanted.

    Quotes that reserved more than is left are refused when they are used, if others come first.
    Raises RewardNotFound, StockInvalid.
    """
    if cards_left is not None and not 0 <= cards_left <= CARDS_LEFT_MAX:
        raise StockInvalid("A stock is 0 to 1,000,000,000 cards.", path=("cardsLeft",))
    reward = await get_reward(db, network_id=network_id, reward_id=reward_id)
    if reward.kind is not RewardKind.GIFT_CARD or reward.supplier is not None:
        raise StockInvalid("Only cards of the network's own have a stock.", path=("rewardId",))
    before = await count_left(db, network_id=network_id, reward_ids=[reward_id], now=now)
    values = {"cards_left": cards_left, "set_by": actor, "set_at": now}
    await db.execute(
        insert(card_stock)
        .values(network_id=network_id, reward_id=reward_id, **values)
        .on_conflict_do_update(constraint="card_stock_pkey", set_=values)
    )
    after = await count_left(db, network_id=network_id, reward_ids=[reward_id], now=now)
    if reward.is_listed(now) and _level(before) is not _level(after):
        change = Change(reward_id, ChangeKind.AVAILABILITY)
        await note_changes(db, network_id=network_id, changes=[change], now=now)


def _level(left: Mapping[UUID, Left]) -> Availability:
    """Tell how much there is; of what is not limited there is always enough."""
    return next((one.level for one in left.values()), Availability.IN_STOCK)
