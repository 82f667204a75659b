import asyncio
import json
import re
from pathlib import Path

import pytest

from api.documents.csv_document import write_csv
from api.documents.json_document import write_json
from api.documents.pdf_document import content_of
from api.documents.xlsx_document import write_xlsx
from api.graphql.languages import Spoken
from api.graphql.nodes import id_of
from payouts.ledger import Cause
from tests.api.documents.test_csv_document import rows_of
from tests.api.documents.workbook import is_right_to_left, part_of, sheets_of
from tests.api.documents.world import (
    LINES,
    RESERVED,
    each,
    heading,
    journal_id,
    movement,
    whole,
)


def digits_of(shown: str) -> str:
    """An amount as it stands on a page, without its currency and what groups its digits."""
    return "".join(re.findall(r"-|\d|(?<=\d)\.(?=\d)", shown))


async def test_the_summary_and_the_lines_are_as_the_statement_says() -> None:
    sheets = sheets_of(await whole(write_xlsx(heading(), each())))
    assert list(sheets) == ["Summary", "Lines"]
    summary, lines = sheets["Summary"], sheets["Lines"]
    assert [[text for _, text in row] for row in summary[:3]] == [
        ["Network", "Souq"],
        ["Partner", "Noor Grocery"],
        ["Statement number", "12"],
    ]
    table = [[text for _, text in row] for row in summary[22:37]]
    assert table == [
        ["Description", "Count", "Owed by the partner", "Owed to the partner", "Net"],
        ["Opening", "", "1500.00", "200.00", "1300.00"],
        ["Settled since", "2", "-1500.00", "-200.00", "-1300.00"],
        ["Cashback confirmed", "2", "360.51", "0.00", "360.51"],
        ["Reversal: Cashback confirmed", "1", "-0.01", "0.00", "-0.01"],
        ["Purchase returned", "1", "-60.00", "0.00", "-60.00"],
        ["Gift card accepted", "1", "0.00", "1746.00", "-1746.00"],
        ["Gift card refunded", "1", "0.00", "-48.50", "48.50"],
        ["All movements", "6", "300.50", "1697.50", "-1397.00"],
        ["of which reserve released", "0", "0.00", "0.00", "0.00"],
        ["Closing", "", "300.50", "1697.50", "-1397.00"],
        ["To be settled", "", "", "", "-1397.00"],
        ["Reserve withheld", "", "", "", "0.00"],
        ["Payment after reserve", "", "", "", "-1397.00"],
        ["Carried forward", "", "", "", "0.00"],
    ]
    assert len(lines) == 1 + len(LINES) + 1
    assert lines[3] == [
        ("s", "11"),
        ("s", "1"),
        ("s", "2026-03-15T11:49:00+03:00"),
        ("s", "2026-03-15T08:49:00+00:00"),
        ("s", "2026-03-15T08:49:01+00:00"),
        ("s", ""),
        ("s", "Cashback confirmed"),
        ("s", "accrual.confirm"),
        ("s", "purchase"),
        ("s", "receipt-11"),
        ("s", id_of("Journal", 7, journal_id(11))),
        ("n", "360.50"),
        ("n", "0.00"),
        ("n", "360.50"),
        ("s", "SAR"),
        ("s", "36050"),
    ]
    assert [row[0][1] for row in lines if row[5] == ("s", "late")] == ["13"]
    assert lines[-1][11:] == [
        ("n", "-1199.50"),
        ("n", "1497.50"),
        ("n", "-2697.00"),
        ("s", "SAR"),
        ("s", "-269700"),
    ]


