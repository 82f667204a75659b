import json
import random

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.doubles.stripe_delivery import sign
from api.http.stripe_webhook import BODY_BYTES_MAX
from payouts.disbursement import PayoutState
from tests.conftest import NOW
from tests.payouts.disbursement.world import Bank, Crash
from tests.payouts.rails.stripe_double import SECRET, until
from tests.payouts.settlement.world import MEMBER
from tests.payouts.webhooks.conftest import OTHER


async def inbox(superuser: AsyncConnection) -> list[tuple[str, bool]]:
    rows = await superuser.execute(
        text("SELECT type, processed_at IS NOT NULL FROM payouts.webhook_inbox ORDER BY webhook_id")
    )
    return [tuple(row) for row in rows]


async def paid(bank: Bank, minor: int = 3_000) -> object:
    """Order a payout, and let webhooks alone bring the news."""
    await bank.double.control("hold", kinds=["payout"])
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    await bank.fund(100_000)
    requested = await bank.request(minor)
    await bank.job("payout.submit")
    await bank.job("payout.submit")
    assert (await bank.payout(requested.payout_id)).state is PayoutState.IN_TRANSIT
    return requested.payout_id


async def settle(bank: Bank, **more: object) -> None:
    (provider_payout,) = (await bank.double.state())["payouts"]
    await bank.double.control("settle", id=provider_payout["id"], **more)


async def delivered(bank: Bank) -> bool:
    return all(one["state"] != "pending" for one in (await bank.double.state())["deliveries"])


async def test_webhook_alone_brings_a_payout_to_its_end(
    bank: Bank, superuser: AsyncConnection
) -> None:
    payout_id = await paid(bank)
    await settle(bank)
    await until(lambda: delivered(bank))
    await bank.job("webhook.process", 0)
    assert (await bank.payout(payout_id)).state is PayoutState.PAID  # type: ignore[arg-type]
    assert ("payout.paid", True) in await inbox(superuser)
    await settle(bank, failure_code="account_closed")
    await until(lambda: delivered(bank))
    await bank.job("webhook.process", 0)
    found = await bank.payout(payout_id)  # type: ignore[arg-type]
    assert (found.state, found.reason) == (PayoutState.RETURNING, "returned_by_bank")


async def test_what_a_killed_worker_had_taken_is_worked_on_within_the_minute(
    bank: Bank, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: Bank, point: str) -> None:
        raise Crash(point)

    payout_id = await paid(bank)
    await bank.work()
    await settle(bank)
    await until(lambda: delivered(bank))
    with monkeypatch.context() as killing:
        killing.setattr(Bank, "_crash", die)
        with pytest.raises(Crash):
            await bank.job("webhook.process", 0)
    assert ("payout.paid", False) in await inbox(superuser)
    # Half a minute is left for the pauses between attempts, and for the message itself.
    bank.wait(seconds=30)
    await bank.job("webhook.process", 0)
    assert (await bank.payout(payout_id)).state is PayoutState.PAID  # type: ignore[arg-type]
    assert ("payout.paid", True) in await inbox(superuser)
    assert await bank.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}


async def test_duplicates_and_disorder_end_in_the_same_state(
    bank: Bank, superuser: AsyncConnection
) -> None:
    """200 messages of the same story, repeated and shuffled, tell it once."""
    payout_id = await paid(bank)
    await settle(bank)
    await until(lambda: delivered(bank))
    events = (await bank.double.state())["events"]
    bodies = [httpx2.Request("POST", "http://x", json=event).content for event in events]
    story = random.Random(7).choices(bodies, k=200)
    async with httpx2.AsyncClient(trust_env=False) as client:
        for number, body in enumerate(story):
            headers = {"Stripe-Signature": sign(body, (SECRET, OTHER)[number % 2], bank.now())}
            answer = await client.post(bank.inbox_url, content=body, headers=headers)  # type: ignore[attr-defined]
            assert answer.status_code == 200
            if number % 20 == 0:
                await bank.work()
    await bank.work()
    assert (await bank.payout(payout_id)).state is PayoutState.PAID  # type: ignore[arg-type]
    seen = await inbox(superuser)
    assert len(seen) == len(events)
    assert all(is_processed for _, is_processed in seen)
    assert await bank.wallet() == (2_000, 0, 3_000)
    assert await bank.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}


