"""Many at once over HTTP: one key is one effect, one balance is spent once, one seat is one seat."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.graphql.nodes import id_of
from catalog.experiences import add_slot
from partners.rules import FundingShare, publish_rule
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network
from tests.graphql_client import GraphQLClient, RunningApp, running_app
from tests.journeys.invariants import broken_promises

SENT = 200
SEATS_ASKED = 50
PRICE = 5_000
PURCHASE = (
    "purchase { id amount { minor } accrual { id state rateBps cashback { minor }"
    " fee { minor } shares { amount { minor } } } }"
)
REDEMPTION = "redemption { id state total { minor } }"
CONNECTIONS = httpx2.Limits(max_connections=64)


@pytest.fixture
async def souq(database: Any) -> SmallNetwork:
    return await found_network(database)


@asynccontextmanager
async def crowded(souq: SmallNetwork) -> AsyncIterator[RunningApp]:
    """The application, and a client that may have many requests under way."""
    async with (
        running_app(souq.database, network_id=souq.network_id, vault=souq.vault) as app,
        httpx2.AsyncClient(base_url=app.url, timeout=120, limits=CONNECTIONS) as http,
    ):
        object.__setattr__(app, "http", http)
        yield app


async def count(superuser: AsyncConnection, relation: str) -> int:
    found = await superuser.execute(text(f"SELECT count(*) FROM {relation}"))
    return int(found.scalar_one())


def outcomes(payloads: list[dict[str, Any]]) -> Counter[str]:
    return Counter("".join(one["code"] for one in got["problems"]) or "OK" for got in payloads)


async def place_all(
    member: GraphQLClient, souq: SmallNetwork, quotes: list[UUID]
) -> list[dict[str, Any]]:
    """Place every quote at the same time, each under a key of its own."""
    return await asyncio.gather(
        *(
            member.mutate(
                "placeRedemption",
                {
                    "idempotencyKey": f"place-{number}",
                    "quoteId": id_of("Quote", souq.network_id, quote_id),
                },
                REDEMPTION,
            )
            for number, quote_id in enumerate(quotes)
        )
    )


@pytest.mark.proof
async def test_a_purchase_sent_200_times_at_once_has_one_effect_and_one_answer(
    souq: SmallNetwork,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    tell_proof: Callable[[str], None],
) -> None:
    async with souq.database.writing(souq.network_id) as db:
        await publish_rule(
            db,
            network_id=souq.network_id,
            partner_id=souq.partner_id,
            category=None,
            rate_bps=500,
            requires_activation=False,
            funding=[FundingShare("partner", souq.partner_id, 1)],
            starts_at=NOW,
            ends_at=None,
            now=NOW,
        )
    sale = {
        "idempotencyKey": "till-7-receipt-4711",
        "externalId": "receipt-4711",
        "memberId": id_of("Member", souq.network_id, souq.member_id),
        "amount": {"decimal": "100.00", "currency": souq.currency},
        "purchasedAt": NOW.isoformat(),
    }
    async with crowded(souq) as app:
        shop = app.as_partner(souq.partner_id)
        answers = await asyncio.gather(
            *(shop.mutate("recordPurchase", sale, PURCHASE) for _ in range(SENT))
        )

    assert Counter(one.pop("replayed") for one in answers) == {False: 1, True: SENT - 1}
    assert answers[0]["problems"] == []
    assert answers[0]["purchase"]["accrual"]["cashback"] == {"minor": "500"}
    assert all(one == answers[0] for one in answers)
    for relation, rows in (
        ("partners.purchase", 1),
        ("partners.accrual", 1),
        ("payouts.journal", 1),
        ("api.idempotency_key", 1),
    ):
        assert await count(superuser, relation) == rows, relation
    assert await broken_promises(cluster, database_name, NOW) == []
    tell_proof(f"same key: {SENT} requests at once, 1 effect, {SENT} equal answers")


@pytest.mark.proof
async def test_redemptions_at_once_succeed_as_often_as_the_balance_affords(
    souq: SmallNetwork,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    tries, affordable = (1_000, 100) if full_counts else (200, 20)
    reward_id = await souq.own_card_reward(PRICE)
    await souq.fund(affordable * PRICE + PRICE - 1)
    quotes = [(await souq.quote(reward_id, souq.money(PRICE))).quote_id for _ in range(tries)]
    async with crowded(souq) as app:
        member = app.as_member(souq.member_id, partner_id=souq.partner_id)
        answers = await place_all(member, souq, quotes)

    assert outcomes(answers) == {"OK": affordable, "INSUFFICIENT_BALANCE": tries - affordable}
    assert {one["redemption"]["state"] for one in answers if one["redemption"]} == {"FULFILLED"}
    assert await souq.balance(souq.wallet()) == (PRICE - 1, 0)
    for relation in ("catalog.redemption", "catalog.gift_card", "catalog.voucher"):
        assert await count(superuser, relation) == affordable, relation
    # A refusal that a later balance may cure is not remembered under its key.
    assert await count(superuser, "api.idempotency_key") == affordable
    assert await broken_promises(cluster, database_name, NOW) == []
    tell_proof(
        f"one balance: {tries} redemptions at once, {affordable} affordable, {affordable} placed"
    )


@pytest.mark.proof
async def test_one_seat_is_booked_once_by_fifty_at_once(
    souq: SmallNetwork,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    tell_proof: Callable[[str], None],
) -> None:
    reward_id = await souq.experience_reward(PRICE)
    async with souq.database.writing(souq.network_id) as db:
        slot = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=3),
            capacity=SEATS_ASKED,
            partner_id=None,
            now=NOW,
        )
    members = [souq.member_id, souq.other_member_id]
    for member_id in members:
        await souq.fund(SEATS_ASKED * PRICE, member_id=member_id)
    quotes = {
        member_id: [
            (await souq.quote(reward_id, slot_id=slot.slot_id, member_id=member_id)).quote_id
            for _ in range(SEATS_ASKED // len(members))
        ]
        for member_id in members
    }
    # Every quote has a seat; then all but one are gone, and the bookings race for the last.
    await superuser.execute(text("UPDATE catalog.experience_slot SET capacity = 1"))
    async with crowded(souq) as app:
        both = await asyncio.gather(
            *(
                place_all(
                    app.as_member(member_id, partner_id=souq.partner_id), souq, quotes[member_id]
                )
                for member_id in members
            )
        )

    answers = [one for of_member in both for one in of_member]
    assert outcomes(answers) == {"OK": 1, "SOLD_OUT": SEATS_ASKED - 1}
    spent = [
        SEATS_ASKED * PRICE - (await souq.balance(souq.wallet(member_id)))[0]
        for member_id in members
    ]
    assert sorted(spent) == [0, PRICE]
    for relation in ("catalog.redemption", "catalog.booking"):
        assert await count(superuser, relation) == 1, relation
    assert await broken_promises(cluster, database_name, NOW) == []
    tell_proof(f"one seat: {SEATS_ASKED} bookings at once, 1 booked")
