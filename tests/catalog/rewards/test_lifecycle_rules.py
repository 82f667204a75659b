"""What the commands of a reward ask for, what the clock does, and who comes first of several."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from catalog.rewards import (
    RewardDraft,
    RewardIncomplete,
    RewardNotFound,
    RewardNotPublishable,
    RewardReasonInvalid,
    RewardState,
    RewardStateConflict,
    RewardSubmitterDecides,
    RewardTimeInvalid,
    get_reward,
    list_transitions,
    publish_due_rewards,
    revise_reward,
)
from partners.rules import FundingShare
from payouts.money import new_id
from tests.catalog.rewards.lives import (
    LATER,
    SUBMITTER,
    SUNSET,
    WHOLE,
    Lives,
    changes_of,
    everything,
    is_listed,
    log_of,
)
from tests.conftest import NOW
from tests.factories.catalog import offer, own_card
from tests.factories.partners import open_shop


@pytest.fixture
async def lives(database: Database) -> Lives:
    shop = await open_shop(database)
    return Lives(database, shop.network_id, shop.partner.partner_id)


async def test_a_draft_is_whole_before_it_is_reviewed(
    lives: Lives, superuser: AsyncConnection
) -> None:
    english, arabic = WHOLE["en"], WHOLE["ar"]
    cases = [
        ({"en": english}, [("texts", "ar", "title"), ("texts", "ar", "terms")]),
        ({"ar": arabic}, [("texts", "en", "title"), ("texts", "en", "terms")]),
        ({"en": english, "ar": replace(arabic, terms=" ")}, [("texts", "ar", "terms")]),
        (
            {"en": replace(english, terms=""), "ar": replace(arabic, terms="")},
            [("texts", "en", "terms"), ("texts", "ar", "terms")],
        ),
    ]
    for texts, missing in cases:
        reward_id = await lives.draft(texts=texts)
        before = await everything(superuser, reward_id)
        with pytest.raises(RewardIncomplete) as refused:
            await lives.give("submit", reward_id)
        assert [refused.value.path, *refused.value.also] == missing
        assert await everything(superuser, reward_id) == before
    over = await lives.draft(offer(lives.partner_id))
    with pytest.raises(RewardIncomplete) as refused:
        await lives.give("submit", over, now=NOW + timedelta(days=31))
    assert refused.value.path == ("offer", "ends_at")


async def test_nobody_decides_about_what_they_submitted(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("in_review")
    before = await everything(superuser, reward_id)
    for command in ("approve", "approve_later", "reject"):
        with pytest.raises(RewardSubmitterDecides):
            await lives.give(command, reward_id, actor=SUBMITTER)
    assert await everything(superuser, reward_id) == before
    # The database says so as well.
    with pytest.raises(IntegrityError, match="reward_transition_second_person"):
        await superuser.execute(
            text(
                "INSERT INTO catalog.reward_transition (network_id, reward_transition_id,"
                " reward_id, number, command, from_state, to_state, version, actor, submitted_by,"
                " made_at) VALUES (:network, :key, :reward, 2, 'approve', 'in_review', 'active', 1,"
                " 'staff:first', 'staff:first', now())"
            ),
            {"network": lives.network_id, "key": new_id(NOW), "reward": reward_id},
        )
    approved = await lives.give("approve", reward_id)
    assert (approved.state, approved.current_version) == (RewardState.ACTIVE, 1)


async def test_reasons_and_instants_are_checked(lives: Lives, superuser: AsyncConnection) -> None:
    reward_id = await lives.in_state("active")
    before = await everything(superuser, reward_id)
    for reason in ("", "  ", "x" * 501, "nul \x00"):
        with pytest.raises(RewardReasonInvalid):
            await lives.give("suspend", reward_id, reason=reason)
    with pytest.raises(RewardTimeInvalid):
        await lives.give("announce", reward_id, sunset_at=NOW)
    for command in ("submit", "approve", "pause", "retire", "announce"):
        with pytest.raises(RewardNotFound):
            await lives.give(command, new_id(NOW))
    assert await everything(superuser, reward_id) == before


async def test_a_partner_commands_its_own_rewards_alone(
    lives: Lives, superuser: AsyncConnection
) -> None:
    own = await lives.in_state("active")
    hidden = await lives.in_state("in_review")
    before = await everything(superuser, own)
    with pytest.raises(RewardNotFound):
        await lives.give("pause", own, partner_id=new_id(NOW))
    with pytest.raises(RewardNotFound):  # partners are not told of drafts
        await lives.give("pause", hidden, partner_id=lives.partner_id)
    assert await everything(superuser, own) == before
    paused = await lives.give("pause", own, partner_id=lives.partner_id)
    assert paused.state is RewardState.PAUSED
    with pytest.raises(RewardNotFound):
        await lives.give("resume", own, partner_id=new_id(NOW))
    resumed = await lives.give("resume", own, partner_id=lives.partner_id)
    assert resumed.state is RewardState.ACTIVE


async def test_approved_for_an_instant_that_is_over_is_on_sale_at_once(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("in_review")
    done = await lives.give("approve", reward_id, at=NOW - timedelta(hours=1))
    assert (done.state, done.goes_live_at) == (RewardState.ACTIVE, None)
    assert await is_listed(superuser, reward_id) == (True, True)


async def _look(lives: Lives, now: Any) -> int:
    async with lives.database.writing(lives.network_id) as db:
        return await publish_due_rewards(db, network_id=lives.network_id, limit=10, now=now)


async def test_the_clock_puts_it_on_sale_at_its_time(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("scheduled")
    async with lives.database.reading(lives.network_id) as db:
        waiting = await get_reward(db, network_id=lives.network_id, reward_id=reward_id)
    assert waiting.goes_live_at == LATER
    before = await everything(superuser, reward_id)
    assert await _look(lives, LATER - timedelta(seconds=1)) == 0
    assert await everything(superuser, reward_id) == before

    assert await _look(lives, LATER) == 1
    async with lives.database.reading(lives.network_id) as db:
        live = await get_reward(db, network_id=lives.network_id, reward_id=reward_id)
    assert (live.state, live.current_version, live.goes_live_at) == (RewardState.ACTIVE, 1, None)
    assert await is_listed(superuser, reward_id) == (True, True)
    assert (await log_of(superuser, reward_id))[-1] == (
        3, "go_live", "scheduled", "active", 1, "clock", None,
    )  # fmt: skip
    assert await changes_of(superuser, reward_id) == [("published", 1)]
    assert await _look(lives, LATER + timedelta(days=1)) == 0


async def test_what_was_unscheduled_does_not_go_live_and_may_be_approved_for_another_time(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("scheduled")
    await lives.give("unschedule", reward_id)
    assert await _look(lives, LATER) == 1
    assert await _look(lives, LATER + timedelta(days=1)) == 0
    assert await is_listed(superuser, reward_id) == (False, False)
    await lives.give("submit", reward_id)
    later = LATER + timedelta(days=3)
    scheduled = await lives.give("approve_later", reward_id, at=later)
    assert scheduled.goes_live_at == later
    with pytest.raises(RewardStateConflict):
        await lives.give("approve_later", reward_id, at=later + timedelta(hours=1))
    with pytest.raises(RewardStateConflict):
        await lives.give("approve", reward_id)
    assert await _look(lives, later - timedelta(seconds=1)) == 0
    assert await _look(lives, later) == 1
    assert await is_listed(superuser, reward_id) == (True, True)


async def test_an_offer_that_is_over_does_not_go_live(
    lives: Lives, superuser: AsyncConnection
) -> None:
    end = NOW + timedelta(days=30)
    reward_id = await lives.draft(offer(lives.partner_id))
    await lives.give("submit", reward_id)
    with pytest.raises(RewardNotPublishable) as refused:
        await lives.give("approve_later", reward_id, at=end)
    assert refused.value.path == ("at",)
    await lives.give("approve_later", reward_id, at=end - timedelta(hours=1))
    # Nobody looked in time.
    assert await _look(lives, end) == 1
    assert (await log_of(superuser, reward_id))[-1] == (
        3, "unschedule", "scheduled", "draft", 1, "clock",
        "The offer is over.",
    )  # fmt: skip
    assert await is_listed(superuser, reward_id) == (False, False)


async def test_one_that_cannot_go_live_keeps_no_other_from_it(
    lives: Lives, superuser: AsyncConnection
) -> None:
    stranger = FundingShare("partner", new_id(NOW), 1)
    bad = await lives.draft(replace(offer(lives.partner_id), funding=(stranger,)))
    good = await lives.draft()
    for reward_id in (bad, good):
        await lives.give("submit", reward_id)
        await lives.give("approve_later", reward_id)
    assert await _look(lives, LATER) == 2
    assert await is_listed(superuser, good) == (True, True)
    assert await is_listed(superuser, bad) == (False, False)
    assert (await log_of(superuser, bad))[-1] == (
        3, "unschedule", "scheduled", "draft", 1, "clock", "There is no such partner.",
    )  # fmt: skip
    assert (await everything(superuser, bad))["reward_publication"] == []
    assert await _look(lives, LATER + timedelta(days=1)) == 0


async def test_a_sunset_is_moved_and_what_is_published_meanwhile_goes_on_to_it(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("retiring")
    moved = await lives.give("announce", reward_id, sunset_at=SUNSET + timedelta(days=1))
    assert (moved.state, moved.sunset_at) == (RewardState.RETIRING, SUNSET + timedelta(days=1))
    draft = RewardDraft(WHOLE, ("SA",), own_card("20.00"))
    async with lives.database.writing(lives.network_id) as db:
        await revise_reward(
            db, network_id=lives.network_id, reward_id=reward_id, draft=draft, now=NOW
        )
    published = await lives.give("publish", reward_id)
    assert (published.state, published.current_version, published.sunset_at) == (
        RewardState.RETIRING,
        2,
        moved.sunset_at,
    )
    assert await changes_of(superuser, reward_id) == [
        ("published", 1),
        ("retiring", 1),
        ("retiring", 1),
        ("revised", 2),
    ]


async def test_a_resumed_reward_is_on_sale_as_it_was(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("paused")
    draft = RewardDraft(WHOLE, ("AE",), own_card("20.00"))
    async with lives.database.writing(lives.network_id) as db:
        await revise_reward(
            db, network_id=lives.network_id, reward_id=reward_id, draft=draft, now=NOW
        )
    resumed = await lives.give("resume", reward_id)
    assert (resumed.version, resumed.latest_version, resumed.countries) == (1, 2, ("SA",))
    markets = (await everything(superuser, reward_id))["reward_market"]
    assert len(markets) == 1
    assert ",SA," in markets[0]


async def test_of_an_approval_and_a_rejection_at_once_one_decides(
    lives: Lives, superuser: AsyncConnection
) -> None:
    for _ in range(8):
        reward_id = await lives.in_state("in_review")

        async def decide(command: str, key: UUID = reward_id) -> str:
            try:
                return (await lives.give(command, key)).state
            except RewardStateConflict:
                return "refused"

        ended = await asyncio.gather(decide("approve"), decide("reject"))
        assert sorted(ended) in (["active", "refused"], ["refused", "rejected"])
        log = await log_of(superuser, reward_id)
        state = next(one for one in ended if one != "refused")
        assert [(row[0], row[3]) for row in log] == [(1, "in_review"), (2, state)]
        assert await is_listed(superuser, reward_id) == ((state == "active",) * 2)


async def test_many_commands_at_once_are_written_in_one_order(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("active")

    async def turn(command: str) -> None:
        await lives.give(command, reward_id)

    await asyncio.gather(*(turn(one) for one in ["pause", "resume"] * 8))
    log = await log_of(superuser, reward_id)
    assert [row[0] for row in log] == list(range(1, len(log) + 1))
    for (*_, left), (_, _, begun, *_) in zip([row[:4] for row in log[:-1]], log[1:], strict=True):
        assert left == begun


async def test_the_log_is_only_added_to_and_read_by_its_partner_alone(
    lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await lives.in_state("suspended")
    for statement in (
        "UPDATE catalog.reward_transition SET reason = 'another'",
        "DELETE FROM catalog.reward_transition",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with lives.database.writing(lives.network_id) as db:
                await db.execute(text(statement))

    async def read(network_id: int, scope: Scope | None = None) -> list[str]:
        given = () if scope is None else (scope,)
        async with lives.database.reading(network_id, *given) as db:
            found = await list_transitions(db, network_id=network_id, reward_id=reward_id, limit=10)
        return [one.command.value for one in found]

    assert await read(lives.network_id) == ["publish", "suspend"]
    assert await read(lives.network_id, Scope("partner", lives.partner_id)) == [
        "publish",
        "suspend",
    ]
    assert await read(lives.network_id, Scope("partner", new_id(NOW))) == []
    assert await read(lives.network_id, Scope("member", new_id(NOW))) == []
    assert await read(lives.network_id + 1) == []
