"""A message of a supplier's has its order looked at now, once, and decides nothing itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text
from starlette.applications import Starlette

from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.tango_shop import TangoShop
from api.doubles.tremendous_shop import TremendousShop
from api.http.supplier_webhook import BODY_BYTES_MAX, supplier_webhook_route
from catalog.redemptions import (
    AttemptState,
    Redemption,
    RedemptionState,
    claim_fulfilments,
    hasten_fulfilment,
    read_supplier_key,
)
from catalog.redemptions.model import supplier_key_of
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.shopping import SHOPS, Shopping, ordered
from tests.catalog.redemptions.shopping import shopping as shopping
from tests.graphql_client import serving

SIGNERS: dict[str, Any] = {"tango": TangoShop(), "tremendous": TremendousShop()}
DONE = {"tango": "COMPLETE", "tremendous": "EXECUTED"}
READS_NEVER = 10_000
"""Pending until control says otherwise."""


@dataclass(frozen=True, slots=True)
class Post:
    """A network with a pending order, and the address where its supplier's messages come in."""

    shop: Shopping
    buying: Buying
    http: httpx2.AsyncClient
    url: str

    async def pending(self) -> Redemption:
        self.buying.double.fault("pending_then_success", reads=READS_NEVER)
        one = await ordered(self.shop, self.buying)
        assert await self.buying.work() == 1
        assert (await self.buying.attempt(one)).state is AttemptState.ORDERED
        assert await self.buying.work() == 0
        return one

    def complete(self, number: int = 0) -> str:
        """Deliver an order at the supplier; gives its reference."""
        order = self.buying.double.orders()[number]
        self.buying.double.control(
            "POST", f"orders/{order['reference']}", {"status": DONE[self.shop.name]}
        )
        return str(order["reference"])

    def message(self, reference: str, event_id: str, **fields: Any) -> tuple[dict[str, str], bytes]:
        asked = {"order": reference, "event_id": event_id, **fields}
        written = self.buying.double.control("POST", "message", asked)
        return written["headers"], written["body"].encode()

    async def send(
        self, headers: dict[str, str], body: bytes, *, name: str | None = None
    ) -> httpx2.Response:
        return await self.http.post(
            f"/webhooks/suppliers/{name or self.shop.name}", headers=headers, content=body
        )

    async def state(self) -> tuple[list[datetime], list[tuple[str, str, str, int]]]:
        """What is due when, and which messages were kept."""
        async with self.buying.souq.database.reading(self.buying.souq.network_id) as db:
            due = await db.execute(
                text("SELECT due_at FROM payouts.due WHERE kind = 'redemption.fulfil'")
            )
            kept = await db.execute(
                text(
                    "SELECT provider, event_id, type, network_id FROM payouts.webhook_inbox"
                    " WHERE processed_at IS NOT NULL ORDER BY event_id"
                )
            )
            return list(due.scalars()), [tuple(row) for row in kept]


