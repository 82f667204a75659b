"""Accounts, their capabilities and their banks at the double, through the real SDK."""

from typing import Any

import pytest
import stripe

from payouts.money import Money
from tests.payouts.rails.stripe_double import StripeDouble, until

BANKS = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
}


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def custom(sdk: stripe.StripeClient, **more: Any) -> str:
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
            **more,  # type: ignore[typeddict-item]
        }
    )
    return str(account.id)


async def bank(sdk: stripe.StripeClient, account: str, number: str) -> str:
    made = await sdk.v1.accounts.external_accounts.create_async(
        account,
        {
            "external_account": {
                "object": "bank_account",
                "country": "US",
                "currency": "usd",
                "routing_number": "110000000",
                "account_number": number,
            }
        },
    )
    return str(made.id)


async def funded(double: StripeDouble, account: str, minor: int = 1_000) -> None:
    await double.control("onboard", account=account)
    await double.control("fund", amount=minor, currency="usd")
    await double.rail.create_transfer(
        key=f"t:{account}:{minor}", amount=usd(minor), destination=account, transfer_group="g"
    )


async def end_of(double: StripeDouble, account: str, payout: str) -> tuple[str, str | None]:
    async def ended() -> Any:
        found = await double.rail.get_payout(account, payout)
        return found if found.status in ("paid", "failed") else None

    found = await until(ended)
    return found.status, found.failure_code


@pytest.mark.parametrize("number", BANKS)
async def test_a_bank_number_of_test_mode_sends_the_payout_back(
    double: StripeDouble, sdk: stripe.StripeClient, number: str
) -> None:
    account = await custom(sdk)
    bank_id = await bank(sdk, account, number)
    await funded(double, account)
    payout = await double.rail.create_payout(key="p", account_id=account, amount=usd(1_000))

    assert await end_of(double, account, payout.id) == ("failed", BANKS[number])

    balances = (await double.state())["balances"]
    assert balances[account] == {"usd": {"available": 1_000, "pending": 0}}
    found = await sdk.v1.payouts.retrieve_async(payout.id, {}, {"stripe_account": account})
    assert found.destination == bank_id
    assert found.failure_balance_transaction is not None
    marked = await sdk.v1.accounts.external_accounts.retrieve_async(account, bank_id)
    assert (marked.last4, getattr(marked, "status", "")) == (number[-4:], "errored")


async def test_a_payout_goes_to_the_bank_that_was_added_last(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    account = await custom(sdk)
    closed = await bank(sdk, account, "000111111113")
    await funded(double, account, 1_000)
    first = await double.rail.create_payout(key="p1", account_id=account, amount=usd(1_000))
    assert await end_of(double, account, first.id) == ("failed", "account_closed")

    good = await bank(sdk, account, "000123456789")
    second = await double.rail.create_payout(key="p2", account_id=account, amount=usd(400))
    assert await end_of(double, account, second.id) == ("paid", None)
    third = await sdk.v1.payouts.create_async(
        {"amount": 600, "currency": "usd", "destination": closed}, {"stripe_account": account}
    )
    assert await end_of(double, account, third.id) == ("failed", "account_closed")

    listed = await sdk.v1.accounts.external_accounts.list_async(account)
    assert [(one.id, one.default_for_currency) for one in listed.data] == [
        (good, True),
        (closed, False),
    ]
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.payouts.create_async(
            {"amount": 1, "currency": "usd", "destination": "ba_absent"},
            {"stripe_account": account},
        )


async def test_onboarding_may_name_the_bank(double: StripeDouble) -> None:
    account = await double.rail.create_account(key="a", country="US", email="a@example.com")
    await double.control("onboard", account=account.id, account_number="000111111116")
    await funded(double, account.id)
    payout = await double.rail.create_payout(key="p", account_id=account.id, amount=usd(1_000))
    assert await end_of(double, account.id, payout.id) == ("failed", "no_account")


async def test_a_paid_payout_may_still_be_sent_back(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    account = await custom(sdk)
    await funded(double, account)
    payout = await double.rail.create_payout(key="p", account_id=account, amount=usd(1_000))
    assert await end_of(double, account, payout.id) == ("paid", None)

    await double.control("take_back", id=payout.id, failure_code="account_closed")

    assert await end_of(double, account, payout.id) == ("failed", "account_closed")
    moved = await sdk.v1.balance_transactions.list_async(
        {"source": payout.id}, {"stripe_account": account}
    )
    assert [(one.type, one.amount, one.reporting_category) for one in moved.data] == [
        ("payout_failure", 1_000, "payout_reversal"),
        ("payout", -1_000, "payout"),
    ]
    types = [one["type"] for one in (await double.state())["events"] if "payout" in one["type"]]
    assert types == ["payout.created", "payout.updated", "payout.paid", "payout.failed"]


async def test_a_capability_comes_with_onboarding_and_goes_when_it_is_taken(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    account = await custom(sdk)
    fresh = await sdk.v1.accounts.capabilities.retrieve_async(account, "transfers")
    assert (fresh.status, fresh.requested) == ("inactive", True)
    assert fresh.requirements is not None
    assert "external_account" in fresh.requirements.currently_due
    await bank(sdk, account, "000123456789")
    due = (await double.rail.get_account(account)).requirements
    assert "external_account" not in due
    assert "tos_acceptance.date" in due

    await funded(double, account)
    listed = await sdk.v1.accounts.capabilities.list_async(account)
    assert [(one.id, one.status) for one in listed.data] == [("transfers", "active")]
    asked = await sdk.v1.accounts.capabilities.update_async(
        account, "card_payments", {"requested": True}
    )
    assert asked.status == "active"

    await double.control("capability", account=account, status="inactive")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.transfers.create_async(
            {"amount": 1, "currency": "usd", "destination": account}
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    types = [one["type"] for one in (await double.state())["events"]]
    assert types[-2:] == ["capability.updated", "account.updated"]
    with pytest.raises(stripe.InvalidRequestError) as absent:
        await sdk.v1.accounts.capabilities.retrieve_async(account, "jcb_payments")
    assert absent.value.http_status == 404


async def test_what_stripe_wants_to_know_stops_payouts_only_when_it_is_late(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    account = await custom(sdk)
    await funded(double, account)
    await double.control("require", account=account, facts=["individual.id_number"])
    asked = await double.rail.get_account(account)
    assert (asked.requirements, asked.payouts_enabled) == (("individual.id_number",), True)
    assert asked.transfers_active

    await double.control("require", account=account, facts=["individual.id_number"], is_late=True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.payouts.create_async(
            {"amount": 1, "currency": "usd"}, {"stripe_account": account}
        )
    assert refused.value.code == "payouts_not_allowed"
    await double.control("require", account=account)
    sent = await double.rail.create_payout(key="p", account_id=account, amount=usd(1_000))
    assert await end_of(double, account, sent.id) == ("paid", None)


async def test_only_a_bank_account_can_be_added(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    account = await custom(sdk)
    before = (await double.state())["accounts"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.accounts.external_accounts.create_async(
            account, {"external_account": "btok_1"}
        )
    assert refused.value.param == "external_account"
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.accounts.external_accounts.create_async(
            account,
            {"external_account": {"object": "bank_account", "country": "US"}},  # type: ignore[typeddict-item]
        )
    assert (await double.state())["accounts"] == before
