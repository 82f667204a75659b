"""Where members stand: versions that are only added, the newest in force."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from partners.members import MemberNotFound
from partners.standings import (
    Standing,
    StandingInvalid,
    find_standing,
    read_standings,
    set_standing,
)
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network


@pytest.fixture
async def souq(database: Database) -> SmallNetwork:
    return await found_network(database)


async def put(souq: SmallNetwork, tier: str | None, *segments: str, **over: object) -> Standing:
    given: dict[str, object] = {"member_id": souq.member_id, **over}
    async with souq.database.writing(souq.network_id) as db:
        return await set_standing(
            db,
            network_id=souq.network_id,
            tier=tier,
            segments=segments,
            actor="staff:operator-1",
            now=NOW,
            **given,  # type: ignore[arg-type]
        )


async def test_the_newest_standing_is_in_force_and_the_earlier_stay(souq: SmallNetwork) -> None:
    first = await put(souq, "gold", "travel", "early", "travel")
    assert (first.version, first.segments) == (1, ("early", "travel"))
    second = await put(souq, None)
    async with souq.database.reading(souq.network_id) as db:
        found = await find_standing(db, network_id=souq.network_id, member_id=souq.member_id)
        other = await find_standing(db, network_id=souq.network_id, member_id=souq.other_member_id)
        both = await read_standings(
            db,
            network_id=souq.network_id,
            standing_ids=[first.member_standing_id, second.member_standing_id],
        )
    assert (found, other) == (second, None)
    assert both == {one.member_standing_id: one for one in (first, second)}
    assert (second.version, second.tier, second.segments) == (2, None, ())


async def test_a_member_reads_its_own_standing_alone(souq: SmallNetwork) -> None:
    made = await put(souq, "gold")
    for member_id, seen in ((souq.member_id, made), (souq.other_member_id, None)):
        scope = Scope("member", member_id)
        async with souq.database.reading(souq.network_id, scope) as db:
            found = await find_standing(db, network_id=souq.network_id, member_id=souq.member_id)
        assert found == seen


async def test_a_wrong_standing_is_refused_and_not_kept(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    wrong = [("Gold", ()), ("", ()), (None, ("a b",)), (None, ("x" * 61,))]
    for tier, segments in wrong:
        with pytest.raises(StandingInvalid):
            await put(souq, tier, *segments)
    with pytest.raises(StandingInvalid):
        await put(souq, None, *(f"s{number}" for number in range(51)))
    with pytest.raises(MemberNotFound):
        await put(souq, "gold", member_id=uuid4())
    count = await superuser.execute(text("SELECT count(*) FROM partners.member_standing"))
    assert count.scalar_one() == 0
