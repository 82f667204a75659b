"""The documents of a statement whose net is converted, or is carried for want of a rate."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from api.documents.csv_document import write_csv
from api.documents.heading import Heading, facts_of, total_rows
from api.documents.json_document import write_json
from api.documents.pdf_document import content_of
from api.documents.xlsx_document import write_xlsx
from api.graphql.languages import Spoken
from payouts.fx import FxRate
from payouts.settlement import CarriedBecause, Conversion, Outcome
from tests.api.documents.world import LINES, each, heading, money, whole
from tests.conftest import NOW

RATE = FxRate(
    UUID("018f0000-0000-7000-8000-0000000000fe"),
    "SAR",
    "KWD",
    Decimal("0.0818000000"),
    "central bank",
    NOW - timedelta(hours=1),
    86_400,
)
FACTS = [
    ("converted_into", "KWD -114.275"),
    ("fx_rate", "1 SAR = 0.0818 KWD"),
    ("fx_source", "central bank"),
    ("fx_observed_at", "2026-03-15T08:00:00+00:00"),
]


def converted(locale: Spoken = Spoken.EN) -> Heading:
    """-1,397.00 SAR at 0.0818 are -114.2746 KWD."""
    assert RATE.fx_rate_id is not None
    made = Conversion(RATE.fx_rate_id, money(-114_275, "KWD"))
    shown = heading(locale, outcome=Outcome.CONVERTED, conversion=made)
    return replace(shown, described=replace(shown.described, rate=RATE))


def test_the_head_says_rate_source_and_amount_and_the_totals_what_is_converted() -> None:
    facts = facts_of(converted())
    assert [one for one in facts if one[0] in dict(FACTS)] == FACTS
    assert ("outcome", "Converted into another currency") in facts
    assert [(row.record, row.net.minor) for row in total_rows(converted())][-6:] == [
        ("closing", -139_700),
        ("to_settle", 0),
        ("exchanged", -139_700),
        ("reserve_withheld", 0),
        ("payment", 0),
        ("carried", 0),
    ]


def test_a_statement_that_is_not_converted_says_nothing_of_it() -> None:
    names = {name for name, _ in facts_of(heading())}
    assert names.isdisjoint({*dict(FACTS), "carried_because"})
    assert "exchanged" not in {row.record for row in total_rows(heading())}


async def test_json_has_the_conversion() -> None:
    document = json.loads(await whole(write_json(converted(), each())))
    assert document["conversion"] == {
        "amount": {"currency": "KWD", "decimal": "-114.275", "minor": "-114275"},
        "net": {"currency": "SAR", "decimal": "-1397.00", "minor": "-139700"},
        "observedAt": "2026-03-15T08:00:00+00:00",
        "rate": "0.0818",
        "source": "central bank",
    }
    assert (document["outcome"], document["toSettle"]["minor"], document["carriedBecause"]) == (
        "CONVERTED",
        "0",
        None,
    )


async def test_csv_has_a_row_for_each_fact_and_the_part() -> None:
    document = await whole(write_csv(converted(), each()))
    rows = list(csv.DictReader(io.StringIO(document.decode(), newline="")))
    head = {row["kind"]: row["text"] for row in rows if row["record"] == "header"}
    assert [(name, head[name]) for name, _ in FACTS] == FACTS
    (part,) = (row for row in rows if row["record"] == "exchanged")
    assert (part["net"], part["currency"], part["text"]) == ("-1397.00", "SAR", "Converted")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (Spoken.EN, ("Converted into", "Exchange rate", "Source of the rate", "Converted")),
        (Spoken.AR, ("محوّل إلى", "سعر الصرف", "مصدر السعر", "المحوّل")),
    ],
)
async def test_pdf_and_xlsx_say_it_in_both_languages(
    locale: Spoken, words: tuple[str, ...]
) -> None:
    shown = converted(locale)
    content: dict[str, Any] = content_of(shown, LINES)
    facts = dict(content["facts"])
    assert facts[words[1]] == "1 SAR = 0.0818 KWD"
    assert facts[words[2]] == "central bank"
    assert "114.275" in facts[words[0]] or "١١٤" in facts[words[0]]
    assert [row["text"] for row in content["summary"] if row["record"] == "exchanged"] == [words[3]]
    assert (await whole(write_xlsx(shown, each()))).startswith(b"PK")


@pytest.mark.parametrize("locale", Spoken)
@pytest.mark.parametrize("because", CarriedBecause)
async def test_why_a_net_is_carried_is_said(locale: Spoken, because: CarriedBecause) -> None:
    carried = heading(locale, outcome=Outcome.CARRIED, carried_because=because)
    said = carried.say(f"because.{because.value}")
    assert ("carried_because", said) in facts_of(carried)
    assert (carried.say("carried_because"), said) in content_of(carried, LINES)["facts"]
    document = json.loads(await whole(write_json(carried, each())))
    assert (document["carriedBecause"], document["conversion"]) == (because.name, None)
