"""Staff see how far a settlement cycle has come, and follow it over a socket until it is settled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from api.progress_desk import WATCHES_OF_ONE_MAX
from tests.api.graphql.payouts.following import FOLLOW, polls, socket_of, until_gone
from tests.api.graphql.payouts.test_settlement import CYCLE, closed, codes
from tests.api.graphql.payouts.world import Settling
from tests.factories.catalog import statements_of
from tests.graphql_client import RunningApp, running_app


@pytest.fixture
async def app(settling: Settling) -> AsyncIterator[RunningApp]:
    async with running_app(settling.door.database, network_id=settling.network_id) as running:
        yield running


def minor(amount: int) -> dict[str, str]:
    return {"minor": str(amount)}


def in_review(cycle_id: str) -> dict[str, Any]:
    return {
        "settlementCycleId": cycle_id,
        "state": "IN_REVIEW",
        "version": 1,
        "statementsCount": 2,
        "statements": [
            {"outcome": "COLLECT", "count": 1, "net": minor(5_000)},
            {"outcome": "PAY", "count": 1, "net": minor(-8_000)},
        ],
        "payouts": [],
        "collections": [],
        "waiting": [],
        "money": [money(0, 0)],
    }


def money(paid: int, collected: int) -> dict[str, Any]:
    return {
        "toPay": minor(8_000),
        "paid": minor(paid),
        "toCollect": minor(5_000),
        "collected": minor(collected),
    }


async def approve(settling: Settling, cycle_id: str) -> None:
    given = {"settlementCycleId": cycle_id}
    approved = await settling.door.do(settling.checker, "approveSettlementCycle", CYCLE, **given)
    assert codes(approved) == []


async def fund(settling: Settling) -> None:
    top_up = await settling.door.do(
        settling.maker,
        "topUpStripeBalance",
        "topUp { state }",
        amount={"currency": "SAR", "decimal": "100.00"},
    )
    assert top_up["topUp"]["state"] == "REQUESTED"


async def test_a_cycle_is_followed_from_its_review_until_it_is_settled(
    settling: Settling, app: RunningApp
) -> None:
    cycle_id = (await closed(settling))["id"]
    async with socket_of(app, app.as_staff("auditor")) as socket:
        await socket.follow(cycle_id)
        assert await socket.progress() == in_review(cycle_id)

        await approve(settling, cycle_id)
        ordered = await socket.progress(seconds=2)
        assert (ordered["state"], ordered["waiting"]) == ("EXECUTING", [])
        scheduled = {"state": "SCHEDULED", "reason": None, "count": 1}
        assert ordered["payouts"] == [scheduled | {"amount": minor(8_000)}]
        assert ordered["collections"] == [scheduled | {"amount": minor(5_000)}]

        await settling.work()
        waiting = await socket.progress(seconds=2)
        since = ordered_at(settling)
        assert waiting["waiting"] == [
            waits("COLLECTION", "payment_method_needed", 5_000, since),
            waits("PAYOUT", "identity_needed", 8_000, since),
        ]

        await settling.onboard(settling.as_partner(settling.cafe))
        await settling.onboard(settling.as_partner(settling.shop))
        await fund(settling)
        await settling.work(rounds=4)
        last = await socket.progress()
        while last["state"] != "SETTLED":
            last = await socket.progress()
        assert (last["money"], last["waiting"]) == ([money(8_000, 5_000)], [])
        assert [one["state"] for one in (*last["payouts"], *last["collections"])] == [
            "PAID",
            "SUCCEEDED",
        ]
        assert await socket.hear() == {"id": "1", "type": "complete"}

        # Followed again, it says where it stands and ends.
        await socket.follow(cycle_id, "2")
        assert await socket.progress() == last
        assert await socket.hear() == {"id": "2", "type": "complete"}
    assert polls() == []


def waits(kind: str, reason: str, amount: int, since: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "reason": reason,
        "count": 1,
        "amount": minor(amount),
        "since": since,
    }


def ordered_at(settling: Settling) -> str:
    # The clock stood still until the work that came after the order.
    return "2026-03-15T09:00:00+00:00"


async def refused(app: RunningApp, client: Any, cycle_id: str) -> str:
    async with socket_of(app, client) as socket:
        await socket.follow(cycle_id)
        heard = await socket.hear()
        errors = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
        assert heard["type"] == "error" or heard["payload"]["data"] is None
        (code,) = [one["extensions"]["code"] for one in errors]
        return str(code)


async def test_partners_members_and_other_networks_follow_nothing(
    settling: Settling, app: RunningApp
) -> None:
    cycle_id = (await closed(settling))["id"]
    before = asyncio.all_tasks()
    assert await refused(app, app.anonymous(), cycle_id) == "UNAUTHENTICATED"
    assert await refused(app, app.as_partner(settling.cafe), cycle_id) == "FORBIDDEN"
    assert await refused(app, app.as_member(settling.member), cycle_id) == "FORBIDDEN"
    foreign = app.as_staff("operator", network_id=settling.network_id + 1)
    assert await refused(app, foreign, cycle_id) == "NOT_FOUND"
    own = app.as_staff("operator")
    for unknown in (
        settling.id("SettlementCycle", uuid4()),
        settling.id("Partner", settling.cafe),
        "not an id",
    ):
        assert await refused(app, own, unknown) == "NOT_FOUND"
    await until_gone(before)


async def test_a_hundred_followers_cost_one_reading_a_second(
    settling: Settling, app: RunningApp
) -> None:
    cycle_id = (await closed(settling))["id"]
    names = [str(number) for number in range(WATCHES_OF_ONE_MAX)]
    async with AsyncExitStack() as stack:
        clients = [app.as_staff("auditor", subject=f"person-{one}") for one in range(5)]
        sockets = [await stack.enter_async_context(socket_of(app, one)) for one in clients]
        for socket in sockets:
            for name in names:
                await socket.follow(cycle_id, name)
        firsts = [await socket.progress() for socket in sockets for _ in names]
        assert firsts == [in_review(cycle_id)] * 100
        assert len(polls()) == 1

        with statements_of(settling.door.database) as seen:
            await asyncio.sleep(3.2)
        # A reading is of two statements: one of the statements of the cycle, one of its orders.
        readings = [one for one in seen if "payouts.settlement_cycle" in one]
        assert 2 <= len(readings) <= 4
        assert len(seen) - len(readings) in (len(readings), len(readings) - 1)

        await approve(settling, cycle_id)
        heard = [await socket.progress(seconds=2) for socket in sockets for _ in names]
        assert [one["state"] for one in heard] == ["EXECUTING"] * 100

        # One more of the same caller, over whichever socket, is refused; others are not.
        assert await refused(app, clients[0], cycle_id) == "TOO_MANY_SUBSCRIPTIONS"
        await sockets[0].say(type="complete", id="0")
        async with socket_of(app, clients[0]) as socket:
            await asyncio.sleep(0.1)
            await socket.follow(cycle_id)
            assert (await socket.progress())["state"] == "EXECUTING"


async def test_who_goes_leaves_no_task_behind(settling: Settling, app: RunningApp) -> None:
    cycle_id = (await closed(settling))["id"]
    before = asyncio.all_tasks()
    async with socket_of(app, app.as_staff("operator")) as socket:
        for name in ("1", "2"):
            await socket.follow(cycle_id, name)
            await socket.progress()
        assert len(polls()) == 1
        await socket.say(type="complete", id="1")
        await asyncio.sleep(0.1)
        assert len(polls()) == 1  # for the second, who is still there
        socket.socket.transport.abort()  # the line is cut: no closing handshake
    await until_gone(before)


async def test_following_ends_with_the_token(settling: Settling, app: RunningApp) -> None:
    cycle_id = (await closed(settling))["id"]
    before = asyncio.all_tasks()
    async with socket_of(app, app.as_staff("operator")) as socket:
        await socket.follow(cycle_id)
        await socket.progress()
        app.clock.advance(days=1)
        heard = await socket.hear(seconds=3)
        (error,) = heard["payload"]["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert heard["payload"]["data"] is None
        assert await socket.hear() == {"id": "1", "type": "complete"}
        await socket.follow(cycle_id, "2")
        late = await socket.hear()
        assert [one["extensions"]["code"] for one in late["payload"]] == ["UNAUTHENTICATED"]
    await until_gone(before)


async def test_it_may_be_followed_by_server_sent_events(
    settling: Settling, app: RunningApp
) -> None:
    cycle_id = (await closed(settling))["id"]
    given = {"idempotencyKey": "a", "settlementCycleId": cycle_id}
    abandoned = await app.as_staff("finance_maker").mutate(
        "abandonSettlementCycle", given, "settlementCycle { state }"
    )
    assert abandoned["problems"] == []
    client = app.as_staff("auditor")
    answer = await app.http.post(
        "/graphql",
        json={"query": FOLLOW, "variables": {"id": cycle_id}},
        headers={"accept": "text/event-stream", "authorization": f"Bearer {client.token}"},
    )
    assert answer.text.count("event: next") == 1
    assert '"state":"ABANDONED"' in answer.text
    assert "event: complete" in answer.text


async def test_a_page_of_cycles_shows_the_progress_of_all_with_two_queries(
    settling: Settling, app: RunningApp
) -> None:
    first = (await closed(settling))["id"]
    await approve(settling, first)
    staff = app.as_staff("operator")
    document = """{ settlementCycles(first: 5) { edges { node { number progress {
      state statementsCount money { toPay { minor } paid { minor } } } } } } }"""
    with statements_of(settling.door.database) as seen:
        data = await staff.data(document)
    assert data["settlementCycles"]["edges"] == [
        {
            "node": {
                "number": 1,
                "progress": {
                    "state": "EXECUTING",
                    "statementsCount": 2,
                    "money": [{"toPay": minor(8_000), "paid": minor(0)}],
                },
            }
        }
    ]
    assert len(seen) == 3  # the page, and two for the progress


async def test_the_progress_of_matching_is_for_staff(settling: Settling, app: RunningApp) -> None:
    document = "{ reconciliationProgress { since until sides { leg count } } }"
    data = await app.as_staff("auditor").data(document)
    assert data["reconciliationProgress"]["sides"] == []
    kept_out = await app.as_partner(settling.cafe).run(document)
    assert [one["extensions"]["code"] for one in kept_out["errors"]] == ["FORBIDDEN"]


async def test_each_operation_of_a_socket_has_its_own_instant_and_a_token_of_then(
    settling: Settling, app: RunningApp
) -> None:
    closing = """mutation { closeSettlementCycle(input: {idempotencyKey: "k"}) {
      settlementCycle { number closedAt } problems { code } } }"""
    viewer = {"query": "{ viewer { kind } }"}
    async with socket_of(app, app.as_staff("finance_maker")) as socket:
        await socket.say(type="subscribe", id="1", payload=viewer)
        assert (await socket.hear())["payload"] == {"data": {"viewer": {"kind": "STAFF"}}}
        assert await socket.hear() == {"id": "1", "type": "complete"}

        later = app.clock.advance(minutes=5)
        await socket.say(type="subscribe", id="2", payload={"query": closing})
        payload = (await socket.hear())["payload"]["data"]["closeSettlementCycle"]
        assert payload["problems"] == []
        assert payload["settlementCycle"] == {"number": 1, "closedAt": later.isoformat()}
        assert await socket.hear() == {"id": "2", "type": "complete"}

        app.clock.advance(days=1)
        await socket.say(type="subscribe", id="3", payload=viewer)
        late = (await socket.hear())["payload"]
        assert [one["extensions"]["code"] for one in late["errors"]] == ["UNAUTHENTICATED"]
        await socket.say(type="subscribe", id="4", payload={"query": closing.replace('"k"', '"l"')})
        assert (await socket.hear())["type"] == "complete"
        refused_ = (await socket.hear())["payload"]
        assert [one["extensions"]["code"] for one in refused_["errors"]] == ["UNAUTHENTICATED"]
    cycles = await app.as_staff("auditor").data(
        "{ settlementCycles(first: 5) { edges { node { number } } } }"
    )
    assert [one["node"]["number"] for one in cycles["settlementCycles"]["edges"]] == [1]