async def test_forged_and_oversized_messages_are_refused(
    bank: Bank, superuser: AsyncConnection
) -> None:
    body = b'{"id":"evt_1","type":"payout.paid","created":1,"data":{"object":{"id":"po_1"}}}'
    async with httpx2.AsyncClient(trust_env=False) as client:

        async def post(content: bytes, signature: str) -> int:
            headers = {"Stripe-Signature": signature} if signature else {}
            answer = await client.post(bank.inbox_url, content=content, headers=headers)  # type: ignore[attr-defined]
            return answer.status_code

        assert await post(body, "") == 400
        assert await post(body, sign(body, "whsec_wrong", bank.now())) == 400
        assert await post(body + b" ", sign(body, SECRET, bank.now())) == 400
        assert await post(body, sign(body, SECRET, NOW.replace(year=2025))) == 400
        odd = b'{"id":"evt_1","type":"t","account":{"a":1},"created":1,"data":{"object":{}}}'
        assert await post(odd, sign(odd, SECRET, bank.now())) == 400
        large = b"x" * (BODY_BYTES_MAX + 1)
        assert await post(large, sign(large, SECRET, bank.now())) == 413
        assert await inbox(superuser) == []
        assert await post(body, sign(body, SECRET, bank.now())) == 200
        assert await post(body, sign(body, SECRET, bank.now())) == 200
    assert await inbox(superuser) == [("payout.paid", False)]


async def test_message_about_nothing_of_ours_is_put_away(
    bank: Bank, superuser: AsyncConnection
) -> None:
    stranger = await bank.double.rail.create_account(key="s", country="SA", email="s@example.com")
    await bank.double.control("onboard", account=stranger.id)
    await until(lambda: delivered(bank))
    await bank.job("webhook.process", 0)
    rows = await superuser.execute(
        text("SELECT type, outcome, network_id FROM payouts.webhook_inbox")
    )
    assert set(map(tuple, rows)) == {("account.updated", "ignored", None)}


async def test_busy_provider_is_asked_again(bank: Bank, superuser: AsyncConnection) -> None:
    payout_id = await paid(bank)
    await until(lambda: delivered(bank))
    await bank.work()
    await settle(bank)
    await until(lambda: delivered(bank))
    await bank.double.control("faults", operation="get_payout", kind="error_429", times=2)
    await bank.job("webhook.process", 0)
    assert (await bank.payout(payout_id)).state is PayoutState.IN_TRANSIT  # type: ignore[arg-type]
    bank.wait(3)
    await bank.job("webhook.process", 0)
    assert (await bank.payout(payout_id)).state is PayoutState.PAID  # type: ignore[arg-type]
    assert all(is_processed for _, is_processed in await inbox(superuser))


async def test_message_is_answered_before_the_provider_is_asked(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.double.control("faults", operation="*", kind="timeout_before")
    about = {"object": {"id": "po_1", "object": "payout"}}
    event = {"id": "evt_1", "type": "payout.paid", "created": 1, "data": about}
    body = json.dumps(event).encode()
    async with httpx2.AsyncClient(trust_env=False) as client:
        headers = {"Stripe-Signature": sign(body, SECRET, bank.now())}
        answer = await client.post(bank.inbox_url, content=body, headers=headers)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert await inbox(superuser) == [("payout.paid", False)]
    assert len((await bank.double.state())["faults"]) == 1
    await bank.job("webhook.process", 0)
    assert (await bank.double.state())["faults"] == []
    assert await inbox(superuser) == [("payout.paid", False)]
    bank.wait(3)
    await bank.job("webhook.process", 0)
    assert await inbox(superuser) == [("payout.paid", True)]
