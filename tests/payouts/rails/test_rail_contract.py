"""What must hold at the double and at Stripe alike.

The live leg runs with a test key, and with the guard against foreign hosts lifted:
`STRIPE_API_KEY=sk_test_... pytest -o addopts= tests/payouts/rails/test_rail_contract.py`.
What needs the outside world to act (onboarding, banks) is proved at the double only.
"""

import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from payouts.money import Money
from payouts.rails import ObjectPage, ProviderRefused, Rail, StripeRail
from tests.payouts.rails.stripe_double import running_double


@pytest.fixture(params=["double", "stripe"])
async def rail(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rail]:
    if request.param == "double":
        async with running_double(tmp_path / "stripe") as double:
            yield double.rail
        return
    api_key = os.environ.get("STRIPE_API_KEY", "")
    if not api_key.startswith(("sk_test_", "rk_test_")):
        pytest.skip("the live leg needs STRIPE_API_KEY to name a key of Stripe's test mode")
    live = StripeRail(api_key)
    yield live
    await live.aclose()


@pytest.fixture
def key() -> str:
    return f"contract:{secrets.token_hex(12)}"


async def test_one_key_makes_one_customer(rail: Rail, key: str) -> None:
    first = await rail.create_customer(key=key, name="Roast House", metadata={"partner": "7"})
    assert (
        await rail.create_customer(key=key, name="Roast House", metadata={"partner": "7"}) == first
    )
    with pytest.raises(ProviderRefused) as refused:
        await rail.create_customer(key=key, name="Another", metadata={"partner": "7"})
    assert refused.value.code == "idempotency_mismatch"
    assert await rail.list_payment_methods(first) == []
    assert await rail.find_payment_intents(first) == []


async def test_a_new_account_waits_for_its_onboarding(rail: Rail, key: str) -> None:
    account = await rail.create_account(key=key, country="US", email="payee@example.com")
    assert (account.transfers_active, account.payouts_enabled) == (False, False)
    assert account.requirements
    assert (await rail.get_account(account.id)).id == account.id
    link = await rail.create_account_link(
        account_id=account.id,
        refresh_url="https://example.com/again",
        return_url="https://example.com/done",
    )
    assert account.id not in ("", link.url)
    assert link.expires_at > datetime.now(UTC)
    with pytest.raises(ProviderRefused):
        await rail.create_transfer(
            key=key + ":t", amount=Money(100, "USD"), destination=account.id, transfer_group=key
        )
    assert await rail.find_transfers(key) == []


async def test_what_does_not_exist_is_refused(rail: Rail) -> None:
    with pytest.raises(ProviderRefused) as missing:
        await rail.get_transfer("tr_absent")
    assert missing.value.code == "resource_missing"
    with pytest.raises(ProviderRefused):
        await rail.get_payment_intent("pi_absent")
    with pytest.raises(ProviderRefused):
        await rail.get_payout(None, "po_absent")
    with pytest.raises(ProviderRefused):
        await rail.get_topup("tu_absent")


async def test_the_balance_and_its_movements_are_read(rail: Rail) -> None:
    balance = await rail.get_balance()
    assert all(amount.currency == code for code, amount in balance.available.items())
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert (await rail.list_balance_transactions(created_after=tomorrow)).transactions == ()
    assert await rail.list_events(types=["transfer.created"], created_after=tomorrow) == []
    assert await rail.find_topups(created_after=tomorrow) == []
    assert await rail.list_payouts(None, created_after=tomorrow) == []
    for read in (rail.list_transfers, rail.list_payment_intents, rail.list_accounts):
        page: ObjectPage[object] = await read(created_after=tomorrow)  # type: ignore[assignment]
        assert page == ObjectPage((), has_more=False)


async def test_what_was_just_made_is_the_first_of_its_list(rail: Rail, key: str) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    account = await rail.create_account(
        key=key, country="US", email="payee@example.com", metadata={"partner": "7"}
    )
    page = await rail.list_accounts(created_after=since)
    (found,) = [one for one in page.objects if one.id == account.id]
    assert (found.metadata, found.transfers_active) == ({"partner": "7"}, False)
