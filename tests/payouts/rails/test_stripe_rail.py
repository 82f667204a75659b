"""What the bank relies on, through the real SDK, at the double."""

from datetime import UTC, datetime, timedelta

import pytest

from payouts.money import Money
from payouts.rails import (
    ProviderBalanceTooLow,
    ProviderBusy,
    ProviderRefused,
    Rail,
    UnknownOutcome,
)
from tests.payouts.rails.stripe_double import StripeDouble, until

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def sar(text: str) -> Money:
    return Money.of_decimal(text, "SAR")


async def test_a_payee_receives_money_only_after_its_onboarding(double: StripeDouble) -> None:
    rail: Rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    account = await rail.create_account(
        key="a1", country="SA", email="a@example.com", metadata={"partner": "7"}
    )
    assert (account.transfers_active, account.payouts_enabled) == (False, False)
    assert "external_account" in account.requirements
    assert account.metadata == {"partner": "7"}
    with pytest.raises(ProviderRefused) as refused:
        await rail.create_transfer(
            key="t1", amount=sar("1.00"), destination=account.id, transfer_group="c1"
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert (await rail.get_balance()).available == {"SAR": sar("100.00")}

    link = await rail.create_account_link(
        account_id=account.id, refresh_url=double.url + "/r", return_url=double.url + "/done"
    )
    assert link.url.startswith(double.url)
    assert link.expires_at > datetime.now(UTC)
    page = await double.request("GET", link.url.removeprefix(double.url))
    assert page.status_code == 200
    assert account.id in page.text
    done = await double.request("POST", link.url.removeprefix(double.url) + "/complete")
    assert (done.status_code, done.headers["location"]) == (303, double.url + "/done")
    ready = await rail.get_account(account.id)
    assert (ready.transfers_active, ready.payouts_enabled, ready.requirements) == (True, True, ())


async def test_a_double_starts_without_money(double: StripeDouble) -> None:
    balance = await double.rail.get_balance()
    assert (balance.available, balance.pending) == ({}, {})


async def test_a_topup_arrives_by_itself(double: StripeDouble) -> None:
    rail = double.rail
    topup = await rail.create_topup(key="u1", amount=sar("250.00"), metadata={"cycle": "c1"})
    assert (topup.status, topup.amount, topup.metadata) == (
        "pending",
        sar("250.00"),
        {"cycle": "c1"},
    )
    assert topup.balance_transaction is None

    async def arrived() -> bool:
        return (await rail.get_topup(topup.id)).status == "succeeded"

    await until(arrived)
    assert (await rail.get_balance()).available == {"SAR": sar("250.00")}
    found = await rail.find_topups(created_after=LONG_AGO)
    assert [(t.id, t.status) for t in found] == [(topup.id, "succeeded")]
    assert await rail.find_topups(created_after=datetime.now(UTC) + timedelta(days=1)) == []


async def test_a_transfer_moves_money_once_for_its_key(double: StripeDouble) -> None:
    rail = double.rail
    await double.control("fund", amount=50_000, currency="sar")
    payee = await double.onboarded()

    async def transfer(amount: str) -> str:
        made = await rail.create_transfer(
            key="t1",
            amount=sar(amount),
            destination=payee,
            transfer_group="c1",
            metadata={"payout": "p1"},
        )
        return made.id

    first = await transfer("120.50")
    assert await transfer("120.50") == first
    with pytest.raises(ProviderRefused) as mismatch:
        await transfer("120.51")
    assert mismatch.value.code == "idempotency_mismatch"

    (found,) = await rail.find_transfers("c1")
    assert found == await rail.get_transfer(first)
    assert (found.amount, found.amount_reversed) == (sar("120.50"), sar("0.00"))
    assert (found.destination, found.transfer_group) == (payee, "c1")
    assert found.metadata == {"payout": "p1"}
    assert await rail.find_transfers("c2") == []
    state = await double.state()
    assert state["balances"]["platform"] == {"sar": {"available": 37_950, "pending": 0}}
    assert state["balances"][payee] == {"sar": {"available": 12_050, "pending": 0}}


async def test_money_that_is_not_there_is_not_moved(double: StripeDouble) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    with pytest.raises(ProviderBalanceTooLow) as too_low:
        await rail.create_transfer(
            key="t1", amount=sar("100.01"), destination=payee, transfer_group="c1"
        )
    assert too_low.value.code == "balance_insufficient"
    with pytest.raises(ProviderBalanceTooLow):
        await rail.create_payout(key="p1", account_id=payee, amount=sar("0.01"))
    state = await double.state()
    assert state["transfers"] == state["payouts"] == []
    assert len(state["balance_transactions"]) == 1
    # The refusal is remembered under its key, money or not; a new key is a new attempt.
    await double.control("fund", amount=10_000, currency="sar")
    with pytest.raises(ProviderBalanceTooLow):
        await rail.create_transfer(
            key="t1", amount=sar("100.01"), destination=payee, transfer_group="c1"
        )
    await rail.create_transfer(
        key="t2", amount=sar("100.01"), destination=payee, transfer_group="c1"
    )
    assert (await rail.get_balance()).available == {"SAR": sar("99.99")}


async def test_a_transfer_is_taken_back_in_parts_and_no_further(double: StripeDouble) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    transfer = await rail.create_transfer(
        key="t1", amount=sar("100.00"), destination=payee, transfer_group="c1"
    )
    part = await rail.reverse_transfer(key="r1", transfer_id=transfer.id, amount=sar("30.00"))
    again = await rail.reverse_transfer(key="r1", transfer_id=transfer.id, amount=sar("30.00"))
    assert part == again
    assert part.transfer_id == transfer.id
    assert part.amount == sar("30.00")
    with pytest.raises(ProviderRefused):
        await rail.reverse_transfer(key="r2", transfer_id=transfer.id, amount=sar("70.01"))
    assert (await rail.get_transfer(transfer.id)).amount_reversed == sar("30.00")
    # What has left for the payee's bank cannot be taken back.
    await rail.create_payout(key="p1", account_id=payee, amount=sar("70.00"))
    with pytest.raises(ProviderBalanceTooLow):
        await rail.reverse_transfer(key="r3", transfer_id=transfer.id, amount=sar("70.00"))
    assert (await rail.get_balance()).available == {"SAR": sar("30.00")}


async def test_a_payout_reaches_the_bank(double: StripeDouble) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    await double.control("hold")
    payee = await double.onboarded()
    await rail.create_transfer(
        key="t1", amount=sar("80.00"), destination=payee, transfer_group="c1"
    )
    payout = await rail.create_payout(
        key="p1", account_id=payee, amount=sar("80.00"), metadata={"payout": "p1"}
    )
    assert (payout.status, payout.amount) == ("pending", sar("80.00"))
    assert payout.metadata == {"payout": "p1"}
    assert payout.arrival_date > datetime.now(UTC)
    assert (await rail.get_payout(payee, payout.id)).status == "pending"
    with pytest.raises(ProviderRefused):
        await rail.get_payout(None, payout.id)
    await double.control("release")

    async def paid() -> bool:
        return (await rail.get_payout(payee, payout.id)).status == "paid"

    await until(paid)
    assert [p.id for p in await rail.list_payouts(payee)] == [payout.id]
    assert await rail.list_payouts(None) == []
    types = ["payout.created", "payout.updated", "payout.paid"]
    events = await rail.list_events(types=types, created_after=LONG_AGO, account_id=payee)
    assert [event.type for event in events] == types[::-1]
    assert {(e.account, e.object_id, e.object_type) for e in events} == {
        (payee, payout.id, "payout")
    }


@pytest.mark.parametrize("after_paid", [False, True])
async def test_a_failed_payout_returns_the_money(double: StripeDouble, after_paid: bool) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    await rail.create_transfer(
        key="t1", amount=sar("80.00"), destination=payee, transfer_group="c1"
    )
    await double.control("fail_next_payout", failure_code="no_account", after_paid=after_paid)
    payout = await rail.create_payout(key="p1", account_id=payee, amount=sar("80.00"))

    async def failed() -> bool:
        return (await rail.get_payout(payee, payout.id)).status == "failed"

    await until(failed)
    seen = await rail.get_payout(payee, payout.id)
    assert seen.failure_code == "no_account"
    assert seen.failure_message
    state = await double.state()
    assert state["balances"][payee] == {"sar": {"available": 8_000, "pending": 0}}
    types = [e["type"] for e in state["events"] if e["type"].startswith("payout.")]
    paid = ["payout.paid"] if after_paid else []
    assert types == ["payout.created", "payout.updated", *paid, "payout.failed"]
    second = await rail.create_payout(key="p2", account_id=payee, amount=sar("80.00"))
    assert (await double.control("settle", id=second.id))["status"] == "paid"


async def test_the_platform_pays_its_own_bank(double: StripeDouble) -> None:
    await double.control("fund", amount=10_000, currency="sar")
    payout = await double.rail.create_payout(key="p1", account_id=None, amount=sar("60.00"))
    assert (await double.rail.get_payout(None, payout.id)).amount == sar("60.00")
    assert (await double.rail.get_balance()).available == {"SAR": sar("40.00")}


async def _debtor(double: StripeDouble) -> tuple[str, str]:
    customer = await double.rail.create_customer(key="c", name="Roast House")
    account = await double.rail.create_account(
        key="a", country="SA", email="a@example.com", metadata={"customer": customer}
    )
    assert await double.rail.list_payment_methods(customer) == []
    await double.control("onboard", account=account.id)
    (method,) = await double.rail.list_payment_methods(customer)
    return customer, method


async def test_a_debit_is_collected_less_its_fee(double: StripeDouble) -> None:
    rail = double.rail
    customer, method = await _debtor(double)
    intent = await rail.create_payment_intent(
        key="i1",
        amount=sar("200.00"),
        customer_id=customer,
        payment_method_id=method,
        transfer_group="c1",
        metadata={"statement": "s1"},
    )
    assert intent.status == "processing"

    async def collected() -> bool:
        return (await rail.get_payment_intent(intent.id)).status == "succeeded"

    await until(collected)
    (found,) = await rail.find_payment_intents(customer)
    assert (found.id, found.amount, found.metadata) == (
        intent.id,
        sar("200.00"),
        {"statement": "s1"},
    )
    (moved,) = (await rail.list_balance_transactions()).transactions
    assert (moved.type, moved.reporting_category) == ("payment", "charge")
    assert (moved.amount, moved.fee, moved.net) == (sar("200.00"), sar("1.60"), sar("198.40"))
    assert (moved.source, moved.source_type) == (found.latest_charge, "charge")
    assert moved.payment_intent == intent.id
    assert (await rail.get_balance()).available == {"SAR": sar("198.40")}


async def test_a_declined_debit_leaves_its_intent_behind(double: StripeDouble) -> None:
    customer, method = await _debtor(double)
    await double.control("decline_next_intent", code="debit_not_authorized")
    with pytest.raises(ProviderRefused) as declined:
        await double.rail.create_payment_intent(
            key="i1", amount=sar("9.00"), customer_id=customer, payment_method_id=method
        )
    assert declined.value.code == "debit_not_authorized"
    left = await double.rail.get_payment_intent(declined.value.facts["object_id"])
    assert (left.status, left.last_error) == ("requires_payment_method", "debit_not_authorized")
    assert (await double.state())["balance_transactions"] == []


async def test_a_debit_that_fails_at_the_bank_brings_nothing(double: StripeDouble) -> None:
    customer, method = await _debtor(double)
    intent = await double.rail.create_payment_intent(
        key="i1", amount=sar("400.03"), customer_id=customer, payment_method_id=method
    )
    assert intent.status == "processing"
    await double.control("settle", id=intent.id)
    after = await double.rail.get_payment_intent(intent.id)
    assert (after.status, after.last_error) == ("requires_payment_method", "insufficient_funds")
    assert (await double.state())["balance_transactions"] == []


async def test_every_movement_is_listed_and_traced(double: StripeDouble) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    transfer = await rail.create_transfer(
        key="t1", amount=sar("50.00"), destination=payee, transfer_group="c1"
    )
    await rail.reverse_transfer(key="r1", transfer_id=transfer.id, amount=sar("20.00"))
    await double.control("stray", amount=-125, currency="sar", type="stripe_fee")
    page = await rail.list_balance_transactions(limit=3)
    assert page.has_more
    rest = await rail.list_balance_transactions(starting_after=page.transactions[-1].id)
    assert not rest.has_more
    seen = [*page.transactions, *rest.transactions]
    assert [(t.type, t.net.minor, t.transfer) for t in seen] == [
        ("stripe_fee", -125, None),
        ("transfer_refund", 2_000, transfer.id),
        ("transfer", -5_000, transfer.id),
        ("topup", 10_000, None),
    ]
    assert sum(t.net.minor for t in seen) == (await rail.get_balance()).available["SAR"].minor
    later = datetime.now(UTC) + timedelta(days=1)
    assert (await rail.list_balance_transactions(created_after=later)).transactions == ()


async def test_lists_are_read_to_their_end(double: StripeDouble) -> None:
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    for number in range(103):
        await double.rail.create_transfer(
            key=f"t{number}", amount=sar("0.01"), destination=payee, transfer_group="c1"
        )
    found = await double.rail.find_transfers("c1")
    assert len({transfer.id for transfer in found}) == 103


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after"])
async def test_an_effect_whose_answer_was_lost_is_found_again(
    double: StripeDouble, kind: str
) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    await double.control("faults", operation="create_transfer", kind=kind)
    with pytest.raises(UnknownOutcome):
        await rail.create_transfer(
            key="t1", amount=sar("10.00"), destination=payee, transfer_group="c1"
        )
    (found,) = await rail.find_transfers("c1")
    assert found.amount == sar("10.00")
    assert (await rail.get_balance()).available == {"SAR": sar("90.00")}


@pytest.mark.parametrize("kind", ["timeout_before", "error_500_before"])
async def test_a_request_that_was_lost_did_nothing(double: StripeDouble, kind: str) -> None:
    rail = double.rail
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    await double.control("faults", operation="create_transfer", kind=kind)
    with pytest.raises(UnknownOutcome):
        await rail.create_transfer(
            key="t1", amount=sar("10.00"), destination=payee, transfer_group="c1"
        )
    assert await rail.find_transfers("c1") == []
    assert (await rail.get_balance()).available == {"SAR": sar("100.00")}


@pytest.mark.parametrize("kind", ["error_409", "error_429"])
async def test_a_busy_provider_did_nothing(double: StripeDouble, kind: str) -> None:
    await double.control("faults", operation="create_topup", kind=kind)
    with pytest.raises(ProviderBusy) as busy:
        await double.rail.create_topup(key="u1", amount=sar("10.00"))
    assert busy.value.retryable
    assert await double.rail.find_topups() == []
    await double.rail.create_topup(key="u1", amount=sar("10.00"))
    assert len(await double.rail.find_topups()) == 1


async def test_a_lost_reading_is_not_an_unknown_outcome(double: StripeDouble) -> None:
    await double.control("faults", operation="get_balance", kind="timeout_before")
    with pytest.raises(ProviderBusy):
        await double.rail.get_balance()


async def test_a_wrong_amount_is_visible_in_the_answer(double: StripeDouble) -> None:
    await double.control("fund", amount=10_000, currency="sar")
    payee = await double.onboarded()
    await double.control("faults", operation="create_transfer", kind="wrong_amount", delta=5)
    made = await double.rail.create_transfer(
        key="t1", amount=sar("10.00"), destination=payee, transfer_group="c1"
    )
    assert made.amount == sar("10.05")
    again = await double.rail.create_transfer(
        key="t1", amount=sar("10.00"), destination=payee, transfer_group="c1"
    )
    assert again == made


async def test_money_still_clearing_is_pending(double: StripeDouble) -> None:
    await double.control("settings", available_delay_seconds=86_400)
    customer, method = await _debtor(double)
    intent = await double.rail.create_payment_intent(
        key="i1", amount=sar("100.00"), customer_id=customer, payment_method_id=method
    )
    await double.control("settle", id=intent.id)
    balance = await double.rail.get_balance()
    assert balance.available == {"SAR": sar("0.00")}
    assert balance.pending == {"SAR": sar("99.20")}
