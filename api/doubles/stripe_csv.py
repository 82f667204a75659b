"""The rows of reports at the Stripe double, out of the same balance transactions that it lists."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.doubles.stripe_contract import Json, StripeError
from api.doubles.stripe_store import Store
from payouts.money import exponent_of

_PAYOUTS = frozenset({"payout", "payout_reversal"})
# Stripe keeps these with other digits than ISO 4217 says.
_DIGITS = {"isk": 2, "ugx": 2, "mga": 0}

Row = dict[str, str]


@dataclass(frozen=True)
class Report:
    """A kind of report."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[["Period"], Iterator[Row]]


@dataclass(frozen=True)
class Period:
    """What a report is about: the movements of one account, before its period and in it."""

    store: Store
    account: str
    before: tuple[Json, ...]
    within: tuple[Json, ...]
    zone: tzinfo


def money_text(minor: int, currency: str) -> str:
    """Write an amount as reports do: in units, with the digits of its currency."""
    digits = _DIGITS.get(currency, exponent_of(currency.upper()))
    return str(Decimal(minor).scaleb(-digits))


def _time(seconds: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _line(moved: Json, zone: tzinfo) -> Row:
    currency = moved["currency"]
    return {
        "balance_transaction_id": moved["id"],
        "created_utc": _time(moved["created"], UTC),
        "created": _time(moved["created"], zone),
        "available_on_utc": _time(moved["available_on"], UTC),
        "available_on": _time(moved["available_on"], zone),
        "currency": currency,
        "gross": money_text(moved["amount"], currency),
        "fee": money_text(moved["fee"], currency),
        "net": money_text(moved["net"], currency),
        "reporting_category": moved["reporting_category"],
        "source_id": moved["source"] or "",
        "description": moved["description"] or "",
    }


def _activity(period: Period) -> Iterator[Row]:
    for moved in period.within:
        if moved["reporting_category"] not in _PAYOUTS:
            yield _line(moved, period.zone)


def _payouts(period: Period) -> Iterator[Row]:
    for moved in period.within:
        if moved["reporting_category"] not in _PAYOUTS:
            continue
        row = _line(moved, period.zone)
        payout = period.store.find(moved["source"])[0] if moved["source"] else {}
        arrival = payout.get("arrival_date")
        yield {
            **row,
            "payout_id": row["source_id"],
            "effective_at_utc": row["created_utc"],
            "effective_at": row["created"],
            "payout_expected_arrival_date": _time(arrival, period.zone) if arrival else "",
            "payout_status": payout.get("status", ""),
            "payout_type": payout.get("type", ""),
        }


def _summary(period: Period) -> Iterator[Row]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for moved in period.before:
        sums[moved["currency"]]["starting_balance"] += moved["net"]
    for moved in period.within:
        kind = "payouts" if moved["reporting_category"] in _PAYOUTS else "activity"
        sums[moved["currency"]][f"{kind}_gross"] += moved["amount"]
        sums[moved["currency"]][f"{kind}_fee"] -= moved["fee"]
        sums[moved["currency"]][kind] += moved["net"]
    for currency, found in sorted(sums.items()):
        start = found["starting_balance"]
        found["ending_balance"] = start + found["activity"] + found["payouts"]
        for category, description in _SUMMARY.items():
            yield {
                "category": category,
                "description": description,
                "net_amount": money_text(found[category], currency),
                "currency": currency,
            }


_SUMMARY = {
    "starting_balance": "Starting balance",
    "activity_gross": "Account activity before fees",
    "activity_fee": "Less fees",
    "activity": "Net balance change from activity",
    "payouts_gross": "Payouts before fees",
    "payouts_fee": "Less payout fees",
    "payouts": "Total payouts",
    "ending_balance": "Ending balance",
}
_MONEY = ("currency", "gross", "fee", "net", "reporting_category")
_ACTIVITY_COLUMNS = (
    "balance_transaction_id",
    "created_utc",
    "created",
    "available_on_utc",
    "available_on",
    *_MONEY,
    "source_id",
    "description",
)
_PAYOUT_COLUMNS = (
    "payout_id",
    "effective_at_utc",
    "effective_at",
    *_MONEY,
    "balance_transaction_id",
    "description",
    "payout_expected_arrival_date",
    "payout_status",
    "payout_type",
)
REPORTS = {
    "balance.summary.1": Report(
        "Balance summary", ("category", "description", "net_amount", "currency"), _summary
    ),
    "balance_change_from_activity.itemized.3": Report(
        "Itemized balance change from activity", _ACTIVITY_COLUMNS, _activity
    ),
    "payouts.itemized.3": Report("Itemized payouts", _PAYOUT_COLUMNS, _payouts),
}


def zone_of(name: str) -> tzinfo:
    """Read a timezone, or refuse it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise StripeError(f"Unknown timezone: {name}", param="parameters[timezone]") from None


def lay_out(store: Store, name: str, asked: Json, account: str) -> str:
    """Write a report: a line of names, then its rows, oldest first."""
    moved = [
        one
        for one in store.all("balance_transaction")
        if one["_account"] == account
        and asked.get("currency") in (None, one["currency"])
        and asked.get("reporting_category") in (None, one["reporting_category"])
    ]
    start, end = asked["interval_start"], asked["interval_end"]
    period = Period(
        store=store,
        account=account,
        before=tuple(one for one in moved if one["created"] < start),
        within=tuple(one for one in moved if start <= one["created"] < end),
        zone=zone_of(asked.get("timezone", "Etc/UTC")),
    )
    columns = asked.get("columns") or REPORTS[name].columns
    text = io.StringIO()
    lines = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(REPORTS[name].rows(period))
    return text.getvalue()