@pytest_asyncio.fixture
async def post(shopping: tuple[Shopping, Buying]) -> AsyncIterator[Post]:
    shop, buying = shopping
    route = supplier_webhook_route(
        database=buying.souq.database, suppliers=buying.world.suppliers, clock=buying.double.clock
    )
    async with (
        serving(Starlette(routes=[route])) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        yield Post(shop, buying, http, url)


async def arrived(post: Post, count: int) -> None:
    """Wait until so many messages of the double were answered with 2xx."""
    for _ in range(500):
        if post.buying.double.counts().get("webhook", 0) >= count:
            return
        # The route answers on this loop: give it its turn.
        await post.http.get("/")
    raise AssertionError(f"{post.buying.double.counts()}")


async def test_a_pending_order_is_delivered_when_the_supplier_says_so(post: Post) -> None:
    one = await post.pending()
    before = post.buying.now
    post.buying.double.control(
        "POST", "webhooks", {"url": f"{post.url}/webhooks/suppliers/{post.shop.name}", "copies": 3}
    )
    post.complete()
    await arrived(post, 3)
    due, kept = await post.state()
    assert due == [before]
    ((provider, _, subject, network_id),) = kept
    assert (provider, subject, network_id) == (post.shop.name, "order", post.buying.souq.network_id)
    assert await post.buying.work() == 1
    done = await post.buying.find(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, post.shop.cost)
    assert post.buying.now == before
    assert len(await post.buying.vouchers(one)) == 1
    # Sent once more, after the end, both messages about it have nothing left to do.
    assert post.buying.double.control("POST", "webhooks/resend")["events"] == 2
    await arrived(post, 5)
    assert await post.state() == ([], kept)
    assert await post.buying.work() == 0


async def test_a_message_that_comes_twice_asks_once(post: Post) -> None:
    one = await post.pending()
    reference = post.buying.double.orders()[0]["reference"]
    headers, body = post.message(reference, "event-1")
    assert (await post.send(headers, body)).json() == {"received": True}
    assert await post.buying.work() == 1
    # What the supplier's own answer says counts: it is still pending.
    assert (await post.buying.attempt(one)).state is AttemptState.ORDERED
    before = await post.state()
    assert (await post.send(headers, body)).status_code == 200
    assert await post.state() == before
    assert await post.buying.work() == 0
    assert (await post.send(*post.message(reference, "event-2"))).status_code == 200
    assert await post.buying.work() == 1
    assert [event_id for _, event_id, _, _ in (await post.state())[1]] == ["event-1", "event-2"]


async def test_messages_that_come_in_another_order_end_the_same(post: Post) -> None:
    first, second = await post.pending(), await post.pending()
    early = [
        post.message(order["reference"], f"early-{order['key']}")
        for order in post.buying.double.orders()
    ]
    late = [
        post.message(reference, f"late-{number}")
        for number, reference in enumerate((post.complete(0), post.complete(1)))
    ]
    for headers, body in (late[1], early[0], late[0], early[1]):
        assert (await post.send(headers, body)).status_code == 200
    assert await post.buying.work() == 2
    for one in (first, second):
        assert (await post.buying.find(one)).state is RedemptionState.FULFILLED
        assert len(await post.buying.vouchers(one)) == 1
    for headers, body in (*early, *late):
        assert (await post.send(headers, body)).status_code == 200
    assert (await post.state())[0] == []
    assert len(post.buying.double.orders()) == 2
    paid = 2 * post.shop.cost.minor
    assert await post.buying.souq.balance(post.buying.souq.wallet()) == (20_000 - paid, 0)


async def test_what_is_not_authentic_changes_nothing(post: Post) -> None:
    await post.pending()
    reference = post.complete()
    headers, body = post.message(reference, "event-1")
    before = await post.state()
    assert before[1] == []
    for given, sent in (
        post.message(reference, "event-1", is_forged=True),
        (headers, body + b" "),
        (dict.fromkeys(headers, ""), body),
        ({}, body),
    ):
        refused = await post.send(given, sent)
        assert (refused.status_code, refused.json()) == (
            401,
            {"error": "The message is not authentic."},
        )
    assert await post.state() == before
    assert await post.buying.work() == 0


async def test_what_is_too_large_or_for_nobody_changes_nothing(post: Post) -> None:
    await post.pending()
    headers, body = post.message(post.complete(), "event-1")
    before = await post.state()
    assert (await post.send(headers, body + b" " * BODY_BYTES_MAX)).status_code == 413
    for name in ("nobody", "reloadly", "Tango", "tango.x"):
        assert (await post.send(headers, body, name=name)).status_code == 404
    answer = await post.http.get(f"/webhooks/suppliers/{post.shop.name}")
    assert answer.status_code == 405
    assert await post.state() == before


async def test_an_authentic_message_that_cannot_be_read_changes_nothing(post: Post) -> None:
    await post.pending()
    before = await post.state()
    for body in (b"{", b"[]", b"{}", b"\xff", b"[" * 50_000):
        headers = SIGNERS[post.shop.name].sign(body, WEBHOOK_SECRET)
        assert (await post.send(headers, body)).status_code == 400
    _, sound = post.message(post.complete(), "a\x00b")
    headers = SIGNERS[post.shop.name].sign(sound, WEBHOOK_SECRET)
    assert (await post.send(headers, sound)).status_code == 400
    assert await post.state() == before


async def test_keys_that_are_not_ours_are_accepted_and_ignored(post: Post) -> None:
    one = await post.pending()
    network_id = post.buying.souq.network_id
    key = supplier_key_of(network_id, one.redemption_id, 1)
    _, sound = post.message(post.complete(), "event-1")
    assert key.encode() in sound
    before = await post.state()
    for other in (
        "an-order-of-somebody-else",
        supplier_key_of(network_id, uuid4(), 1),
        supplier_key_of(network_id, one.redemption_id, 2),
        supplier_key_of(network_id + 1, one.redemption_id, 1),
        f"mz-0-{one.redemption_id}-1",
        f"mz-9{'0' * 30}-{one.redemption_id}-1",
        key.upper(),
    ):
        body = sound.replace(key.encode(), other.encode())
        headers = SIGNERS[post.shop.name].sign(body, WEBHOOK_SECRET)
        assert (await post.send(headers, body)).status_code == 200
    assert await post.state() == before
    assert await post.buying.work() == 0


async def test_messages_about_items_leave_orders_alone(post: Post) -> None:
    await post.pending()
    before = await post.state()
    post.buying.double.control(
        "POST", "webhooks", {"url": f"{post.url}/webhooks/suppliers/{post.shop.name}"}
    )
    post.buying.double.control(
        "POST", "catalogue", {"sku": post.shop.sku, "change": "out_of_stock"}
    )
    await arrived(post, 1)
    assert await post.state() == before


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_the_order_of_another_supplier_is_left_alone(post: Post) -> None:
    one = await post.pending()
    before = await post.state()
    assert not await hastened(post, one, supplier_name="tremendous")
    assert await post.state() == before
    assert await hastened(post, one, supplier_name="tango")
    assert (await post.state())[0] == [post.buying.now]


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_an_order_that_is_being_sent_is_left_to_its_answer(post: Post) -> None:
    one = await ordered(post.shop, post.buying)
    network_id = post.buying.souq.network_id
    async with post.buying.souq.database.writing(network_id) as db:
        await claim_fulfilments(db, network_id=network_id, limit=1, now=post.buying.now)
    assert (await post.buying.attempt(one)).state is AttemptState.SENDING
    before = await post.state()
    assert not await hastened(post, one, supplier_name="tango")
    assert await post.state() == before
    assert (await post.buying.attempt(one)).state is AttemptState.SENDING


async def hastened(post: Post, one: Redemption, *, supplier_name: str) -> bool:
    network_id = post.buying.souq.network_id
    async with post.buying.souq.database.writing(network_id) as db:
        return await hasten_fulfilment(
            db,
            network_id=network_id,
            supplier_name=supplier_name,
            supplier_key=supplier_key_of(network_id, one.redemption_id, 1),
            event_id="event-1",
            now=post.buying.now,
        )


def test_a_key_is_read_as_it_was_written() -> None:
    redemption_id = uuid4()
    assert read_supplier_key(supplier_key_of(7, redemption_id, 1)) == (7, redemption_id)
    key = supplier_key_of(7, redemption_id, 1)
    for other in ("", f"{key}\n", f" {key}", key.replace("mz", "mx"), f"{key}x", key[:-1], "٧"):
        assert read_supplier_key(other) is None
