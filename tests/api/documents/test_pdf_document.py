import asyncio
import json
import re
import struct
import zlib

import pytest

from api.documents.pdf_document import (
    LINES_MAX,
    LayoutBusy,
    LayoutFailed,
    content_of,
    lay_out,
    write_pdf,
)
from api.graphql.languages import Spoken
from payouts.ledger import Cause
from tests.api.documents.world import LINES, RESERVED, each, heading, movement, whole
from tests.conftest import NOW

LONG = [movement(number, "accrual.confirm", 1) for number in range(11, LINES_MAX + 12)]


def pages_of(document: bytes) -> int:
    (count,) = re.findall(rb"/Type/Pages/Count (\d+)", document)
    return int(count)


def unpacked(document: bytes) -> bytes:
    """The streams of a document, one after the other, as far as they can be inflated."""
    found = b""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            found += zlib.decompress(packed)
        except zlib.error:
            continue
    return found


async def test_it_is_a_pdf_of_the_instant_of_the_statement() -> None:
    document = await whole(write_pdf(heading(), each()))
    assert document.startswith(b"%PDF-")
    assert document.rstrip().endswith(b"%%EOF")
    assert pages_of(document) == 1
    assert b"D:20260315090000" in document + unpacked(document)


@pytest.mark.parametrize("locale", Spoken)
async def test_the_same_statement_is_the_same_bytes(locale: Spoken) -> None:
    first = await whole(write_pdf(heading(locale), each()))
    await asyncio.sleep(1.1)  # a clock that was read would have moved on
    assert await whole(write_pdf(heading(locale), each())) == first


async def test_a_language_has_its_own_font_in_the_document() -> None:
    english = await whole(write_pdf(heading(), each()))
    arabic = await whole(write_pdf(heading(Spoken.AR), each()))
    assert b"LibertinusSerif" in english + unpacked(english)
    assert b"NotoNaskhArabic" in arabic + unpacked(arabic)
    assert b"/Lang(ar)" in arabic + unpacked(arabic)
    assert b"/Lang(en)" in english + unpacked(english)


def test_english_content_is_in_english() -> None:
    content = content_of(heading(), LINES)
    assert (content["language"], content["title"], content["partner"]) == (
        "en",
        "Statement 12",
        "Noor Grocery",
    )
    assert ("Issued at", "Mar 15, 2026, 12:00:00\u202fPM (Asia/Riyadh)") in content["facts"]
    assert content["summary"][0] == {
        "record": "opening",
        "text": "Opening",
        "count": "",
        "receivable": "SAR1,500.00",
        "payable": "SAR200.00",
        "net": "SAR1,300.00",
    }
    assert content["summary"][-3]["net"] == "\u200e-SAR1,397.00"
    assert ("Cut", "Mar 15, 2026, 12:00:00\u202fPM · up to place 20") in content["facts"]
    assert ("Cut before", "Mar 14, 2026, 12:00:00\u202fPM · up to place 8") in content["facts"]
    assert ("Value date", "Mar 17, 2026") in content["facts"]
    assert [row["text"] for row in content["lines"][3:6]] == [
        "Gift card accepted",
        "Purchase returned (late)",
        "Cashback confirmed",
    ]
    assert [(row["receivable"], row["payable"]) for row in content["lines"]] == [
        ("\u200e-1,500.00", ""),
        ("", "\u200e-200.00"),
        ("360.50", ""),
        ("", "1,746.00"),
        ("\u200e-60.00", ""),
        ("0.01", ""),
        ("", "\u200e-48.50"),
        ("\u200e-0.01", ""),
    ]
    assert content["page"] == "Page {page} of {pages}"


