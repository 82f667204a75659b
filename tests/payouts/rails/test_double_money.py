"""What moves balances at the double besides the plain ways, through the real SDK."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stripe

from api.doubles.stripe_call import CATEGORIES
from payouts.money import Money
from tests.payouts.rails.stripe_double import StripeDouble, running_double

# Every type that Mizan tells apart.
MAPPED = [
    *("charge", "payment", "refund", "payment_refund", "payment_failure_refund", "refund_failure"),
    *("adjustment", "transfer", "transfer_refund", "transfer_cancel", "transfer_failure"),
    *("payout", "payout_cancel", "payout_failure", "payout_minimum_balance_hold"),
    *("payout_minimum_balance_release", "stripe_fee", "stripe_fx_fee", "tax_fee", "topup"),
    *("topup_reversal", "reserve_hold", "reserve_release", "reserve_transaction"),
    *("reserved_funds", "application_fee", "application_fee_refund"),
    "connect_collection_transfer",
]


async def debited(double: StripeDouble, minor: int = 10_000, key: str = "i") -> tuple[str, str]:
    """Collect from a customer; returns the payment intent and its charge."""
    customer = await double.rail.create_customer(key=f"{key}:c", name="Roast House")
    method = (await double.control("attach", customer=customer))["id"]
    intent = await double.rail.create_payment_intent(
        key=key, amount=Money(minor, "USD"), customer_id=customer, payment_method_id=method
    )
    await double.control("settle", id=intent.id)
    found = await double.rail.get_payment_intent(intent.id)
    assert found.status == "succeeded"
    assert found.latest_charge is not None
    return intent.id, found.latest_charge


async def moved(sdk: stripe.StripeClient) -> list[tuple[str, int, int, str]]:
    page = await sdk.v1.balance_transactions.list_async({"limit": 100})
    return [(one.type, one.amount, one.fee, one.reporting_category) for one in reversed(page.data)]


async def test_a_refund_takes_money_back_in_parts_and_no_more(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    intent, charge = await debited(double)
    first = await sdk.v1.refunds.create_async(
        {"charge": charge, "amount": 4_000, "metadata": {"why": "part"}}
    )
    assert (first.status, first.amount, first.charge) == ("succeeded", 4_000, charge)
    second = await sdk.v1.refunds.create_async({"payment_intent": intent})
    assert second.amount == 6_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.refunds.create_async({"charge": charge})
    assert refused.value.code == "charge_already_refunded"
    with pytest.raises(stripe.InvalidRequestError) as nameless:
        await sdk.v1.refunds.create_async({"amount": 1})
    assert nameless.value.code == "parameter_missing"
    listed = await sdk.v1.refunds.list_async({"payment_intent": intent})
    assert [one.id for one in listed.data] == [second.id, first.id]
    assert (await sdk.v1.refunds.retrieve_async(first.id)).to_dict()["metadata"] == {"why": "part"}
    assert await moved(sdk) == [
        ("payment", 10_000, 80, "charge"),
        ("payment_refund", -4_000, 0, "refund"),
        ("payment_refund", -6_000, 0, "refund"),
    ]


async def test_a_refund_that_fails_gives_the_money_to_us_again(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    _, charge = await debited(double)
    refund = await sdk.v1.refunds.create_async({"charge": charge, "amount": 4_000})
    await double.control("take_back", id=refund.id, failure_code="declined")
    failed = await sdk.v1.refunds.retrieve_async(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "declined")
    assert (await moved(sdk))[-1] == ("refund_failure", 4_000, 0, "refund_failure")
    assert (await sdk.v1.charges.retrieve_async(charge)).amount_refunded == 0
    again = await sdk.v1.refunds.create_async({"charge": charge})
    assert again.amount == 10_000


async def test_a_dispute_takes_amount_and_fee_and_gives_back_what_is_won(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    _, charge = await debited(double)
    opened = await double.control("dispute", charge=charge)
    dispute = await sdk.v1.disputes.retrieve_async(opened["id"])
    assert (dispute.status, dispute.amount, dispute.charge) == ("needs_response", 10_000, charge)
    assert (await sdk.v1.charges.retrieve_async(charge)).disputed
    await double.control("win", dispute=dispute.id)
    won = await sdk.v1.disputes.retrieve_async(dispute.id)
    assert won.status == "won"
    assert [(one.amount, one.fee) for one in won.balance_transactions] == [
        (-10_000, 1_500),
        (10_000, 0),
    ]
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.disputes.close_async(dispute.id)

    other_intent, other = await debited(double, key="j")
    lost = await double.control("dispute", charge=other, amount=2_500)
    closed = await sdk.v1.disputes.close_async(lost["id"])
    assert closed.status == "lost"
    listed = await sdk.v1.disputes.list_async({"payment_intent": other_intent})
    assert [one.id for one in listed.data] == [lost["id"]]
    assert (await moved(sdk))[1:] == [
        ("adjustment", -10_000, 1_500, "dispute"),
        ("adjustment", 10_000, 0, "dispute_reversal"),
        ("payment", 10_000, 80, "charge"),
        ("adjustment", -2_500, 1_500, "dispute"),
    ]
    types = [one["type"] for one in (await double.state())["events"] if "dispute" in one["type"]]
    assert types == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]
    page = await double.rail.list_balance_transactions(limit=1)
    assert (page.transactions[0].source_type, page.transactions[0].payment_intent) == (
        "dispute",
        other_intent,
    )


async def test_a_debit_may_come_back_after_it_was_collected(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    intent, charge = await debited(double)
    await double.control("take_back", id=intent, failure_code="debit_not_authorized")
    found = await double.rail.get_payment_intent(intent)
    assert (found.status, found.last_error) == ("requires_payment_method", "debit_not_authorized")
    assert (await sdk.v1.charges.retrieve_async(charge)).status == "failed"
    assert (await moved(sdk))[1:] == [("payment_failure_refund", -10_000, 400, "charge_failure")]
    page = await double.rail.list_balance_transactions(limit=1)
    assert page.transactions[0].payment_intent == intent
    assert (await double.rail.get_balance()).available == {"USD": Money(-480, "USD")}


async def test_an_intent_is_confirmed_later_or_called_off(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    customer = await double.rail.create_customer(key="c", name="Roast House")
    method = (await double.control("attach", customer=customer))["id"]
    made = await sdk.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "customer": customer, "payment_method": method}
    )
    assert made.status == "requires_confirmation"
    confirmed = await sdk.v1.payment_intents.confirm_async(made.id)
    assert confirmed.status == "processing"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.payment_intents.cancel_async(made.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    other = await sdk.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "customer": customer}
    )
    canceled = await sdk.v1.payment_intents.cancel_async(
        other.id, {"cancellation_reason": "abandoned"}
    )
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    listed = await sdk.v1.charges.list_async({"customer": customer})
    assert [one.id for one in listed.data] == [confirmed.latest_charge]


async def test_topups_and_payouts_are_called_off_or_come_back(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    await double.control("hold")
    topup = await sdk.v1.topups.create_async({"amount": 700, "currency": "usd"})
    assert (await sdk.v1.topups.cancel_async(topup.id)).status == "canceled"
    assert await moved(sdk) == []
    arrived = await double.rail.create_topup(key="u", amount=Money(900, "USD"))
    await double.control("settle", id=arrived.id)
    payout = await sdk.v1.payouts.create_async({"amount": 300, "currency": "usd"})
    canceled = await sdk.v1.payouts.cancel_async(payout.id)
    assert canceled.status == "canceled"
    await double.control("settle", id=payout.id, failure_code="account_closed")
    assert (await double.rail.get_payout(None, payout.id)).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.payouts.cancel_async(payout.id)
    await double.control("take_back", id=arrived.id)
    assert (await double.rail.get_topup(arrived.id)).status == "reversed"
    assert await moved(sdk) == [
        ("topup", 900, 0, "topup"),
        ("payout", -300, 0, "payout"),
        ("payout_cancel", 300, 0, "payout_reversal"),
        ("topup_reversal", -900, 0, "topup_reversal"),
    ]


async def test_a_reversal_is_read_by_its_transfer(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    await double.control("fund", amount=1_000, currency="sar")
    payee = await double.onboarded()
    transfer = await sdk.v1.transfers.create_async(
        {"amount": 1_000, "currency": "sar", "destination": payee}
    )
    part = await sdk.v1.transfers.reversals.create_async(transfer.id, {"amount": 400})
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.transfers.reversals.create_async(transfer.id, {"amount": 601})
    rest = await sdk.v1.transfers.reversals.create_async(transfer.id)
    assert (part.amount, rest.amount) == (400, 600)
    with pytest.raises(stripe.InvalidRequestError) as over:
        await sdk.v1.transfers.reversals.create_async(transfer.id, {"amount": 1})
    assert over.value.code == "transfer_already_reversed"
    read = await sdk.v1.transfers.reversals.retrieve_async(transfer.id, part.id)
    assert (read.id, read.amount) == (part.id, 400)
    found = await double.rail.get_transfer(transfer.id)
    assert found.amount_reversed == Money(1_000, "SAR")


@pytest.mark.parametrize("kind", MAPPED)
async def test_every_type_that_is_told_apart_can_be_played(
    double: StripeDouble, sdk: stripe.StripeClient, kind: str
) -> None:
    booked = await double.control(
        "stray", type=kind, amount=-500, currency="usd", fee=25, available_in_seconds=60
    )
    read = await sdk.v1.balance_transactions.retrieve_async(booked["id"])
    assert (read.type, read.amount, read.fee, read.net) == (kind, -500, 25, -525)
    assert read.reporting_category == CATEGORIES[kind]
    assert (read.status, read.available_on - read.created) == ("pending", 60)
    page = await double.rail.list_balance_transactions()
    assert [one.type for one in page.transactions] == [kind]


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    file.write_text("2030-01-01T00:00:00+00:00")
    return file


@pytest.fixture
async def dated(tmp_path: Path, clock: Path) -> AsyncIterator[StripeDouble]:
    async with running_double(tmp_path / "s", clock_file=clock) as double:
        yield double


async def test_pending_money_becomes_available_by_the_clock(
    dated: StripeDouble, clock: Path
) -> None:
    await dated.control("settings", available_delay_seconds=86_400)
    await debited(dated)
    before = await dated.rail.get_balance()
    assert before.pending == {"USD": Money(9_920, "USD")}
    assert before.available == {"USD": Money(0, "USD")}
    clock.write_text("2030-01-01T23:59:59+00:00")
    assert (await dated.rail.get_balance()).available == {"USD": Money(0, "USD")}
    clock.write_text("2030-01-02T00:00:00+00:00")
    after = await dated.rail.get_balance()
    assert (after.available, after.pending) == (
        {"USD": Money(9_920, "USD")},
        {"USD": Money(0, "USD")},
    )
    page = await dated.rail.list_balance_transactions()
    assert page.transactions[0].available_on == datetime(2030, 1, 2, tzinfo=UTC)
