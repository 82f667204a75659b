"""What the double promises beyond the rail: strictness, memory, webhooks, faults."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.doubles.stripe_contract import _description, _modern
from payouts.money import Money
from payouts.rails import ProviderBusy, ProviderEvent, StripeRail, UnknownOutcome, verify_signature
from tests.payouts.rails.stripe_double import (
    SECRET,
    DoubleProcess,
    StripeDouble,
    running_double,
    serving,
    until,
)

TRANSFER = {"amount": "100", "currency": "sar", "transfer_group": "c1"}


def sar(text: str) -> Money:
    return Money.of_decimal(text, "SAR")


# Strictness


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"currency": "sar"}, "parameter_missing", "destination"),
        ({**TRANSFER, "destination": "acct_1", "bogus": "1"}, "parameter_unknown", "bogus"),
        ({**TRANSFER, "destination": "acct_1", "amount": "ten"}, None, "amount"),
        ({**TRANSFER, "destination": "acct_1", "amount": "1.5"}, None, "amount"),
        ({**TRANSFER, "destination": "acct_1", "amount": "0"}, "parameter_invalid_integer", None),
        ({**TRANSFER, "destination": "acct_1", "amount": "-5"}, "parameter_invalid_integer", None),
        ({**TRANSFER, "destination": "acct_1", "currency": "SAR"}, None, "currency"),
        ({**TRANSFER, "destination": "acct_1", "metadata[a][b]": "c"}, None, None),
    ],
)
async def test_what_stripe_would_refuse_is_refused(
    double: StripeDouble, form: dict[str, str], code: str | None, param: str | None
) -> None:
    answer = await double.request("POST", "/v1/transfers", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error.get("code") == code
    assert param is None or error["param"] == param
    assert (await double.state())["transfers"] == []


async def test_unknown_addresses_objects_and_callers_are_refused(double: StripeDouble) -> None:
    assert (await double.request("GET", "/v1/nothing")).status_code == 404
    assert (await double.request("GET", "/v1/transfers/tr_1")).status_code == 404
    assert (await double.request("GET", "/v1/transfers?limit=0")).status_code == 400
    assert (await double.request("GET", "/v1/transfers?expand[0]=data.x")).status_code == 400
    for key in ("", "Bearer sk_live_1", "Basic sk_test_1"):
        answer = await double.request("GET", "/v1/balance", headers={"Authorization": key})
        assert answer.status_code == 401


async def test_a_replay_says_so(double: StripeDouble) -> None:
    options: dict[str, Any] = {
        "data": {"amount": "100", "currency": "sar"},
        "headers": {"Idempotency-Key": "k"},
    }
    first = await double.request("POST", "/v1/topups", **options)
    second = await double.request("POST", "/v1/topups", **options)
    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert len((await double.state())["topups"]) == 1


async def test_what_fails_validation_does_not_use_up_its_key(double: StripeDouble) -> None:
    headers = {"Idempotency-Key": "k"}
    bad = await double.request("POST", "/v1/topups", data={"amount": "100"}, headers=headers)
    good = await double.request(
        "POST", "/v1/topups", data={"amount": "100", "currency": "sar"}, headers=headers
    )
    assert (bad.status_code, good.status_code) == (400, 200)


async def test_the_same_key_at_the_same_time_is_refused(double: StripeDouble) -> None:
    await double.control("faults", operation="create_topup", kind="slow", seconds=0.3)
    slow = asyncio.create_task(double.rail.create_topup(key="u1", amount=sar("1.00")))
    await asyncio.sleep(0.1)
    with pytest.raises(ProviderBusy):
        await double.rail.create_topup(key="u1", amount=sar("1.00"))
    first = await slow
    assert (await double.rail.create_topup(key="u1", amount=sar("1.00"))).id == first.id


async def test_a_key_is_forgotten_after_a_day(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("2030-01-01T00:00:00+00:00")
    async with running_double(tmp_path / "s", clock_file=clock) as double:
        first = await double.rail.create_topup(key="u1", amount=sar("1.00"))
        clock.write_text("2030-01-01T23:59:59+00:00")
        assert (await double.rail.create_topup(key="u1", amount=sar("1.00"))).id == first.id
        clock.write_text("2030-01-02T00:00:01+00:00")
        assert (await double.rail.create_topup(key="u1", amount=sar("1.00"))).id != first.id


async def test_a_hanging_answer_is_given_up(tmp_path: Path) -> None:
    async with running_double(tmp_path / "s", timeout_seconds=0.2) as double:
        await double.control("faults", operation="create_topup", kind="timeout_after", seconds=1)
        with pytest.raises(UnknownOutcome):
            await double.rail.create_topup(key="u1", amount=sar("1.00"))
        assert len(await double.rail.find_topups()) == 1


async def test_an_expired_onboarding_link_leads_back(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("2030-01-01T00:00:00+00:00")
    async with running_double(tmp_path / "s", clock_file=clock) as double:
        account = await double.rail.create_account(key="a", country="SA", email="a@example.com")
        link = await double.rail.create_account_link(
            account_id=account.id, refresh_url="http://x/again", return_url="http://x/done"
        )
        assert link.expires_at == datetime(2030, 1, 1, 0, 5, tzinfo=UTC)
        clock.write_text("2030-01-01T00:06:00+00:00")
        path = link.url.removeprefix(double.url) + "/complete"
        answer = await double.request("POST", path)
        assert (answer.status_code, answer.headers["location"]) == (303, "http://x/again")
        assert not (await double.rail.get_account(account.id)).transfers_active


# Webhooks


class Inbox:
    """Receives webhooks and keeps those whose signature holds."""

    def __init__(self) -> None:
        self.events: list[ProviderEvent] = []
        self.refusals_left = 0

    async def receive(self, request: Request) -> Response:
        if self.refusals_left > 0:
            self.refusals_left -= 1
            return Response(status_code=503)
        header = request.headers["stripe-signature"]
        now = datetime.now(UTC)
        self.events.append(verify_signature(await request.body(), header, [SECRET], now))
        return Response(status_code=204)

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    async def holds(self, count: int) -> None:
        async def enough() -> bool:
            return len(self.events) >= count

        await until(enough)


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    routes = [Route("/hook", inbox.receive, methods=["POST"])]
    async with serving(Starlette(routes=routes)) as url:
        yield inbox, url + "/hook"


async def test_events_are_delivered_signed_and_in_order(tmp_path: Path) -> None:
    async with listening() as (inbox, url), running_double(tmp_path / "s", webhook_url=url) as d:
        await d.control("fund", amount=10_000, currency="sar")
        payee = await d.onboarded()
        transfer = await d.rail.create_transfer(
            key="t", amount=sar("10.00"), destination=payee, transfer_group="c1"
        )
        payout = await d.rail.create_payout(key="p", account_id=payee, amount=sar("10.00"))
        await inbox.holds(8)
        assert inbox.types() == [
            "topup.created",
            "topup.succeeded",
            "balance.available",
            "account.updated",
            "transfer.created",
            "payout.created",
            "payout.updated",
            "payout.paid",
        ]
        assert [event.account for event in inbox.events] == [None] * 3 + [payee, None] + [payee] * 3
        assert inbox.events[4].object_id == transfer.id
        assert inbox.events[5].object_id == payout.id


async def test_an_unanswered_webhook_is_sent_until_it_is_taken(tmp_path: Path) -> None:
    async with listening() as (inbox, url), running_double(tmp_path / "s", webhook_url=url) as d:
        inbox.refusals_left = 2
        await d.rail.create_customer(key="c", name="A")
        await inbox.holds(1)
        assert inbox.types() == ["customer.created"]


async def test_undelivered_webhooks_survive_a_restart(tmp_path: Path) -> None:
    async with listening() as (inbox, url):
        async with running_double(tmp_path / "s", webhook_url="http://127.0.0.1:1/") as double:
            await double.rail.create_customer(key="c", name="A")
        async with running_double(tmp_path / "s", webhook_url=url) as double:
            await inbox.holds(1)
            assert inbox.types() == ["customer.created"]
            (delivery,) = (await double.state())["deliveries"]
            assert inbox.events[0].id == delivery["event"]


async def test_webhooks_are_duplicated_dropped_and_turned_round(tmp_path: Path) -> None:
    async with listening() as (inbox, url), running_double(tmp_path / "s", webhook_url=url) as d:
        await d.control("webhooks", duplicate=1, drop=1)
        for name in ("lost", "twice"):
            await d.rail.create_customer(key=name, name=name)
        await inbox.holds(2)
        assert len({event.id for event in inbox.events}) == 1
        await d.control("webhooks")
        assert await d.control("resend") == {"resent": 1}
        await inbox.holds(3)
        assert sorted(Counter(event.id for event in inbox.events).values()) == [1, 2]

        await d.control("webhooks", delay_seconds=0.3)
        first = await d.rail.create_customer(key="1", name="1")
        second = await d.rail.create_customer(key="2", name="2")
        await asyncio.sleep(0.1)
        await d.control("webhooks", reorder=True)
        await inbox.holds(5)
        assert {e.object_id for e in inbox.events[3:]} == {first, second}


# Memory


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    async with running_double(tmp_path / "s") as double:
        await double.control("fund", amount=10_000, currency="sar")
        await double.control("hold")
        payee = await double.onboarded()
        transfer = await double.rail.create_transfer(
            key="t", amount=sar("10.00"), destination=payee, transfer_group="c1"
        )
        payout = await double.rail.create_payout(key="p", account_id=payee, amount=sar("10.00"))
        before = await double.state()
    async with running_double(tmp_path / "s") as double:
        assert await double.state() == before
        again = await double.rail.create_transfer(
            key="t", amount=sar("10.00"), destination=payee, transfer_group="c1"
        )
        assert again == transfer
        await double.control("release")

        async def paid() -> bool:
            return (await double.rail.get_payout(payee, payout.id)).status == "paid"

        await until(paid)


async def _flood(
    rail: StripeRail, payee: str, asked: list[int], acknowledged: list[str], start: int
) -> None:
    for number in range(start, 1_000_000, 4):
        asked.append(number)
        try:
            made = await rail.create_transfer(
                key=f"t{number}", amount=Money(7, "SAR"), destination=payee, transfer_group="c1"
            )
        except (UnknownOutcome, ProviderBusy):
            return
        acknowledged.append(made.id)


async def test_killed_in_the_middle_of_requests_it_stays_consistent(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    process = DoubleProcess(folder)
    double = StripeDouble(process.url)
    await double.control("fund", amount=1_000_000, currency="sar")
    payee = await double.onboarded()
    asked: list[int] = []
    acknowledged: list[str] = []
    floods = [_flood(double.rail, payee, asked, acknowledged, start) for start in range(4)]
    running = asyncio.gather(*floods)

    async def busy() -> bool:
        return len(acknowledged) >= 40

    await until(busy)
    process.kill()
    await running
    await double.aclose()

    process = DoubleProcess(folder)
    double = StripeDouble(process.url)
    try:
        state = await double.state()
        transfers = {transfer["id"]: transfer for transfer in state["transfers"]}
        assert set(acknowledged) <= set(transfers)
        assert len(transfers) - len(acknowledged) <= 4
        moved = Counter(
            line["source"] for line in state["balance_transactions"] if line["type"] == "transfer"
        )
        assert moved == Counter(list(transfers))
        gone = 7 * len(transfers)
        assert state["balances"]["platform"]["sar"]["available"] == 1_000_000 - gone
        assert state["balances"][payee]["sar"]["available"] == gone
        created = [e for e in state["events"] if e["type"] == "transfer.created"]
        assert len(created) == len(transfers)
        # Each request that got no answer is settled by sending it again under its key.
        for number in asked:
            await double.rail.create_transfer(
                key=f"t{number}", amount=Money(7, "SAR"), destination=payee, transfer_group="c1"
            )
        found = {transfer.id for transfer in await double.rail.find_transfers("c1")}
        assert len(found) == len(asked)
        assert set(transfers) <= found
    finally:
        await double.aclose()
        assert process.stop() in (0, -signal.SIGTERM)


# What leaves it has Stripe's shape


async def test_every_object_kept_has_the_described_shape(double: StripeDouble) -> None:
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    transfer = await double.rail.create_transfer(
        key="t", amount=sar("10.00"), destination=payee, transfer_group="c1"
    )
    await double.rail.reverse_transfer(key="r", transfer_id=transfer.id, amount=sar("1.00"))
    payout = await double.rail.create_payout(key="p", account_id=payee, amount=sar("9.00"))
    await double.control("settle", id=payout.id, failure_code="account_closed")
    customer = await double.rail.create_customer(key="c", name="A")
    method = (await double.control("attach", customer=customer))["id"]
    intent = await double.rail.create_payment_intent(
        key="i", amount=sar("5.00"), customer_id=customer, payment_method_id=method
    )
    await double.control("settle", id=intent.id)
    charge = (await double.rail.get_payment_intent(intent.id)).latest_charge
    await double.control("refund", charge=charge)
    schemas = _modern(_description()["components"]["schemas"])
    state = await double.state()
    checked = Counter[str]()
    for kept in state.values():
        for body in kept if isinstance(kept, list) else []:
            if not isinstance(body, dict) or "object" not in body:
                continue
            schema = {**schemas[body["object"]], "components": {"schemas": schemas}}
            error = next(Draft202012Validator(schema).iter_errors(body), None)
            assert error is None, (body["object"], error and error.message)
            checked[body["object"]] += 1
    assert set(checked) == {
        "account", "balance_transaction", "charge", "customer", "event", "payment_intent",
        "payment_method", "payout", "refund", "topup", "transfer", "transfer_reversal",
    }  # fmt: skip
    assert json.dumps(state)
