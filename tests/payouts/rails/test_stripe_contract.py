"""What must hold of the provider itself, at the double and at Stripe alike, by the official SDK.

The live leg runs with a test key, and with the guard against foreign hosts lifted:
`STRIPE_API_KEY=sk_test_... pytest -o addopts= tests/payouts/rails/test_stripe_contract.py`.
"""

import os
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from payouts.rails.stripe_transport import open_clients
from tests.payouts.rails.stripe_double import running_double, until

_REPORT = "balance_change_from_activity.itemized.3"
_DAY = 86_400
_REPORT_SECONDS = 120.0


@pytest.fixture(params=["double", "stripe"])
async def sdk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    if request.param == "double":
        async with running_double(tmp_path / "stripe") as double:
            clients = open_clients(
                "sk_test_double", api_base=double.url, timeout_seconds=5.0, retries_max=0
            )
            yield clients.changing
            await clients.transport.aclose()
        return
    api_key = os.environ.get("STRIPE_API_KEY", "")
    if not api_key.startswith(("sk_test_", "rk_test_")):
        pytest.skip("the live leg needs STRIPE_API_KEY to name a key of Stripe's test mode")
    clients = open_clients(api_key, api_base=None, timeout_seconds=30.0, retries_max=0)
    yield clients.changing
    await clients.transport.aclose()


@pytest.fixture
def key() -> str:
    return f"contract:{secrets.token_hex(12)}"


async def test_parameters_are_known_and_complete(sdk: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await sdk.v1.customers.create_async({"bogus": "1"})
    assert (unknown.value.http_status, unknown.value.code, unknown.value.param) == (
        400,
        "parameter_unknown",
        "bogus",
    )
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await sdk.v1.transfers.create_async({"amount": 100, "currency": "usd"})
    assert (missing.value.code, missing.value.param) == ("parameter_missing", "destination")


async def test_a_key_replays_its_answer_and_refuses_another_body(sdk: Any, key: str) -> None:
    options = {"idempotency_key": key}
    first = await sdk.v1.customers.create_async({"name": "A"}, options)
    again = await sdk.v1.customers.create_async({"name": "A"}, options)
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as other:
        await sdk.v1.customers.create_async({"name": "B"}, options)
    assert other.value.http_status == 400


async def test_an_account_has_capabilities_and_a_bank_of_test_mode(sdk: Any, key: str) -> None:
    account = await sdk.v1.accounts.create_async(
        {
            "country": "US",
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "application",
                "stripe_dashboard": {"type": "none"},
            },
            "capabilities": {"transfers": {"requested": True}},
        },
        {"idempotency_key": key},
    )
    capability = await sdk.v1.accounts.capabilities.retrieve_async(account.id, "transfers")
    assert (capability.object, capability.requested, capability.status) == (
        "capability",
        True,
        "inactive",
    )
    bank = await sdk.v1.accounts.external_accounts.create_async(
        account.id,
        {
            "external_account": {
                "object": "bank_account",
                "country": "US",
                "currency": "usd",
                "routing_number": "110000000",
                "account_number": "000111111116",
            }
        },
    )
    assert (bank.object, bank.last4, bank.default_for_currency) == ("bank_account", "1116", True)
    listed = await sdk.v1.accounts.external_accounts.list_async(account.id)
    assert [one.id for one in listed.data] == [bank.id]


async def test_what_does_not_exist_is_not_found(sdk: Any) -> None:
    for read in (
        sdk.v1.refunds.retrieve_async("re_absent"),
        sdk.v1.disputes.retrieve_async("du_absent"),
        sdk.v1.charges.retrieve_async("ch_absent"),
        sdk.v1.reporting.report_runs.retrieve_async("frr_absent"),
        sdk.v1.files.retrieve_async("file_absent"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            await read
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


async def test_an_intent_without_a_method_is_called_off(sdk: Any, key: str) -> None:
    customer = await sdk.v1.customers.create_async({"name": "A"}, {"idempotency_key": key})
    intent = await sdk.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "customer": customer.id}
    )
    assert intent.status == "requires_payment_method"
    canceled = await sdk.v1.payment_intents.cancel_async(intent.id)
    assert canceled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as again:
        await sdk.v1.payment_intents.confirm_async(intent.id)
    assert again.value.code == "payment_intent_unexpected_state"


async def test_a_report_is_run_and_its_file_is_named(sdk: Any) -> None:
    kind = await sdk.v1.reporting.report_types.retrieve_async(_REPORT)
    end = min(kind.data_available_end, int(time.time()))
    run = await sdk.v1.reporting.report_runs.create_async(
        {
            "report_type": _REPORT,
            "parameters": {"interval_start": end - _DAY, "interval_end": end},
        }
    )
    assert (run.object, run.status, run.result) == ("reporting.report_run", "pending", None)

    async def succeeded() -> Any:
        found = await sdk.v1.reporting.report_runs.retrieve_async(run.id)
        return found if found.status == "succeeded" else None

    found = await until(succeeded, seconds=_REPORT_SECONDS)
    assert (found.result.object, found.result.type) == ("file", "csv")
    assert found.result.purpose == "finance_report_run"
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.reporting.report_runs.create_async({"report_type": "nothing.1"})
