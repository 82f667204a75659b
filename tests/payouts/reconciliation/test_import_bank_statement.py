"""Bank statements come from outside: what is wrong is refused whole, what is right is kept once."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.reconciliation import (
    BankDocumentRefused,
    DuplicateStatement,
    StatementConflict,
    import_bank_statement,
    match_bank_entries,
    record_provider_transaction,
)
from payouts.reconciliation.camt053_feed import DEPTH_MAX, DOCUMENT_BYTES_MAX, read_camt053
from tests.conftest import NOW
from tests.payouts.reconciliation.camt import balance, document, entry, statement
from tests.payouts.reconciliation.test_record_provider_transaction import movement
from tests.payouts.reconciliation.world import (
    BOOK,
    MAKER,
    counts,
    items,
    opened,
    postings,
    standing,
    topup_ordered,
)

LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
ENTITY = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
GOOD = statement("100.00", "90.00", entry("-10.00", ref="B1"))


async def import_(database: Database, content: bytes | str, now: datetime = NOW) -> list[UUID]:
    async with database.writing(BOOK) as db:
        return await import_bank_statement(
            db, network_id=BOOK, content=content, actor=MAKER, now=now
        )


HOSTILE = {
    "a document type": (document(GOOD, prolog=LAUGHS), "it declares a document type or entities"),
    "an outside entity": (
        document(GOOD, prolog=ENTITY),
        "it declares a document type or entities",
    ),
    "no XML": ("PK\x03\x04 not xml", "it is not well-formed XML"),
    "cut off": (document(GOOD)[:-20], "it is not well-formed XML"),
    "broken text": (b"<Document>\xff\xfe</Document>", "it is not well-formed XML"),
    "another message": (
        document(GOOD).replace("camt.053.001", "camt.054.001"),
        "it is not a camt.053 document",
    ),
    "too deep": (
        document("<a>" * DEPTH_MAX + "</a>" * DEPTH_MAX),
        f"it is nested deeper than {DEPTH_MAX} elements",
    ),
    "no statement": (document(), "it holds 0 statements"),
    "sums that do not add up": (
        document(statement("100.00", "90.01", entry("-10.00"))),
        "its opening balance and entries do not add up to its closing balance",
    ),
    "two currencies": (
        document(statement("100.00", "90.00", entry("-10.00", currency="EUR"))),
        "it mixes currencies: EUR, SAR",
    ),
    "an amount in words": (
        document(statement("100.00", "90.00", entry("ten"))),
        "the amount of entry 1 is malformed",
    ),
    "an amount with an exponent": (
        document(statement("100.00", "90.00", entry("1E1"))),
        "the amount of entry 1 is malformed",
    ),
    "a fraction of a halala": (
        document(statement("100.00", "90.00", entry("10.001"))),
        "the amount of entry 1 is malformed",
    ),
    "no direction": (
        document(GOOD.replace("<CdtDbtInd>DBIT</CdtDbtInd>", "")),
        "entry 1 is neither credit nor debit",
    ),
    "a day that is none": (
        document(GOOD.replace("2026-03-10</Dt></BookgDt>", "2026-02-30</Dt></BookgDt>")),
        "the date of entry 1 is malformed",
    ),
    "no closing balance": (
        document(GOOD.replace(balance("CLBD", "90.00", "2026-03-10"), "")),
        "balance CLBD is missing",
    ),
    "no account": (
        document(GOOD.replace("<IBAN>", "<X>").replace("</IBAN>", "</X>")),
        "the account is missing",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_is_refused_with_its_reason(name: str) -> None:
    content, reason = HOSTILE[name]
    with pytest.raises(BankDocumentRefused) as refused:
        read_camt053(content)
    assert refused.value.facts == {"reason": reason}


def test_document_that_is_too_large_is_refused() -> None:
    with pytest.raises(BankDocumentRefused) as refused:
        read_camt053(b" " * (DOCUMENT_BYTES_MAX + 1))
    assert refused.value.facts == {"reason": "it is larger than 20,000,000 bytes"}


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "13"])
def test_every_version_reads_alike(version: str) -> None:
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version > "07" else "<Sts>BOOK</Sts>"
    line = entry("-10.00", ref="B1", end_to_end="E1", text="TU 1", status=status)
    pending = entry("-5.00", status=status.replace("BOOK", "PDNG"))
    (found,) = read_camt053(document(statement("100.00", "90.00", line, pending), version=version))
    assert (found.opening.minor, found.closing.minor, len(found.entries)) == (10_000, 9_000, 1)
    (one,) = found.entries
    assert (one.amount.minor, one.bank_reference, one.end_to_end_id, one.remittance) == (
        -1_000,
        "B1",
        "E1",
        "TU 1",
    )


async def test_refused_document_leaves_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    bad = statement("90.00", "1.00", ref="STMT-2")
    with pytest.raises(BankDocumentRefused):
        await import_(database, document(GOOD, bad))
    assert set((await counts(superuser)).values()) == {0}


async def test_a_statement_is_taken_in_once(database: Database, superuser: AsyncConnection) -> None:
    await opened(database)
    await import_(database, document(GOOD))
    before = await counts(superuser)
    for again in (document(GOOD), document(GOOD, version="02")):
        with pytest.raises(DuplicateStatement):
            await import_(database, again)
    with pytest.raises(StatementConflict):
        await import_(database, document(statement("100.00", "89.00", entry("-11.00"))))
    assert await counts(superuser) == before
    assert (before["bank_statement"], before["bank_entry"], before["journal"]) == (1, 1, 0)


async def test_two_imports_at_once_take_it_in_once(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    outcomes = await asyncio.gather(
        *(import_(database, document(GOOD)) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["DuplicateStatement"] * 7 + ["list"]
    assert (await counts(superuser))["bank_entry"] == 1


async def test_a_gap_is_an_item_until_the_missing_statement_comes(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await import_(database, document(statement("100.00", "90.00", entry("-10.00", ref="B1"))))
    third = statement("70.00", "75.00", entry("5.00", ref="B3"), ref="STMT-3", day="2026-03-12")
    await import_(database, document(third))
    assert ("statement", "mismatched", "statement_gap", 0) in await items(superuser)
    second = statement("90.00", "70.00", entry("-20.00", ref="B2"), ref="STMT-2", day="2026-03-11")
    await import_(database, document(second))
    assert ("statement", "matched", "statement_gap", 0) in await items(superuser)


async def test_bank_lines_that_name_a_movement_are_matched(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    topup = await topup_ordered(superuser, "tu_abc", minor=5_000)
    async with database.writing(BOOK) as db:
        for one in (movement("topup", 5_000, "tu_abc"), movement("payout", -700, "po_abc")):
            await record_provider_transaction(
                db, network_id=BOOK, transaction=one, actor="test", now=NOW
            )
    lines = (
        entry("-50.00", ref="B1", end_to_end=topup.hex),
        entry("7.00", ref="B2", text="STRIPE po_abc PAYOUT"),
    )
    await import_(database, document(statement("100.00", "57.00", *lines)))
    assert await postings(superuser, "bank.transit") == [
        ("bank_cash", "-", -5_000),
        ("cash_in_transit", "-", 5_000),
        ("bank_cash", "-", 700),
        ("cash_in_transit", "-", -700),
    ]
    assert await standing(database) == {"bank_cash": -4_300, "stripe_balance": 4_300}
    assert {one[1] for one in await items(superuser)} == {"matched"}


async def test_a_line_that_came_before_its_movement_is_matched_when_that_is_known(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await topup_ordered(superuser, "tu_late", minor=5_000)
    line = entry("-50.00", ref="B1", text="tu_late")
    await import_(database, document(statement("100.00", "50.00", line)))
    assert await items(superuser) == [("bank", "unexpected", "no_reference", -5_000)]
    async with database.writing(BOOK) as db:
        await record_provider_transaction(
            db,
            network_id=BOOK,
            transaction=movement("topup", 5_000, "tu_late"),
            actor="test",
            now=NOW,
        )
        assert await match_bank_entries(db, network_id=BOOK, actor="test", now=NOW) == 1
        assert await match_bank_entries(db, network_id=BOOK, actor="test", now=NOW) == 0
    assert await standing(database) == {"bank_cash": -5_000, "stripe_balance": 5_000}


async def test_another_amount_or_a_line_shown_twice_is_never_matched_by_itself(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await topup_ordered(superuser, "tu_one", minor=5_000)
    async with database.writing(BOOK) as db:
        await record_provider_transaction(
            db,
            network_id=BOOK,
            transaction=movement("topup", 5_000, "tu_one"),
            actor="test",
            now=NOW,
        )
    line = entry("-49.00", ref="B1", text="tu_one")
    again = entry("-50.00", ref="B1", text="tu_one")
    await import_(database, document(statement("200.00", "101.00", line, again)))
    found = [one for one in await items(superuser) if one[0] == "bank"]
    assert found == [
        ("bank", "mismatched", "amount_differs", -4_900),
        ("bank", "mismatched", "reference_repeated", -5_000),
    ]
    assert await standing(database) == {"cash_in_transit": -5_000, "stripe_balance": 5_000}