def test_arabic_content_is_in_arabic_and_a_minus_stays_before_its_number() -> None:
    content = content_of(heading(Spoken.AR), LINES)
    assert (content["language"], content["title"], content["network"]) == (
        "ar",
        "كشف حساب 12",
        "سوق",
    )
    assert [row["text"] for row in content["summary"]] == [
        "الرصيد الافتتاحي",
        "ما سُوّي منذ ذلك",
        "تأكيد الاسترداد النقدي",
        "عكس: تأكيد الاسترداد النقدي",
        "إرجاع مشتريات",
        "قبول بطاقة هدايا",
        "رد إلى بطاقة هدايا",
        "مجموع الحركات",
        "الرصيد الختامي",
        "المطلوب تسويته",
        "المرحّل إلى التالي",
    ]
    assert content["summary"][-3]["net"] == "\u200f\u200e-1,397.00\xa0ر.س.\u200f"
    assert content["lines"][4]["receivable"] == "\u200e-60.00"
    assert content["lines"][2]["time"] == "15\u200f/03\u200f/2026، 11:49:00 ص"


@pytest.mark.parametrize("locale", Spoken)
async def test_a_page_tells_of_reserves_where_there_are_any(locale: Spoken) -> None:
    one = heading(locale, RESERVED, withheld=14_770)
    content = content_of(one, RESERVED)
    plain = content_of(heading(locale), LINES)
    own = {"reserve_released", "reserve_withheld", "payment"}
    assert [row["record"] for row in content["summary"]][-7:] == [
        "movements",
        "reserve_released",
        "closing",
        "to_settle",
        "reserve_withheld",
        "payment",
        "carried",
    ]
    assert {row["record"] for row in content["summary"]} - {
        row["record"] for row in plain["summary"]
    } == own
    until = {
        Spoken.EN: ("Reserve withheld until", "Apr 14, 2026, 12:00:00\u202fPM (Asia/Riyadh)"),
        Spoken.AR: ("الاحتياطي محجوز حتى", "14\u200f/04\u200f/2026، 12:00:00 م (Asia/Riyadh)"),
    }
    assert until[locale] in content["facts"]
    assert len(content["facts"]) == len(plain["facts"]) + 1
    assert pages_of(await whole(write_pdf(one, each(RESERVED)))) == 2


async def test_texts_are_never_read_as_markup() -> None:
    evil = '#panic("run") $x$ *bold* `raw` @label <label> \\ #read("statement.typ")'
    line = movement(11, "accrual.confirm", 5, cause=Cause(evil, evil))
    one = heading(lines=[line])
    object.__setattr__(one, "partner", {"en": evil})
    assert pages_of(await whole(write_pdf(one, each([line])))) == 1


async def test_a_long_statement_has_its_summary_and_says_where_its_lines_are() -> None:
    one = heading(lines=LONG)
    content = content_of(one, [])
    assert content["no_lines"] == (
        f"The {LINES_MAX + 1} lines of this statement are in its CSV, XLSX and JSON documents."
    )
    assert pages_of(await whole(write_pdf(one, each(LONG)))) == 1
    assert content_of(heading(lines=LONG[1:]), LONG[1:])["no_lines"] == ""


async def test_lines_of_several_pages_have_their_head_on_each() -> None:
    lines = LONG[:100]
    assert pages_of(await whole(write_pdf(heading(lines=lines), each(lines)))) == 5


async def test_a_page_can_be_drawn() -> None:
    content = json.dumps(content_of(heading(Spoken.AR), LINES))
    drawn = await lay_out(NOW, content, 1)
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (744, 1052)


async def test_content_that_cannot_be_laid_out_fails_and_the_next_goes_on() -> None:
    with pytest.raises(LayoutFailed, match="does not contain key"):
        await lay_out(NOW, "{}")
    assert pages_of(await whole(write_pdf(heading(), each()))) == 1


async def test_a_layout_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.documents.pdf_document.LAYOUT_SECONDS_MAX", 0.01)
    content = json.dumps(content_of(heading(), LINES))
    with pytest.raises(LayoutFailed, match="no pages after"):
        await lay_out(NOW, content)


async def test_who_waits_too_long_for_others_is_told_and_takes_no_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.documents.pdf_document.WAIT_SECONDS_MAX", 0.01)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow():
        entered.set()
        await leave.wait()
        for line in LINES:
            yield line

    first = asyncio.create_task(whole(write_pdf(heading(), slow())))
    await entered.wait()
    with pytest.raises(LayoutBusy):
        await whole(write_pdf(heading(), each()))
    leave.set()
    assert pages_of(await first) == 1
    assert pages_of(await whole(write_pdf(heading(), each()))) == 1
