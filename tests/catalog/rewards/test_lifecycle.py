"""Every command in every state: where it leads, what it writes, and what it refuses unchanged."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    MOVES,
    RewardCommand,
    RewardDraft,
    RewardState,
    RewardStateConflict,
    import_feed,
    revise_reward,
)
from catalog.suppliers import Feed
from tests.catalog.rewards.lives import (
    OTHER,
    SUBMITTER,
    WHOLE,
    Lives,
    changes_of,
    everything,
    is_listed,
    log_of,
)
from tests.conftest import NOW
from tests.factories.catalog import card_item, make_supplier, own_card
from tests.factories.partners import open_shop

# "=" changes nothing, "-" is refused, else the state that it leads to.
TABLE = """
           submit    reject   approve approve_later unschedule publish pause  resume suspend   reinstate announce retire
draft      in_review -        -       -             =          active  -      -      -         -         -        retired
in_review  =         rejected active  scheduled     -          -       -      -      -         -         -        -
rejected   -         =        -       -             -          -       -      -      -         -         -        -
scheduled  -         -        -       =             draft      -       -      -      -         -         -        -
active     -         -        =       -             -          =       paused =      suspended -         retiring retired
paused     -         -        -       -             -          active  =      active suspended =         retiring retired
suspended  -         -        -       -             -          -       -      -      =         paused    -        -
retiring   -         -        -       -             -          =       -      -      -         -         =        retired
matched    -         -        -       -             -          =       -      -      -         -         -        retired
retired    -         -        -       -             -          active  -      -      -         -         -        =
"""
LISTED = {"active", "retiring"}
SAID = {"reject": "Not ours to sell", "suspend": "A court order"}
TOLD = {
    ("active", "paused"): ("paused", None),
    ("active", "suspended"): ("paused", None),
    ("active", "retiring"): ("retiring", 1),
    ("paused", "retiring"): ("retiring", 1),
    ("active", "retired"): ("retired", None),
    ("retiring", "retired"): ("retired", None),
    ("paused", "retired"): ("retired", None),
    ("draft", "active"): ("published", 1),
    ("in_review", "active"): ("published", 1),
    ("paused", "active"): ("published", 1),
    ("retired", "active"): ("published", 1),
}
"""What those who follow the catalogue are told; nothing of every other step."""


def _cells() -> dict[str, dict[str, str]]:
    head, *lines = TABLE.strip().splitlines()
    commands = head.split()
    found = {}
    for line in lines:
        state, *cells = line.split()
        found[state] = dict(zip(commands, cells, strict=True))
    return found


CELLS = _cells()
POSSIBLE = {
    "draft": "revise, submit, publish, retire",
    "in_review": "reject, approve",
    "rejected": "revise",
    "scheduled": "unschedule",
    "active": "revise, publish, pause, suspend, announce_retirement, retire",
    "paused": "revise, publish, resume, suspend, announce_retirement, retire",
    "suspended": "revise, reinstate",
    "retiring": "revise, publish, announce_retirement, retire",
    "matched": "revise, publish, retire",
    "retired": "revise, publish, retire",
}


@pytest.fixture
async def lives(database: Database) -> Lives:
    shop = await open_shop(database)
    return Lives(database, shop.network_id, shop.partner.partner_id)


async def _matched(lives: Lives, number: int) -> UUID:
    """A supplier's item that is sold as another's; each time of a brand of its own."""
    brand = f"Brand {'abcdefghijklmnop'[number] * 4}"
    async with lives.database.writing(lives.network_id) as db:
        for name in ("one", "two"):
            made = await make_supplier(db, network_id=lives.network_id, name=name)
            await import_feed(
                db,
                network_id=lives.network_id,
                supplier_id=made.supplier_id,
                feed=Feed((card_item(f"{name}-{number}", brand),), (), is_complete=False),
                actor="test",
                now=NOW,
            )
        row = await db.execute(
            text("SELECT reward_id FROM catalog.reward WHERE supplier_sku = :sku"),
            {"sku": f"two-{number}"},
        )
    found: UUID = row.scalar_one()
    return found


async def _made(lives: Lives, state: str, number: int) -> UUID:
    return await (_matched(lives, number) if state == "matched" else lives.in_state(state))


def test_the_table_is_whole() -> None:
    assert sorted(CELLS) == sorted(RewardState)
    by_time = {RewardCommand.GO_LIVE, RewardCommand.SUNSET}
    names = {"announce": "announce_retirement", "approve_later": "approve"}
    tried = {names.get(one, one) for one in CELLS["draft"]} | {"revise"}
    assert (
        tried == {one.value for one in RewardCommand if one not in by_time} == set(MOVES) - by_time
    )


@pytest.mark.parametrize("state", sorted(CELLS))
async def test_every_command_in_a_state(
    lives: Lives, superuser: AsyncConnection, state: str
) -> None:
    for number, (command, cell) in enumerate(CELLS[state].items()):
        reward_id = await _made(lives, state, number)
        before = await everything(superuser, reward_id)
        log, told = await log_of(superuser, reward_id), await changes_of(superuser, reward_id)
        if cell == "-":
            with pytest.raises(RewardStateConflict) as refused:
                await lives.give(command, reward_id)
            assert refused.value.facts == {"state": state.upper(), "possible": POSSIBLE[state]}
            assert await everything(superuser, reward_id) == before, (state, command)
            continue
        done = await lives.give(command, reward_id)
        if cell == "=":
            assert done.state == state
            assert await everything(superuser, reward_id) == before, (state, command)
            continue
        assert done.state == cell, (state, command)
        name = {"announce": "announce_retirement", "approve_later": "approve"}.get(command, command)
        actor = SUBMITTER if command == "submit" else OTHER
        row = (len(log) + 1, name, state, cell, 1, actor, SAID.get(command))
        assert await log_of(superuser, reward_id) == [*log, row]
        assert await is_listed(superuser, reward_id) == ((cell in LISTED,) * 2), (state, command)
        change = TOLD.get((state, cell))
        assert await changes_of(superuser, reward_id) == [*told, *([change] if change else [])]
        # The same again changes nothing.
        after = await everything(superuser, reward_id)
        assert await lives.give(command, reward_id) == done
        assert await everything(superuser, reward_id) == after, (state, command)


@pytest.mark.parametrize("state", sorted(CELLS))
async def test_what_is_reviewed_or_scheduled_is_not_revised(
    lives: Lives, superuser: AsyncConnection, state: str
) -> None:
    reward_id = await _made(lives, state, 0)
    before, log = await everything(superuser, reward_id), await log_of(superuser, reward_id)
    draft = RewardDraft(WHOLE, ("SA",), own_card("20.00"))

    async def revise() -> Any:
        async with lives.database.writing(lives.network_id) as db:
            return await revise_reward(
                db,
                network_id=lives.network_id,
                reward_id=reward_id,
                draft=draft,
                actor=OTHER,
                now=NOW,
            )

    if state in ("in_review", "scheduled"):
        with pytest.raises(RewardStateConflict):
            await revise()
        assert await everything(superuser, reward_id) == before
        return
    made = await revise()
    assert (made.version, made.latest_version) == (2, 2)
    if state == "rejected":
        assert made.state is RewardState.DRAFT
        row = (len(log) + 1, "revise", "rejected", "draft", 2, OTHER, None)
        assert await log_of(superuser, reward_id) == [*log, row]
        await lives.give("submit", reward_id)
        assert (await lives.give("approve", reward_id)).current_version == 2
    else:
        assert made.state == state
        assert await log_of(superuser, reward_id) == log
