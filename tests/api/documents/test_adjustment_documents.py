"""The documents of an adjustment: which statement it adjusts, why, and where each line is settled."""

import json

import pytest

from api.documents.csv_document import ADJUSTMENT_COLUMNS, write_csv
from api.documents.json_document import write_json
from api.documents.pdf_document import content_of, write_pdf
from api.documents.wording import WORDING
from api.documents.xlsx_document import write_xlsx
from api.graphql.languages import Spoken
from api.graphql.nodes import id_of
from payouts.settlement import AdjustmentReason
from tests.api.documents.adjustment_world import (
    ADJUSTED,
    LINES,
    adjustment_heading,
    describe_adjustment,
    each,
)
from tests.api.documents.test_csv_document import rows_of
from tests.api.documents.test_json_document import moved
from tests.api.documents.test_pdf_document import pages_of
from tests.api.documents.workbook import is_right_to_left, sheets_of
from tests.api.documents.world import journal_id, whole

TOTAL = ["-58.50", "24.50", "-83.00"]


async def test_json_says_all_that_the_adjustment_says() -> None:
    one = describe_adjustment().statement
    document = json.loads(await whole(write_json(adjustment_heading(), each())))
    lines = document.pop("lines")
    assert document == {
        "adjusts": {
            "contentHash": "ab" * 32,
            "id": id_of("Statement", 7, ADJUSTED.statement_id),
            "number": 11,
            "version": 2,
        },
        "block": {"number": "3", "root": bytes(range(32)).hex()},
        "contentHash": "cd" * 32,
        "correctionsByReason": [
            {"reason": "REVERSAL", **moved(1, "-60.00", "0.00", "-60.00")},
            {"reason": "DISPUTE", **moved(1, "1.50", "0.00", "1.50")},
            {"reason": "LATE", **moved(1, "0.00", "24.50", "-24.50")},
        ],
        "currency": "SAR",
        "format": "mizan-adjustment-statement",
        "formatVersion": 1,
        "fromSeq": "20",
        "hashedBlock": "4",
        "id": id_of("AdjustmentStatement", 7, one.adjustment_id),
        "issuedAt": "2026-03-19T09:00:00+00:00",
        "linesCount": 3,
        "linesTotal": moved(3, *TOTAL),
        "network": {"name": {"ar": "سوق", "en": "Souq"}},
        "number": 13,
        "partner": {
            "id": id_of("Partner", 7, one.partner_id),
            "name": {"ar": "بقالة نور", "en": "Noor Grocery"},
        },
        "toSeq": "44",
        "zone": "Asia/Riyadh",
    }
    told = [
        (one["reason"], one["correctsJournalId"], one["settledIn"], one["isLate"]) for one in lines
    ]
    assert told == [
        ("REVERSAL", id_of("Journal", 7, journal_id(11)), 12, False),
        ("LATE", None, 12, True),
        ("DISPUTE", id_of("Journal", 7, journal_id(19)), None, False),
    ]


async def test_csv_has_columns_of_its_own_behind_those_of_a_statement() -> None:
    content = await whole(write_csv(adjustment_heading(), each()))
    assert content.decode().splitlines()[0] == ",".join(ADJUSTMENT_COLUMNS)
    rows = rows_of(content)
    assert [(row["record"], row["kind"]) for row in rows if row["record"] != "header"] == [
        ("line", "accrual.return_available"),
        ("line", "card.capture"),
        ("line", "statement.contest_rejected"),
        ("lines", ""),
        ("reason", "reversal"),
        ("reason", "dispute"),
        ("reason", "late"),
        ("corrections", ""),
    ]
    head = {row["kind"]: row["text"] for row in rows if row["record"] == "header"}
    assert (head["number"], head["adjusts_number"], head["adjusts_hash"]) == (
        "13",
        "11",
        "ab" * 32,
    )
    assert {row["reference"] for row in rows} == {""}
    lines = [row for row in rows if row["record"] == "line"]
    assert [(row["reason"], row["settled_in"], row["is_late"]) for row in lines] == [
        ("reversal", "12", "false"),
        ("late", "12", "true"),
        ("dispute", "", "false"),
    ]
    assert [row["corrects_journal_id"] for row in lines] == [
        id_of("Journal", 7, journal_id(11)),
        "",
        id_of("Journal", 7, journal_id(19)),
    ]


@pytest.mark.parametrize("locale", Spoken)
async def test_all_forms_have_the_same_totals_in_either_language(locale: Spoken) -> None:
    heading = adjustment_heading(locale)
    document = json.loads(await whole(write_json(heading, each())))
    (corrections,) = [
        row
        for row in rows_of(await whole(write_csv(heading, each())))
        if row["record"] == "corrections"
    ]
    workbook = await whole(write_xlsx(heading, each()))
    summary, lines = sheets_of(workbook).values()
    word = heading.say("corrections")
    (shown,) = [row for row in summary if row and row[0] == ("s", word)]
    sides = ("receivable", "payable", "net")
    assert [document["linesTotal"][side]["decimal"] for side in sides] == TOTAL
    assert [corrections[side] for side in sides] == TOTAL
    assert [value for _, value in shown[2:]] == TOTAL
    assert [value for _, value in lines[-1][11:14]] == TOTAL
    assert is_right_to_left(workbook) == [locale is Spoken.AR] * 2
    assert [value for _, value in lines[1][16:]] == [
        heading.say("reason.reversal"),
        id_of("Journal", 7, journal_id(11)),
        heading.say("settled_number", number=12),
    ]
    assert lines[3][-1] == ("s", heading.say("settled_next"))
    (remark,) = [row for row in summary if row and row[0] == ("s", heading.say("settles_nothing"))]
    assert len(remark) == 1


def test_pages_say_in_english_what_is_adjusted_and_where_each_line_is_settled() -> None:
    content = content_of(adjustment_heading(), LINES)
    assert (content["title"], content["reference"]) == ("Adjustment statement 13", "")
    assert content["facts"] == [
        ("Adjusts statement", "11"),
        ("Currency", "SAR"),
        ("Issued at", "Mar 19, 2026, 12:00:00\u202fPM (Asia/Riyadh)"),
        ("After place", "20"),
        ("Up to place", "44"),
        ("Sealed block", "3"),
    ]
    assert [(row["text"], row["net"]) for row in content["summary"]] == [
        ("Reversal", "\u200e-SAR60.00"),
        ("Decision of a dispute", "SAR1.50"),
        ("Late posting", "\u200e-SAR24.50"),
        ("All corrections", "\u200e-SAR83.00"),
    ]
    assert [row["text"] for row in content["lines"]] == [
        "Purchase returned · Reversal · Settled in statement 12",
        "Gift card accepted · Late posting · Settled in statement 12",
        "Dispute rejected · Decision of a dispute · Settled in the next statement",
    ]
    assert content["remark"].startswith("Nothing is paid by this document")


async def test_pages_are_in_arabic_too_and_the_same_bytes_each_time() -> None:
    content = content_of(adjustment_heading(Spoken.AR), LINES)
    assert content["title"] == "كشف تعديل 13"
    assert content["lines"][2]["text"] == "رفض اعتراض · بتّ في اعتراض · يُسوّى في الكشف التالي"
    first = await whole(write_pdf(adjustment_heading(Spoken.AR), each()))
    assert first.startswith(b"%PDF-")
    assert pages_of(first) == 1
    assert await whole(write_pdf(adjustment_heading(Spoken.AR), each())) == first


def test_every_reason_has_words() -> None:
    assert {f"reason.{one.value}" for one in AdjustmentReason} <= WORDING.keys()
