import csv
import io

import pytest

from api.documents.csv_document import COLUMNS, escape_cell, write_csv
from api.graphql.languages import Spoken
from api.graphql.nodes import id_of
from payouts.ledger import Cause
from tests.api.documents.world import RESERVED, each, heading, journal_id, movement, whole


def rows_of(document: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document.decode(), newline="")))


def amounts(row: dict[str, str]) -> tuple[str, ...]:
    return row["count"], row["receivable"], row["payable"], row["net"]


async def test_every_line_and_total_is_a_row() -> None:
    document = await whole(write_csv(heading(), each()))
    assert document.startswith(",".join(COLUMNS).encode() + b"\r\n")
    assert document.endswith(b"\r\n")
    rows = rows_of(document)
    records = [row["record"] for row in rows]
    assert records == [
        *["header"] * 21,
        *["opening", "settled"],
        *["line"] * 8,
        "lines",
        *["kind"] * 5,
        *["movements", "reserve_released", "closing"],
        *["to_settle", "reserve_withheld", "payment", "carried"],
    ]
    assert {(row["currency"], row["statement_number"], row["reference"]) for row in rows} == {
        ("SAR", "12", "RF85700000012")
    }
    assert {row["kind"]: row["text"] for row in rows if row["record"] == "header"} == {
        "network": "Souq",
        "partner": "Noor Grocery",
        "number": "12",
        "version": "2",
        "cycle": "4",
        "currency": "SAR",
        "issued_at": "2026-03-15T09:00:00+00:00",
        "cut_at": "2026-03-15T09:00:00+00:00",
        "to_seq": "20",
        "before_at": "2026-03-14T09:00:00+00:00",
        "before_seq": "8",
        "after_seq": "8",
        "zone": "Asia/Riyadh",
        "value_on": "2026-03-17",
        "state": "Final",
        "outcome": "Paid to the partner",
        "reserve_release_at": "",
        "reference": "RF85700000012",
        "content_hash": "ab" * 32,
        "block": "3",
        "root": bytes(range(32)).hex(),
    }
    first = rows[25]
    assert first == {
        "record": "line",
        "kind": "accrual.confirm",
        "text": "Cashback confirmed",
        "seq": "11",
        "line": "1",
        "effective_at": "2026-03-15T08:49:00+00:00",
        "effective_local": "2026-03-15T11:49:00+03:00",
        "recorded_at": "2026-03-15T08:49:01+00:00",
        "is_late": "false",
        "cause_kind": "purchase",
        "cause_id": "receipt-11",
        "journal_id": id_of("Journal", 7, journal_id(11)),
        "count": "1",
        "receivable": "360.50",
        "payable": "0.00",
        "net": "360.50",
        "currency": "SAR",
        "statement_number": "12",
        "reference": "RF85700000012",
    }
    assert [row["seq"] for row in rows if row["is_late"] == "true"] == ["13"]
    totals = {row["record"]: amounts(row) for row in rows if row["record"] not in ("kind", "line")}
    del totals["header"]
    assert totals == {
        "opening": ("", "1500.00", "200.00", "1300.00"),
        "settled": ("2", "-1500.00", "-200.00", "-1300.00"),
        "lines": ("8", "-1199.50", "1497.50", "-2697.00"),
        "movements": ("6", "300.50", "1697.50", "-1397.00"),
        "reserve_released": ("0", "0.00", "0.00", "0.00"),
        "closing": ("", "300.50", "1697.50", "-1397.00"),
        "to_settle": ("", "", "", "-1397.00"),
        "reserve_withheld": ("", "", "", "0.00"),
        "payment": ("", "", "", "-1397.00"),
        "carried": ("", "", "", "0.00"),
    }
    assert {row["kind"]: amounts(row) for row in rows if row["record"] == "kind"} == {
        "accrual.confirm": ("2", "360.51", "0.00", "360.51"),
        "accrual.confirm.reversed": ("1", "-0.01", "0.00", "-0.01"),
        "accrual.return_available": ("1", "-60.00", "0.00", "-60.00"),
        "card.capture": ("1", "0.00", "1746.00", "-1746.00"),
        "card.refund": ("1", "0.00", "-48.50", "48.50"),
    }


async def test_reserves_are_rows_of_their_own_once_they_are_known() -> None:
    one = heading(lines=RESERVED, withheld=14_770)
    rows = rows_of(await whole(write_csv(one, each(RESERVED))))
    totals = {row["record"]: amounts(row) for row in rows}
    assert totals["reserve_released"] == ("1", "0.00", "80.00", "-80.00")
    assert totals["to_settle"] == ("", "", "", "-1477.00")
    assert totals["reserve_withheld"] == ("", "", "", "147.70")
    assert totals["payment"] == ("", "", "", "-1329.30")
    texts = {row["kind"]: row["text"] for row in rows if row["record"] == "header"}
    assert texts["reserve_release_at"] == "2026-04-14T09:00:00+00:00"
    before = rows_of(await whole(write_csv(heading(withheld=None), each())))
    assert {"reserve_withheld", "payment"} & {row["record"] for row in before} == set()


async def test_arabic_is_in_the_texts_alone() -> None:
    english = rows_of(await whole(write_csv(heading(), each())))
    arabic = rows_of(await whole(write_csv(heading(Spoken.AR), each())))
    assert [row["text"] for row in arabic if row["record"] == "line"][2:4] == [
        "تأكيد الاسترداد النقدي",
        "قبول بطاقة هدايا",
    ]
    assert [row["text"] for row in arabic[:2]] == ["سوق", "بقالة نور"]
    for one in (*english, *arabic):
        del one["text"]
    assert arabic == english


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
async def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(sign: str) -> None:
    evil = f'{sign}cmd|" /C calc"!A1'
    line = movement(11, "accrual.confirm", 100, cause=Cause(evil, evil))
    whose = heading(lines=[line])
    object.__setattr__(whose, "partner", {"en": evil})
    rows = rows_of(await whole(write_csv(whose, each([line]))))
    (written,) = [row for row in rows if row["record"] == "line"]
    assert (written["cause_kind"], written["cause_id"]) == (f"'{evil}", f"'{evil}")
    assert rows[1]["text"] == f"'{evil}"
    cells = [cell for row in rows for cell in row.values()]
    dangerous = [one for one in cells if one.startswith(("=", "+", "@", "\t", "\r", "\n"))]
    assert dangerous == []


def test_plain_numbers_stay_numbers() -> None:
    kept = ["-12.50", "+1", "-1", "12", "", "a=b", "'", "RF85", "-0.001"]
    assert [escape_cell(one) for one in kept] == kept
    changed = ["-1e5", "-", "--1", "-1.", "=1", "+1+1", "-1\n", "-١"]
    assert [escape_cell(one) for one in changed] == [f"'{one}" for one in changed]


async def test_the_same_statement_is_the_same_bytes_and_comes_in_chunks() -> None:
    many = [movement(number, "accrual.confirm", 1) for number in range(11, 1_011)]
    documents = []
    for _ in range(2):
        chunks = [one async for one in write_csv(heading(lines=many), each(many))]
        assert len(chunks) > 5
        assert max(map(len, chunks)) < 40_000
        documents.append(b"".join(chunks))
    assert documents[0] == documents[1]
    assert len(rows_of(documents[0])) == 21 + 2 + 1_000 + 1 + 1 + 7
