"""Messages that claim to come from Stripe: unsigned, stale, forged or torn ones leave nothing."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from api.clock import Clock
from api.doubles.stripe_delivery import sign
from api.http.stripe_webhook import BODY_BYTES_MAX, stripe_webhook_route
from tests.conftest import NOW
from tests.graphql_client import serving
from tests.hostile.conftest import Attack

SECRET = "whsec_hostile"
EVENT = {
    "id": "evt_hostile_1",
    "type": "payout.paid",
    "created": 1,
    "data": {"object": {"id": "po_hostile_1", "object": "payout"}},
}
BODY = json.dumps(EVENT).encode()


@pytest.fixture
async def inbox(attack: Attack, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    database = attack.standing.world.database
    route = stripe_webhook_route(database=database, secrets=[SECRET], clock=Clock(clock))
    async with (
        serving(Starlette(routes=[route])) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


def signed(body: bytes, *, secret: str = SECRET, seconds: int = 0) -> str:
    return sign(body, secret, NOW + timedelta(seconds=seconds))


def event(**changes: object) -> bytes:
    return json.dumps({**EVENT, **changes}).encode()


MESSAGES: dict[str, tuple[bytes, str, int]] = {
    "unsigned": (BODY, "", 400),
    "signed with another secret": (BODY, signed(BODY, secret="whsec_other"), 400),
    "changed after signing": (BODY + b" ", signed(BODY), 400),
    "stale": (BODY, signed(BODY, seconds=-301), 400),
    "from the future": (BODY, signed(BODY, seconds=301), 400),
    "without a time": (BODY, "v1=" + signed(BODY).partition("v1=")[2], 400),
    "without a signature": (BODY, signed(BODY).partition(",")[0], 400),
    "signed by an old scheme alone": (BODY, signed(BODY).replace("v1=", "v0="), 400),
    "with a signature of another alphabet": (BODY, "t=١,v1=é", 400),
    "with a long signature": (BODY, "t=1,v1=" + "0" * 60_000, 400),
    "no JSON": (b"{", signed(b"{"), 400),
    "not UTF-8": (b"\xff", signed(b"\xff"), 400),
    "a list": (b"[]", signed(b"[]"), 400),
    "without an id": (event(id=None), signed(event(id=None)), 400),
    "with a number for an id": (event(id=1), signed(event(id=1)), 400),
    "with NUL in its type": (event(type="a\0"), signed(event(type="a\0")), 400),
    "with a long id": (event(id="e" * 300), signed(event(id="e" * 300)), 400),
    "about nothing": (event(data={}), signed(event(data={})), 400),
    "deep": (b"[" * 50_000, signed(b"[" * 50_000), 400),
    "large": (b" " * (BODY_BYTES_MAX + 1), signed(b" " * (BODY_BYTES_MAX + 1)), 413),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_bad_message_is_refused(attack: Attack, inbox: httpx2.AsyncClient, name: str) -> None:
    body, signature, status = MESSAGES[name]
    headers = {"stripe-signature": signature.encode()} if signature else {}
    async with attack.nothing_changes():
        answer = await inbox.post("/webhooks/stripe", content=body, headers=headers)
    assert answer.status_code == status, answer.text


async def test_message_that_comes_again_is_taken_once(
    attack: Attack, inbox: httpx2.AsyncClient
) -> None:
    headers = {"stripe-signature": signed(BODY)}
    first = await inbox.post("/webhooks/stripe", content=BODY, headers=headers)
    async with attack.nothing_changes():
        again = await inbox.post("/webhooks/stripe", content=BODY, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    count = text("SELECT count(*) FROM payouts.webhook_inbox WHERE event_id = 'evt_hostile_1'")
    assert (await attack.standing.superuser.execute(count)).scalar_one() == 1
