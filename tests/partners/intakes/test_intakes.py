"""A file of purchases is booked line by line, once, whatever its lines say."""

import io
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.purchases import Import, import_purchases
from api.clock import Clock
from api.database.transaction import Database
from partners.intakes import (
    FileUnreadable,
    chunks_of,
    list_refused_lines,
    open_intake,
    read_format,
    read_lines,
)
from tests.conftest import NOW
from tests.graphql_client import TestClock
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.world import Till, open_till

HEADER = "external_id,member_external_id,amount,currency,category,purchased_at\n"
AT = "2026-03-15T08:00:00Z"


def sale(number: int, *, amount: str = "100.00", member: str = "cust-1") -> str:
    return f"r-{number},{member},{amount},SAR,,{AT}\n"


def job(till: Till, path: Path, *, chunk_lines: int = 10) -> Import:
    clock: Clock = TestClock(NOW)
    return Import(till.database, clock, till.network_id, till.partner_id, path, chunk_lines)


async def counts(superuser: AsyncConnection) -> tuple[int, ...]:
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.purchase),"
            " (SELECT count(*) FROM partners.accrual), (SELECT count(*) FROM payouts.journal),"
            " (SELECT count(*) FROM payouts.due), (SELECT count(*) FROM partners.purchase_staging)"
        )
    )
    return tuple(row.one())


async def test_a_file_is_booked_in_chunks_and_the_same_file_again_is_done(
    database: Database,
    superuser: AsyncConnection,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cluster,
    database_name,
) -> None:
    till = await open_till(database)
    path = tmp_path / "march.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(25)))

    assert await import_purchases(job(till, path)) == 0
    assert capsys.readouterr().out == "lines 25, recorded 25, replayed 0, refused 0\n"
    assert await till.wallet() == (0, 25 * 500, 0)
    assert await till.owed() == (0, 25 * 600, 25 * 100)
    assert await counts(superuser) == (25, 25, 25, 25, 0)

    assert await import_purchases(job(till, path)) == 0
    assert capsys.readouterr().out == "lines 25, recorded 25, replayed 0, refused 0\n"
    assert await counts(superuser) == (25, 25, 25, 25, 0)

    path.write_text(HEADER + "".join(sale(n) for n in range(20, 30)))
    assert await import_purchases(job(till, path)) == 0
    assert capsys.readouterr().out == "lines 10, recorded 5, replayed 5, refused 0\n"
    assert await till.wallet() == (0, 30 * 500, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


HOSTILE = [
    ("", "", "1.00", "SAR", "", AT, "InvalidExternalId"),
    ("x" * 256, "cust-1", "1.00", "SAR", "", AT, "InvalidExternalId"),
    ("h-1", "nobody", "1.00", "SAR", "", AT, "MemberNotFound"),
    ("h-2", "", "1.00", "SAR", "", AT, "MemberNotFound"),
    ("h-3", "cust-1", "1e3", "SAR", "", AT, "InvalidAmount"),
    ("h-4", "cust-1", "NaN", "SAR", "", AT, "InvalidAmount"),
    ("h-5", "cust-1", "0.001", "SAR", "", AT, "InvalidAmount"),
    ("h-6", "cust-1", "0", "SAR", "", AT, "AmountNotPositive"),
    ("h-7", "cust-1", "-1.00", "SAR", "", AT, "AmountNotPositive"),
    ("h-8", "cust-1", "9999999999999999", "SAR", "", AT, "AmountOutOfRange"),
    ("h-9", "cust-1", "1.00", "EUR", "", AT, "CurrencyNotAgreed"),
    ("h-10", "cust-1", "1.00", "XXX", "", AT, "UnknownCurrency"),
    ("h-11", "cust-1", "1.00", "SAR", "c" * 65, AT, "InvalidCategory"),
    ("h-12", "cust-1", "1.00", "SAR", "", "2026-03-15", "InstantUnreadable"),
    ("h-13", "cust-1", "1.00", "SAR", "", "2026-03-15T08:00:00", "InstantUnreadable"),
    ("h-14", "cust-1", "1.00", "SAR", "", "0001-01-01T00:00:00+14:00", "InstantUnreadable"),
    ("h-15", "cust-1", "1.00", "SAR", "", "2027-03-15T08:00:00Z", "PurchaseInFuture"),
    ("h-16", "cust-1", "1.00", "SAR", "", "2001-03-15T08:00:00Z", "PurchaseBeforeAgreement"),
    ("h-17", "cust\x00-1", "1.00", "SAR", "", AT, "MemberNotFound"),
    ("h-\x0018", "cust-1", "1.00", "SAR", "", AT, "InvalidExternalId"),
    ("h-19\udcff", "cust-1", "1.00", "SAR", "", AT, "TextUnreadable"),
    ("r-0", "cust-1", "2.00", "SAR", "", AT, "PurchaseConflict"),
]


async def test_bad_lines_are_refused_each_for_its_own_reason_and_hinder_no_other(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    till = await open_till(database)
    path = tmp_path / "hostile.csv"
    lines = [sale(0), *(",".join(one[:6]) + "\n" for one in HOSTILE), "too,few\n", sale(0), sale(1)]
    path.write_text(HEADER + "".join(lines), encoding="utf-8", errors="surrogateescape")
    report = tmp_path / "refused.tsv"

    assert await import_purchases(job(till, path, chunk_lines=7), report=report) == 1

    assert await till.wallet() == (0, 2 * 500, 0)
    assert await counts(superuser) == (2, 2, 2, 2, 0)
    async with database.reading(till.network_id) as db:
        intake = await open_intake_of(superuser)
        refused = await list_refused_lines(
            db, network_id=till.network_id, intake_id=intake, limit=100
        )
    expected = [(number, one[6]) for number, one in enumerate(HOSTILE, start=3)]
    expected.append((len(HOSTILE) + 3, "LineIncomplete"))
    assert [(one.line, one.reason) for one in refused] == expected
    told = [line.split("\t")[:2] for line in report.read_text().splitlines()]
    assert told == [[str(number), reason] for number, reason in expected]
    last = report.read_text().splitlines()[-1].split("\t")
    assert last[2:] == ["''", "The line has more or fewer fields than the header names."]


async def open_intake_of(superuser: AsyncConnection):
    return (await superuser.execute(text("SELECT intake_id FROM partners.intake"))).scalar_one()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The file is empty."),
        ("external_id,amount\n", "The header names"),
        (HEADER.replace("category", "colour"), "The header names"),
        (HEADER.replace("category", "amount"), "The header names"),
        (HEADER + sale(1) + 'r-2,"never closed\n', "unexpected end of data"),
        (HEADER + "x" * 70_000, "longer than 65536"),
        (HEADER + '"a"b,c\n', "expected after"),
    ],
)
async def test_a_file_that_is_no_list_of_purchases_is_refused(
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    reason: str,
) -> None:
    till = await open_till(database)
    path = tmp_path / "bad.csv"
    path.write_text(content)
    assert await import_purchases(job(till, path)) == 2
    assert reason in capsys.readouterr().err


