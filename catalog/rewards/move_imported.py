"""Making imported versions the current ones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    column,
    delete,
    func,
    null,
    or_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.import_step import ImportStep
from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward, reward_market
from payouts.statement import Statement


def _is(*states: RewardState) -> ColumnElement[bool]:
    return or_(*(reward.c.state == one.value for one in states))


_MOVED = (
    func.unnest(
        bindparam("moved_ids", type_=ARRAY(Uuid)),
        bindparam("moved_brands", type_=ARRAY(Uuid)),
        bindparam("moved_versions", type_=ARRAY(Integer)),
    )
    .table_valued(column("reward_id", Uuid), column("brand_id", Uuid), column("version", Integer))
    .render_derived(name="moved")
)
# What a command has set, an import leaves: also where it came while this import was reading.
_IS_KEPT = or_(
    _is(RewardState.PAUSED, RewardState.SUSPENDED, RewardState.RETIRING),
    and_(_is(RewardState.RETIRED), ~reward.c.is_withdrawn),
)
_AT = bindparam("at", type_=DateTime(timezone=True))
_MOVE = Statement(
    update(reward)
    .where(
        reward.c.network_id == bindparam("network_id", type_=BigInteger),
        reward.c.reward_id == _MOVED.c.reward_id,
    )
    .values(
        # An item that is sold as another reward goes on being sold as it.
        state=case(
            (_IS_KEPT, reward.c.state),
            (reward.c.fills_id.is_(None), RewardState.ACTIVE.value),
            else_=RewardState.MATCHED.value,
        ),
        brand_id=_MOVED.c.brand_id,
        latest_version=_MOVED.c.version,
        current_version=_MOVED.c.version,
        published_at=_AT,
        retired_at=case((_IS_KEPT, reward.c.retired_at), else_=null()),
        is_withdrawn=False,
    )
    .returning(
        reward.c.reward_id,
        or_(
            _is(RewardState.ACTIVE, RewardState.MATCHED),
            and_(_is(RewardState.RETIRING), reward.c.sunset_at > _AT),
        ).label("is_sold"),
    )
)

_CLEAR = Statement(
    delete(reward_market).where(
        reward_market.c.network_id == bindparam("network_id", type_=BigInteger),
        reward_market.c.reward_id == any_(bindparam("cleared_ids", type_=ARRAY(Uuid))),
    )
)


async def move_imported(
    db: AsyncConnection, *, network_id: int, known: Sequence[ImportStep], now: datetime
) -> frozenset[UUID]:
    """Make the versions of these known rewards the current ones, and clear their markets.

    Tells which of them are off sale all the same, because a command has set them so.
    """
    if not known:
        return frozenset()
    moved = await _MOVE.rows(
        db,
        {
            "network_id": network_id,
            "moved_ids": [step.reward_id for step in known],
            "moved_brands": [step.brand.brand_id for step in known],
            "moved_versions": [step.version for step in known],
            "at": now,
        },
    )
    ids = [step.reward_id for step in known]
    await _CLEAR.rows(db, {"network_id": network_id, "cleared_ids": ids})
    return frozenset(row["reward_id"] for row in moved if not row["is_sold"])