@pytest.mark.parametrize("locale", Spoken)
async def test_json_csv_and_xlsx_have_the_same_totals(locale: Spoken) -> None:
    one = heading(locale, RESERVED, withheld=14_770)
    document = json.loads(await whole(write_json(one, each(RESERVED))))
    rows = {row["record"]: row for row in rows_of(await whole(write_csv(one, each(RESERVED))))}
    sheets = sheets_of(await whole(write_xlsx(one, each(RESERVED))))
    pages = {row["record"]: row for row in content_of(one, RESERVED)["summary"]}
    summary, lines = sheets.values()
    names = ("receivable", "payable", "net")
    for name, key, at in (
        ("opening", "opening", 23),
        ("settled", "settled", 24),
        ("movements", "movements", 31),
        ("reserve_released", "reserveReleased", 32),
        ("closing", "closing", 33),
    ):
        told = [document[key][one]["decimal"] for one in names]
        assert [rows[name][one] for one in names] == told
        assert [text for _, text in summary[at][2:]] == told
        assert [digits_of(pages[name][one]) for one in names] == told
    told = [document["linesTotal"][one]["decimal"] for one in names]
    assert [text for _, text in lines[-1][11:14]] == [rows["lines"][one] for one in names] == told
    for name, key, at, net in (
        ("to_settle", "toSettle", 34, "-1477.00"),
        ("reserve_withheld", "reserveWithheld", 35, "147.70"),
        ("payment", "payment", 36, "-1329.30"),
        ("carried", "carriedForward", 37, "0.00"),
    ):
        assert (
            document[key]["decimal"],
            rows[name]["net"],
            summary[at][4][1],
            digits_of(pages[name]["net"]),
        ) == (net, net, net, net)


async def test_arabic_sheets_run_from_right_to_left() -> None:
    arabic = await whole(write_xlsx(heading(Spoken.AR), each()))
    assert is_right_to_left(arabic) == [True, True]
    assert list(sheets_of(arabic)) == ["الملخص", "السطور"]
    assert is_right_to_left(await whole(write_xlsx(heading(), each()))) == [False, False]


async def test_sixteen_digits_are_a_text_and_fifteen_an_exact_number() -> None:
    amounts = [999_999_999_999_999, 1_000_000_000_000_001, -999_999_999_999_999]
    lines = [movement(n, "accrual.confirm", one) for n, one in enumerate(amounts, start=11)]
    sheets = sheets_of(await whole(write_xlsx(heading(lines=lines), each(lines))))
    assert [row[11] for row in sheets["Lines"][1:4]] == [
        ("n", "9999999999999.99"),
        ("s", "10000000000000.01"),
        ("n", "-9999999999999.99"),
    ]


async def test_no_text_becomes_a_formula_or_a_link() -> None:
    line = movement(11, "accrual.confirm", 5, cause=Cause("=1+1", "https://example.com/"))
    document = await whole(write_xlsx(heading(lines=[line]), each([line])))
    row = sheets_of(document)["Lines"][1]
    assert row[8:10] == [("s", "=1+1"), ("s", "https://example.com/")]
    assert "<f>" not in part_of(document, "xl/worksheets/sheet2.xml")


@pytest.mark.parametrize("locale", Spoken)
async def test_the_same_statement_is_the_same_bytes(locale: Spoken) -> None:
    first = await whole(write_xlsx(heading(locale), each()))
    await asyncio.sleep(1.1)  # the seconds that a zip or a workbook would note have moved on
    assert await whole(write_xlsx(heading(locale), each())) == first
    assert "2026-03-15T09:00:00Z" in part_of(first, "docProps/core.xml")


async def test_more_lines_than_a_sheet_holds_go_on_on_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.documents.xlsx_document.LINES_PER_SHEET", 4)
    sheets = sheets_of(await whole(write_xlsx(heading(), each())))
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "Summary": 39,
        "Lines": 5,
        "Lines 2": 6,
    }
    assert sheets["Lines 2"][1][0] == ("s", "13")


async def test_nothing_is_left_on_the_disk_when_the_lines_break_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def broken():
        yield LINES[0]
        raise RuntimeError("the lines break off")

    with pytest.raises(RuntimeError, match="break off"):
        await whole(write_xlsx(heading(), broken()))
    assert list(tmp_path.iterdir()) == []