async def test_lines_taken_in_before_are_not_taken_again(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    till = await open_till(database)
    path = tmp_path / "half.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(30)))
    own = job(till, path, chunk_lines=10)
    broken = tmp_path / "broken.csv"
    broken.write_text(HEADER + "".join(sale(n) for n in range(20)) + '"')
    assert await import_purchases(job(till, broken, chunk_lines=10)) == 2
    assert await counts(superuser) == (20, 20, 20, 20, 0)
    assert await import_purchases(own) == 0
    assert await counts(superuser) == (30, 30, 30, 30, 0)


async def test_the_same_file_of_another_partner_is_another_intake(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    digest = "a" * 64
    own = {"network_id": till.network_id, "file_sha256": digest, "actor": "t", "now": NOW}
    async with database.writing(till.network_id) as db:
        first = await open_intake(db, partner_id=till.partner_id, **own)
        again = await open_intake(db, partner_id=till.partner_id, **own)
    assert first == again
    assert (first.recorded, first.lines, first.closed_at) == (0, None, None)


def test_the_same_file_is_always_divided_alike() -> None:
    content = HEADER + '\n"r-1","a\nb",1,SAR,,x\n\nr-2,a,1,SAR,,x\n'
    lines = list(read_lines(io.StringIO(content, newline="")))
    assert [number for number, _ in lines] == [1, 3, 6]
    assert [one.first_line for one in chunks_of(lines[1:], 1)] == [3, 6]


def test_columns_may_come_in_any_order_and_the_category_may_be_missing() -> None:
    layout = read_format(
        ["currency", "amount", "purchased_at", "external_id", "member_external_id"]
    )
    assert layout.text(["SAR", "1", "t", "e", "m"], "external_id") == "e"
    assert layout.text(["SAR", "1", "t", "e", "m"], "category") == ""
    with pytest.raises(FileUnreadable):
        read_format(["currency"])
