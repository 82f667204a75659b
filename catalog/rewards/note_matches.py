"""Writing down what a rule found alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.likeness import Likened
from catalog.rewards.model import RULE, MatchState
from catalog.rewards.tables import reward_match
from payouts.money import new_id
from payouts.write_rows import Known, write_rows

Judged = Mapping[UUID, Likened]
"""By the reward that an item would be sold as: how like it is to what is sold so."""


async def note_matches(
    db: AsyncConnection,
    *,
    network_id: int,
    matched: Mapping[UUID, Judged],
    doubtful: Mapping[UUID, Judged],
    now: datetime,
) -> None:
    """Write down what each item was matched with, and what it may be the same as.

    Of a pair that is known only a doubt that is over changes.
    """
    sure = _rows(network_id, matched, MatchState.MATCHED, RULE, now)
    await _settle(db, network_id, sure, now)
    rows = sure + _rows(network_id, doubtful, MatchState.DOUBTFUL, None, now)
    await write_rows(db, reward_match, network_id=network_id, rows=rows, known=Known.KEPT)


def _rows(
    network_id: int,
    found: Mapping[UUID, Judged],
    state: MatchState,
    decided_by: str | None,
    now: datetime,
) -> list[dict[str, Any]]:
    return [
        {
            "network_id": network_id,
            "reward_match_id": new_id(now),
            "reward_id": lead_id,
            "source_id": item_id,
            "state": state.value,
            "reasons": [*one.reasons, *(["several"] if len(judged) > 1 else [])],
            "decided_by": decided_by,
            "found_at": now,
            "decided_at": None if decided_by is None else now,
        }
        for item_id, judged in sorted(found.items())
        for lead_id, one in sorted(judged.items())
    ]


async def _settle(
    db: AsyncConnection, network_id: int, sure: list[dict[str, Any]], now: datetime
) -> None:
    if not sure:
        return
    given = (
        func.unnest(
            cast([row["source_id"] for row in sure], ARRAY(Uuid)),
            cast([row["reward_id"] for row in sure], ARRAY(Uuid)),
        )
        .table_valued("source_id", "reward_id")
        .render_derived("given")
    )
    await db.execute(
        update(reward_match)
        .where(
            reward_match.c.network_id == network_id,
            reward_match.c.source_id == given.c.source_id,
            reward_match.c.reward_id == given.c.reward_id,
            reward_match.c.state == MatchState.DOUBTFUL.value,
        )
        # What is the same product is matched with one reward, and for no reason but that.
        .values(
            state=MatchState.MATCHED.value,
            reasons=cast([], reward_match.c.reasons.type),
            decided_by=RULE,
            decided_at=now,
        )
    )
