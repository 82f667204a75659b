"""Reports of the double say what its balance transactions say, through the real SDK."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stripe

from payouts.money import Money
from payouts.rails.stripe_transport import open_clients
from tests.payouts.rails.stripe_double import StripeDouble, running_double, until
from tests.payouts.rails.test_double_money import debited

START = int(datetime(2030, 1, 2, tzinfo=UTC).timestamp())
END = int(datetime(2030, 1, 3, tzinfo=UTC).timestamp())
ACTIVITY = "balance_change_from_activity.itemized.3"


@pytest.fixture
async def double(tmp_path: Path) -> AsyncIterator[StripeDouble]:
    """A double with money of the day before, of the day itself, and of the day after."""
    clock = tmp_path / "clock"
    clock.write_text("2030-01-01T12:00:00+00:00")
    async with running_double(tmp_path / "s", clock_file=clock) as running:
        await running.control("fund", amount=50_000, currency="usd")
        clock.write_text("2030-01-02T00:00:00+00:00")
        await debited(running)
        await running.control(
            "stray", type="stripe_fee", amount=-77, currency="usd", description='=cmd, "x"'
        )
        await running.control("fund", amount=1_230, currency="kwd")
        await running.control("fund", amount=700, currency="jpy")
        sent = await running.rail.create_payout(
            key="p", account_id=None, amount=Money(20_000, "USD")
        )
        await running.control("settle", id=sent.id)
        clock.write_text("2030-01-03T00:00:00+00:00")
        await debited(running, 5_000, key="later")
        yield running


@pytest.fixture
async def sdk(double: StripeDouble) -> AsyncIterator[stripe.StripeClient]:
    clients = open_clients(
        "sk_test_double", api_base=double.url, timeout_seconds=5.0, retries_max=0
    )
    yield clients.changing
    await clients.transport.aclose()


async def run(sdk: stripe.StripeClient, report: str, **more: Any) -> Any:
    parameters = {"interval_start": START, "interval_end": END, **more}
    asked = await sdk.v1.reporting.report_runs.create_async(
        {"report_type": report, "parameters": parameters}  # type: ignore[typeddict-item]
    )
    assert (asked.status, asked.result) == ("pending", None)

    async def done() -> Any:
        found = await sdk.v1.reporting.report_runs.retrieve_async(asked.id)
        return found if found.status == "succeeded" else None

    return await until(done)


async def content(double: StripeDouble, found: Any) -> bytes:
    answer = await double.request("GET", found.result.url.removeprefix(double.url))
    assert answer.status_code == 200
    assert len(answer.content) == found.result.size
    return answer.content


async def rows(double: StripeDouble, sdk: stripe.StripeClient, *asked: str, **more: Any) -> Any:
    text = (await content(double, await run(sdk, *asked, **more))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_file_is_csv_with_a_mark_and_crlf(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    found = await run(sdk, ACTIVITY, currency="usd", columns=["gross", "description"])
    assert await content(double, found) == (
        b'\xef\xbb\xbfgross,description\r\n100.00,\r\n-0.77,"=cmd, ""x"""\r\n'
    )
    file = await sdk.v1.files.retrieve_async(found.result.id)
    assert (file.type, file.purpose, file.url) == ("csv", "finance_report_run", found.result.url)
    assert (await double.request("GET", "/v1/files/file_absent/contents")).status_code == 404
    bare = await double.request(
        "GET", f"/v1/files/{file.id}/contents", headers={"Authorization": ""}
    )
    assert bare.status_code == 401


async def test_its_rows_are_the_movements_of_the_period(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    listed = await sdk.v1.balance_transactions.list_async(
        {"limit": 100, "created": {"gte": START, "lt": END}}
    )
    wanted = {
        one.id: (one.currency, one.reporting_category, one.source or "")
        for one in listed.data
        if one.type != "payout"
    }
    found = await rows(double, sdk, ACTIVITY)
    assert {
        one["balance_transaction_id"]: (
            one["currency"],
            one["reporting_category"],
            one["source_id"],
        )
        for one in found
    } == wanted
    assert [(one["currency"], one["gross"], one["fee"], one["net"]) for one in found] == [
        ("usd", "100.00", "0.80", "99.20"),
        ("usd", "-0.77", "0.00", "-0.77"),
        ("kwd", "1.230", "0.000", "1.230"),
        ("jpy", "700", "0", "700"),
    ]
    (payout,) = await rows(double, sdk, "payouts.itemized.3")
    assert (payout["gross"], payout["payout_status"]) == ("-200.00", "paid")
    only = await rows(double, sdk, ACTIVITY, reporting_category="fee")
    assert [one["gross"] for one in only] == ["-0.77"]
    local = await rows(double, sdk, ACTIVITY, timezone="Asia/Riyadh")
    assert (local[0]["created"], local[0]["created_utc"]) == (
        "2030-01-02 03:00:00",
        "2030-01-02 00:00:00",
    )


async def test_the_summary_leads_from_one_balance_to_the_next(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    found = await rows(double, sdk, "balance.summary.1", currency="usd")
    told = {one["category"]: Decimal(one["net_amount"]) for one in found}
    assert told == {
        "starting_balance": Decimal("500.00"),
        "activity_gross": Decimal("99.23"),
        "activity_fee": Decimal("-0.80"),
        "activity": Decimal("98.43"),
        "payouts_gross": Decimal("-200.00"),
        "payouts_fee": Decimal("0.00"),
        "payouts": Decimal("-200.00"),
        "ending_balance": Decimal("398.43"),
    }
    following = await rows(
        double, sdk, "balance.summary.1", currency="usd", interval_start=START - 86_400,
        interval_end=START,
    )  # fmt: skip
    assert {one["category"]: one["net_amount"] for one in following}["ending_balance"] == "500.00"


async def test_reports_of_a_payee_are_of_its_own_balance(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    payee = await double.onboarded()
    assert await rows(double, sdk, ACTIVITY, connected_account=payee) == []


async def test_what_cannot_be_reported_is_refused(
    double: StripeDouble, sdk: stripe.StripeClient
) -> None:
    types = await sdk.v1.reporting.report_types.list_async()
    assert [one.id for one in types.data] == [
        "balance.summary.1",
        ACTIVITY,
        "payouts.itemized.3",
    ]
    assert (await sdk.v1.reporting.report_types.retrieve_async(ACTIVITY)).version == 3
    wrong: dict[str, tuple[str, dict[str, Any]]] = {
        "report_type": ("nothing.1", {}),
        "parameters[interval_end]": (ACTIVITY, {"interval_end": END + 1}),
        "parameters[columns]": (ACTIVITY, {"columns": ["gross", "card_brand"]}),
        "parameters[timezone]": (ACTIVITY, {"timezone": "Mars/Base"}),
        "parameters[bogus]": (ACTIVITY, {"bogus": "1"}),
        "parameters[payout]": (ACTIVITY, {"payout": "po_1"}),
    }
    for param, (report, more) in wrong.items():
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await run(sdk, report, **more)
        assert refused.value.param == param
    with pytest.raises(stripe.InvalidRequestError) as bare:
        await sdk.v1.reporting.report_runs.create_async({"report_type": ACTIVITY})
    assert bare.value.code == "parameter_missing"
    assert (await double.state())["report_runs"] == []
