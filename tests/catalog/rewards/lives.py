"""Giving commands to rewards, and looking at everything that one may change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    Reward,
    RewardText,
    Terms,
    announce_retirement,
    approve_reward,
    pause_reward,
    publish_reward,
    reinstate_reward,
    reject_reward,
    resume_reward,
    retire_reward,
    submit_reward,
    suspend_reward,
    unschedule_reward,
)
from tests.conftest import NOW
from tests.factories.catalog import make_reward, own_card

LATER = NOW + timedelta(days=2)
SUNSET = NOW + timedelta(days=9)
SUBMITTER, OTHER = "staff:first", "staff:second"
WHOLE = {
    "en": RewardText("Falcon card", "For every shop", "No refunds"),
    "ar": RewardText("بطاقة الصقر", "لكل متجر", "غير قابلة للاسترداد"),
}
COMMANDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "submit": (submit_reward, {"actor": SUBMITTER}),
    "reject": (reject_reward, {"reason": "Not ours to sell"}),
    "approve": (approve_reward, {}),
    "approve_later": (approve_reward, {"at": LATER}),
    "unschedule": (unschedule_reward, {}),
    "publish": (publish_reward, {}),
    "pause": (pause_reward, {}),
    "resume": (resume_reward, {}),
    "suspend": (suspend_reward, {"reason": "A court order"}),
    "reinstate": (reinstate_reward, {}),
    "announce": (announce_retirement, {"sunset_at": SUNSET}),
    "retire": (retire_reward, {}),
}
PATHS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "in_review": ("submit",),
    "rejected": ("submit", "reject"),
    "scheduled": ("submit", "approve_later"),
    "active": ("publish",),
    "paused": ("publish", "pause"),
    "suspended": ("publish", "suspend"),
    "retiring": ("publish", "announce"),
    "retired": ("publish", "retire"),
}
"""How a draft comes into each state."""

_ROWS = (
    "reward", "reward_version", "reward_transition", "reward_change", "reward_market",
    "reward_search", "reward_publication",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lives:
    """A network, and the hands to give commands in it."""

    database: Database
    network_id: int
    partner_id: UUID

    async def draft(self, terms: Terms | None = None, **given: Any) -> UUID:
        async with self.database.writing(self.network_id) as db:
            made = await make_reward(
                db,
                network_id=self.network_id,
                terms=terms or own_card(),
                partner_id=self.partner_id,
                is_published=False,
                **{"texts": WHOLE, **given},
            )
        return made.reward_id

    async def give(
        self, command: str, reward_id: UUID, *, now: datetime = NOW, **given: Any
    ) -> Reward:
        verb, usual = COMMANDS[command]
        arguments = {"actor": OTHER, **usual, **given}
        async with self.database.writing(self.network_id) as db:
            done: Reward = await verb(
                db, network_id=self.network_id, reward_id=reward_id, now=now, **arguments
            )
        return done

    async def in_state(self, state: str, **given: Any) -> UUID:
        reward_id = await self.draft(**given)
        for command in PATHS[state]:
            await self.give(command, reward_id)
        return reward_id


async def everything(superuser: AsyncConnection, reward_id: UUID) -> dict[str, list[str]]:
    """Every row of a reward, in every table that tells of it."""
    found = {}
    for table in _ROWS:
        rows = await superuser.execute(
            text(f"SELECT t::text FROM catalog.{table} t WHERE reward_id = :id ORDER BY 1"),
            {"id": reward_id},
        )
        found[table] = list(rows.scalars())
    return found


async def is_listed(superuser: AsyncConnection, reward_id: UUID) -> tuple[bool, bool]:
    """Whether a reward is in a country's list, and whether the search finds it."""
    told = await everything(superuser, reward_id)
    return bool(told["reward_market"]), bool(told["reward_search"])


async def log_of(superuser: AsyncConnection, reward_id: UUID) -> list[tuple[Any, ...]]:
    """The transitions of a reward: number, command, from, to, version, actor, reason."""
    rows = await superuser.execute(
        text(
            "SELECT number, command, from_state, to_state, version, actor, reason"
            " FROM catalog.reward_transition WHERE reward_id = :id ORDER BY number"
        ),
        {"id": reward_id},
    )
    return [tuple(row) for row in rows]


async def changes_of(superuser: AsyncConnection, reward_id: UUID) -> list[tuple[str, int | None]]:
    """What those who follow the catalogue are told of a reward: kind and version."""
    rows = await superuser.execute(
        text(
            "SELECT kind, version FROM catalog.reward_change WHERE reward_id = :id"
            " ORDER BY reward_change_id"
        ),
        {"id": reward_id},
    )
    return [tuple(row) for row in rows]
