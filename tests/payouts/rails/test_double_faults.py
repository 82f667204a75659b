"""Faults, keys and webhooks on demand at the double, through the real SDK."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import stripe

from api.doubles.stripe_banks import REFUSING_NUMBERS
from api.doubles.stripe_control import CONTROLS, FAULT_KINDS, SETTINGS
from api.doubles.stripe_csv import REPORTS
from api.doubles.stripe_delivery import KNOBS
from payouts.rails.stripe_transport import open_clients
from tests.payouts.rails.stripe_double import StripeDouble, running_double, until
from tests.payouts.rails.test_stripe_double import listening


def topup(sdk: stripe.StripeClient, key: str, amount: int = 100) -> Any:
    return sdk.v1.topups.create_async(
        {"amount": amount, "currency": "usd"}, {"idempotency_key": key}
    )


async def topups(double: StripeDouble) -> list[int]:
    return [one["amount"] for one in (await double.state())["topups"]]


# Faults


@pytest.mark.parametrize(
    ("kind", "error", "is_done"),
    [
        ("timeout_before", stripe.APIConnectionError, False),
        ("timeout_after", stripe.APIConnectionError, True),
        ("error_409", stripe.APIError, False),
        ("error_429", stripe.RateLimitError, False),
        ("error_500_before", stripe.APIError, False),
        ("error_500_after", stripe.APIError, True),
    ],
)
async def test_a_fault_is_played_once_before_or_after_the_effect(
    double: StripeDouble, sdk: stripe.StripeClient, kind: str, error: Any, is_done: bool
) -> None:
    await double.control("faults", operation="create_topup", kind=kind)
    with pytest.raises(error):
        await topup(sdk, "k")
    assert await topups(double) == ([100] if is_done else [])
    assert (await double.state())["faults"] == []
    await topup(sdk, "another")
    assert await topups(double) == ([100, 100] if is_done else [100])


async def test_a_saved_500_is_said_again(double: StripeDouble, sdk: stripe.StripeClient) -> None:
    await double.control("faults", operation="create_topup", kind="error_500_after")
    said = []
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            await topup(sdk, "k")
        headers: Any = failed.value.headers
        said.append((failed.value.http_body, headers.get("idempotent-replayed")))
    assert (said[0][0], said[0][1], said[1][1]) == (said[1][0], None, "true")
    assert await topups(double) == [100]


async def test_an_object_of_another_amount_or_currency_is_made(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    await double.control("faults", operation="create_topup", kind="wrong_amount", delta=-1)
    await double.control("faults", operation="create_topup", kind="wrong_currency", currency="eur")
    less, other = await topup(sdk, "a"), await topup(sdk, "b")
    assert [(one.amount, one.currency) for one in (less, other)] == [(99, "usd"), (100, "eur")]
    kept = [await sdk.v1.topups.retrieve_async(one.id) for one in (less, other)]
    assert [(one.amount, one.currency) for one in kept] == [(99, "usd"), (100, "eur")]


async def test_an_answer_alone_says_something_else(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    wrong = {"amount": 1, "currency": "eur"}
    for operation in ("create_topup", "get_topup", "find_topups"):
        await double.control("faults", operation=operation, kind="wrong_answer", fields=wrong)
    told = await topup(sdk, "k")
    again = await topup(sdk, "k")
    read = [await sdk.v1.topups.retrieve_async(told.id) for _ in range(2)]
    listed = [(await sdk.v1.topups.list_async()).data[0] for _ in range(2)]
    assert [(one.amount, one.currency) for one in (told, read[0], listed[0])] == [(1, "eur")] * 3
    assert [(one.amount, one.currency) for one in (again, read[1], listed[1])] == [(100, "usd")] * 3
    answer = await double.request(
        "POST", "/_control/faults", json={"operation": "*", "kind": "wrong_answer"}
    )
    assert answer.status_code == 400
    assert (await double.state())["faults"] == []


# Keys


async def test_a_key_answers_again_refuses_another_body_and_makes_others_wait(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    first = await topup(sdk, "k")
    assert (await topup(sdk, "k")).id == first.id
    with pytest.raises(stripe.IdempotencyError) as other:
        await topup(sdk, "k", 101)
    assert other.value.http_status == 400
    await double.control("faults", operation="create_topup", kind="slow", seconds=0.3)
    slow = asyncio.create_task(topup(sdk, "slow"))
    await asyncio.sleep(0.1)
    with pytest.raises(stripe.APIError) as busy:
        await topup(sdk, "slow")
    told: Any = busy.value.json_body
    assert busy.value.http_status == 409
    assert told["error"]["type"] == "idempotency_error"
    assert told["error"]["code"] == "idempotency_key_in_use"
    made = await slow
    assert (await topup(sdk, "slow")).id == made.id
    assert await topups(double) == [100, 100]


async def test_keys_older_than_a_day_are_pruned_by_its_clock(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("2030-01-01T00:00:00+00:00")
    async with running_double(tmp_path / "s", clock_file=clock) as double:
        clients = open_clients(
            "sk_test_double", api_base=double.url, timeout_seconds=5.0, retries_max=0
        )
        for number in range(3):
            await topup(clients.changing, f"k{number}")
        clock.write_text("2030-01-02T00:00:00+00:00")
        await topup(clients.changing, "k0", 200)
        assert await topups(double) == [100, 100, 100, 200]
        assert (await double.state())["keys"] == 1
        await clients.transport.aclose()


# What the description does not know


async def test_unknown_and_missing_parameters_are_refused_everywhere(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await sdk.v1.refunds.create_async({"bogus": "1"})  # type: ignore[arg-type]
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "bogus")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await sdk.v1.accounts.capabilities.update_async("acct_1", "transfers", {"x": 1})  # type: ignore[arg-type]
    assert (missing.value.code, missing.value.param) == ("parameter_unknown", "x")
    with pytest.raises(stripe.InvalidRequestError) as bare:
        await sdk.v1.topups.create_async({})  # type: ignore[typeddict-item]
    assert bare.value.code == "parameter_missing"


# Webhooks


async def test_webhooks_are_all_dropped_until_they_are_sent_again(tmp_path: Path) -> None:
    async with listening() as (inbox, url), running_double(tmp_path / "s", webhook_url=url) as d:
        await d.control("webhooks", drop="all")
        for number in range(30):
            await d.rail.create_customer(key=str(number), name="A")

        async def dropped() -> bool:
            return {one["state"] for one in (await d.state())["deliveries"]} == {"dropped"}

        await until(dropped)
        assert inbox.events == []
        await d.control("webhooks")
        assert await d.control("resend") == {"resent": 30}
        await inbox.holds(30)
        assert len({event.id for event in inbox.events}) == 30


async def test_a_seed_shuffles_a_batch_and_copies_come_twice(tmp_path: Path) -> None:
    async with listening() as (inbox, url), running_double(tmp_path / "s", webhook_url=url) as d:
        await d.control("webhooks", delay_seconds=1.5)
        made = [await d.rail.create_customer(key=str(one), name="A") for one in range(6)]

        async def waiting() -> bool:
            return [one["attempts"] for one in (await d.state())["deliveries"]] == [1] * 6

        await until(waiting)
        await d.control("webhooks", shuffle=7, duplicate=1)
        await inbox.holds(12)
        got = [event.object_id for event in inbox.events]
        assert Counter(got) == dict.fromkeys(made, 2)
        assert got[::2] != made


async def test_a_wrong_lever_moves_nothing(double: StripeDouble) -> None:
    before = await double.state()
    for name, body in {
        "webhooks": {"drop": "some"},
        "faults": {"kind": "none"},
        "capability": {"account": "acct_1", "status": "unheard"},
        "take_back": {"id": "pi_absent"},
        "dispute": {"charge": "py_absent"},
        "stray": {"currency": "USD", "amount": 1},
    }.items():
        answer = await double.request("POST", f"/_control/{name}", json=body)
        assert answer.status_code in (400, 404), name
    assert await double.state() == before


async def test_every_lever_says_what_it_does(double: StripeDouble) -> None:
    told = (await double.request("GET", "/_control")).json()
    assert {"faults", "webhooks", "take_back", "dispute", "require", "settle"} <= set(told)
    assert all(line.endswith(".") and len(line) > 20 for line in told.values())


def test_the_guide_names_every_lever() -> None:
    page = (Path(__file__).parents[3] / "docs/guide/doubles.md").read_text()
    named = {*CONTROLS, *FAULT_KINDS, *KNOBS, *SETTINGS, *REFUSING_NUMBERS, *REPORTS}
    assert {one for one in named if f"`{one}`" not in page and f"…{one}" not in page} == set()
