"""The console's own modules against the real server: signing in, following, and broken lines."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from api.database.transaction import Database
from tests.api.console.looking import SECRET, line_to, looking, register
from tests.api.graphql.payouts.test_settlement import CYCLE, closed, codes
from tests.api.graphql.payouts.test_settlement_progress import approve
from tests.api.graphql.payouts.world import Settling
from tests.graphql_client import RunningApp, running_app


@pytest.fixture
async def app(settling: Settling) -> AsyncIterator[RunningApp]:
    async with running_app(settling.door.database, network_id=settling.network_id) as running:
        yield running


@pytest.fixture
async def cycle_id(settling: Settling) -> str:
    found: str = (await closed(settling))["id"]
    return found


def state(told: dict[str, Any]) -> Any:
    (progress,) = told.values()
    return progress["state"]


async def test_a_cycle_is_followed_on_after_the_line_was_cut(
    settling: Settling, app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    async with (
        line_to(app) as (line, base),
        looking(base, client_id=client_id, cycle_id=cycle_id) as page,
    ):
        await page.until_said("live")
        assert state(await page.hear("followed")) == "IN_REVIEW"
        line.cut()
        await page.until_said("polling")
        await approve(settling, cycle_id)
        line.mend()
        await page.until_said("live")
        assert state(await page.hear("followed")) == "EXECUTING"
        # Cut twice more, it is there again each time.
        for _ in range(2):
            line.cut()
            await page.until_said("polling")
            line.mend()
            await page.until_said("live")
            assert state(await page.hear("followed")) == "EXECUTING"


async def test_a_line_that_falls_silent_is_noticed(app: RunningApp, cycle_id: str) -> None:
    client_id = register(app)
    async with (
        line_to(app) as (line, base),
        looking(base, client_id=client_id, cycle_id=cycle_id, silenceMs=500) as page,
    ):
        await page.hear("followed")
        line.is_silent = True
        await page.until_said("polling")
        line.is_silent = False
        await page.until_said("live")
        assert state(await page.hear("followed")) == "IN_REVIEW"


async def test_without_a_socket_it_is_asked_for_until_there_is_one(
    settling: Settling, app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    async with line_to(app) as (line, base):
        line.takes_sockets = False
        async with looking(base, client_id=client_id, cycle_id=cycle_id) as page:
            assert state(await page.hear("asked")) == "IN_REVIEW"
            await approve(settling, cycle_id)
            told = await page.hear("asked", "followed")
            while state(told) != "EXECUTING":
                told = await page.hear("asked", "followed")
            assert "asked" in told
            line.takes_sockets = True
            await page.until_said("live")
            assert state(await page.hear("followed")) == "EXECUTING"


async def test_another_token_is_fetched_when_the_first_ends(
    settling: Settling, app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    async with looking(f"{app.url}/console", client_id=client_id, cycle_id=cycle_id) as page:
        await page.until_said("live")
        await page.hear("followed")
        app.clock.advance(days=1)
        await page.until_said("live")
        assert state(await page.hear("followed")) == "IN_REVIEW"
        told = await page.leave()
    assert [one.rpartition("/")[2] for one in told["addresses"]].count("token") == 2


async def test_a_page_that_was_loaded_again_asks_who_it_is_when_its_token_ends(
    app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    base = f"{app.url}/console"
    async with looking(base, client_id=client_id, cycle_id=cycle_id, isReloaded=True) as page:
        await page.hear("followed")
        app.clock.advance(days=1)
        await page.until_said("signed_out")


async def test_a_client_that_is_withdrawn_is_signed_out(app: RunningApp, cycle_id: str) -> None:
    client_id = register(app)
    async with looking(f"{app.url}/console", client_id=client_id, cycle_id=cycle_id) as page:
        await page.hear("followed")
        app.register.clients[client_id] = replace(app.register.clients[client_id], is_active=False)
        app.clock.advance(days=1)
        await page.until_said("signed_out")


async def test_following_ends_with_the_cycle(
    settling: Settling, app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    async with looking(f"{app.url}/console", client_id=client_id, cycle_id=cycle_id) as page:
        await page.hear("followed")
        given = {"settlementCycleId": cycle_id}
        abandoned = await settling.door.do(settling.maker, "abandonSettlementCycle", CYCLE, **given)
        assert codes(abandoned) == []
        assert state(await page.hear("followed")) == "ABANDONED"
        await page.until_said("idle")


async def test_who_cannot_sign_in_is_told_why_and_nothing_is_kept(database: Database) -> None:
    async with running_app(database) as app:
        client_id = register(app)
        for given in ({"client_id": client_id, "secret": "wrong"}, {"client_id": "mzc_nobody"}):
            async with looking(f"{app.url}/console", **given) as page:
                assert await page.hear("refused") == {"refused": "wrong_secret", "kept": []}
        async with line_to(app) as (_, base):
            pass  # nobody listens there any more
        async with looking(base, client_id=client_id) as page:
            assert await page.hear("refused") == {"refused": "unreachable", "kept": []}


async def test_secret_and_token_are_in_no_address_and_leave_with_the_person(
    settling: Settling, app: RunningApp, cycle_id: str
) -> None:
    client_id = register(app)
    found = await app.as_staff("auditor").data(
        "query($id: ID!) { settlementCycle(id: $id) { statements(first: 1) { edges { node {"
        " documents { format url } } } } } }",
        {"id": cycle_id},
    )
    (edge,) = found["settlementCycle"]["statements"]["edges"]
    (url,) = [one["url"] for one in edge["node"]["documents"] if one["format"] == "CSV"]
    async with (
        line_to(app) as (line, base),
        looking(base, client_id=client_id, cycle_id=cycle_id, document=url, language="ar") as page,
    ):
        await page.hear("followed")
        told = await page.leave()
        await asyncio.sleep(0.1)
    root = base.removesuffix("/console")
    assert told["addresses"] == [
        f"{root}/oauth/token",
        f"{root.replace('http', 'ws')}/graphql",
        f"{root}{url}?locale=ar",
    ]
    assert line.requested == ["/oauth/token", "/graphql", f"{url}?locale=ar"]
    assert told["downloaded"]["name"] == "statement-000001-SAR.csv"
    assert "record" in told["downloaded"]["text"]
    # The tab keeps the token alone, and nothing once somebody has signed out.
    assert list(told["kept"]) == ["mizan.session"]
    assert SECRET not in str(told)
    assert told["left"] == []
