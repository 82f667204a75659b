"""Whoever follows the catalogue learns that an assortment changed, and when the clock changes it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments import (
    AssortmentInvalid,
    AssortmentRule,
    Effect,
    find_next_turn,
    publish_assortment,
)
from catalog.changes import Change, ChangeKind, RewardChange, list_changes, order_changes
from payouts.money import new_id
from tests.catalog.assortments.conftest import Shelf
from tests.conftest import NOW
from tests.factories.small_network import found_network

ALLOW, DENY = Effect.ALLOW, Effect.DENY
DAY = timedelta(days=1)


async def told(shelf: Shelf, network_id: int | None = None) -> tuple[RewardChange, ...]:
    network = shelf.souq.network_id if network_id is None else network_id
    async with shelf.souq.database.writing(network) as db:
        await order_changes(db, network_id=network)
        page = await list_changes(db, network_id=network, after=len(shelf.rewards), limit=10)
    return page.changes


async def turn(shelf: Shelf, now: datetime = NOW, *, as_member: bool = True) -> datetime | None:
    viewer = await shelf.viewer(as_member=as_member)
    async with shelf.souq.database.reading(shelf.souq.network_id) as db:
        return await find_next_turn(db, network_id=shelf.souq.network_id, viewer=viewer, now=now)


async def test_each_publishing_is_told_by_its_programme(shelf: Shelf) -> None:
    await shelf.publish(AssortmentRule(DENY, categories=("games",)))
    await shelf.publish()
    assert await told(shelf) == tuple(
        RewardChange(place, None, ChangeKind.ASSORTMENT_PUBLISHED, None, NOW, shelf.programme_id)
        for place in (5, 6)
    )


async def test_what_was_not_published_is_not_told(shelf: Shelf) -> None:
    with pytest.raises(AssortmentInvalid):
        await shelf.publish(AssortmentRule(ALLOW, categories=()))
    network_id = shelf.souq.network_id

    async def give_up() -> None:
        async with shelf.souq.database.writing(network_id) as db:
            await publish_assortment(
                db,
                network_id=network_id,
                programme_id=shelf.programme_id,
                rules=[],
                actor="staff:operator-1",
                now=NOW,
            )
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        await give_up()
    assert await told(shelf) == ()


async def test_another_network_is_told_nothing(shelf: Shelf) -> None:
    other = await found_network(shelf.souq.database, slug="other")
    await shelf.publish()
    assert len(await told(shelf)) == 1
    assert await told(shelf, other.network_id) == ()


async def test_a_change_is_of_one_reward_or_of_one_programme(
    superuser: AsyncConnection,
) -> None:
    one = new_id(NOW)
    kind = ChangeKind.ASSORTMENT_PUBLISHED
    mistaken: list[tuple[Any, ...]] = [
        (one, kind),
        (None, kind),
        (None, ChangeKind.RETIRED),
        (one, ChangeKind.RETIRED, None, one),
    ]
    for fields in mistaken:
        with pytest.raises(AssertionError):
            Change(*fields)
    row = text(
        "INSERT INTO catalog.reward_change (network_id, reward_change_id, reward_id, programme_id,"
        " kind, changed_at) VALUES (1, :one, :reward, :programme, 'x', now())"
    )
    for reward, programme in ((one, one), (None, None)):
        with pytest.raises(IntegrityError, match="reward_change_subject"):
            await superuser.execute(row, {"one": one, "reward": reward, "programme": programme})


async def test_the_next_turn_is_when_a_rule_begins_or_ends(shelf: Shelf) -> None:
    assert await turn(shelf) is None
    made = await shelf.publish(
        AssortmentRule(ALLOW, starts_at=NOW + 2 * DAY, ends_at=NOW + 5 * DAY),
        AssortmentRule(DENY, categories=("games",), ends_at=NOW + 3 * DAY),
        AssortmentRule(ALLOW, starts_at=NOW - DAY, ends_at=NOW),
        AssortmentRule(ALLOW, categories=("food",)),
    )
    for now, expected in (
        (NOW, NOW + 2 * DAY),
        (NOW + 2 * DAY, NOW + 3 * DAY),
        (NOW + 3 * DAY, NOW + 5 * DAY),
        (NOW + 5 * DAY, None),
    ):
        assert await turn(shelf, now) == expected
        assert await turn(shelf, now, as_member=False) == expected
        assert made.changes_at(now) == expected
    before, after = (
        await shelf.seen(now=NOW + 2 * DAY - DAY / 24),
        await shelf.seen(now=NOW + 2 * DAY),
    )
    assert (before, after) == ({"food", "dear"}, {"food", "dear", "evening"})


async def test_what_somebody_has_early_does_not_begin_for_them(shelf: Shelf) -> None:
    made = await shelf.publish(
        AssortmentRule(
            ALLOW, starts_at=NOW + DAY, ends_at=NOW + 3 * DAY, early_access_for=("vip",)
        ),
    )
    assert await turn(shelf) == NOW + DAY
    await shelf.stand("vip")
    assert await turn(shelf) == NOW + 3 * DAY
    assert made.changes_at(NOW) == NOW + DAY


async def test_only_what_is_in_force_for_the_viewer_turns(shelf: Shelf) -> None:
    await shelf.publish(AssortmentRule(ALLOW, ends_at=NOW + DAY))
    assert await turn(shelf) == NOW + DAY
    await shelf.publish(AssortmentRule(ALLOW, ends_at=NOW + 2 * DAY))
    assert await turn(shelf) == NOW + 2 * DAY
    await shelf.publish()
    assert await turn(shelf) is None
