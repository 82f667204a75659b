import json
from dataclasses import replace
from typing import Any

import orjson

from api.documents.json_document import write_json
from api.graphql.languages import Spoken
from api.graphql.nodes import id_of
from payouts.settlement import Outcome
from tests.api.documents.world import (
    RESERVED,
    describe,
    each,
    heading,
    journal_id,
    movement,
    whole,
)


def sar(decimal: str) -> dict[str, str]:
    minor = str(int(decimal.replace(".", "")))
    return {"currency": "SAR", "decimal": decimal, "minor": minor}


def sides(receivable: str, payable: str, net: str) -> dict[str, Any]:
    return {"net": sar(net), "payable": sar(payable), "receivable": sar(receivable)}


def moved(count: int, receivable: str, payable: str, net: str) -> dict[str, Any]:
    return {"count": count, **sides(receivable, payable, net)}


async def test_it_says_all_that_the_statement_says() -> None:
    statement = describe().statement
    document = json.loads(await whole(write_json(heading(), each())))
    lines = document.pop("lines")
    assert document == {
        "block": {"number": "3", "root": bytes(range(32)).hex()},
        "carriedBecause": None,
        "carriedForward": sar("0.00"),
        "closing": sides("300.50", "1697.50", "-1397.00"),
        "contentHash": "ab" * 32,
        "conversion": None,
        "currency": "SAR",
        "cut": {"at": "2026-03-15T09:00:00+00:00", "seq": "20"},
        "cutBefore": {"at": "2026-03-14T09:00:00+00:00", "seq": "8"},
        "cycle": 4,
        "format": "mizan-statement",
        "formatVersion": 1,
        "fromSeq": "8",
        "hashedBlock": "2",
        "id": id_of("Statement", 7, statement.statement_id),
        "issuedAt": "2026-03-15T09:00:00+00:00",
        "linesCount": 8,
        "linesTotal": moved(8, "-1199.50", "1497.50", "-2697.00"),
        "movements": moved(6, "300.50", "1697.50", "-1397.00"),
        "movementsByKind": [
            {"kind": "accrual.confirm", **moved(2, "360.51", "0.00", "360.51")},
            {"kind": "accrual.confirm.reversed", **moved(1, "-0.01", "0.00", "-0.01")},
            {"kind": "accrual.return_available", **moved(1, "-60.00", "0.00", "-60.00")},
            {"kind": "card.capture", **moved(1, "0.00", "1746.00", "-1746.00")},
            {"kind": "card.refund", **moved(1, "0.00", "-48.50", "48.50")},
        ],
        "network": {"name": {"ar": "سوق", "en": "Souq"}},
        "number": 12,
        "opening": sides("1500.00", "200.00", "1300.00"),
        "outcome": "PAY",
        "partner": {
            "id": id_of("Partner", 7, statement.partner_id),
            "name": {"ar": "بقالة نور", "en": "Noor Grocery"},
        },
        "payment": sar("-1397.00"),
        "reference": "RF85700000012",
        "reserveReleaseAt": None,
        "reserveReleased": moved(0, "0.00", "0.00", "0.00"),
        "reserveWithheld": sar("0.00"),
        "settled": moved(2, "-1500.00", "-200.00", "-1300.00"),
        "state": "FINAL",
        "toSettle": sar("-1397.00"),
        "valueOn": "2026-03-17",
        "version": 2,
        "zone": "Asia/Riyadh",
    }
    assert [(one["seq"], one["side"], one["amount"]["minor"]) for one in lines] == [
        ("9", "RECEIVABLE", "-150000"),
        ("9", "PAYABLE", "-20000"),
        ("11", "RECEIVABLE", "36050"),
        ("12", "PAYABLE", "174600"),
        ("13", "RECEIVABLE", "-6000"),
        ("14", "RECEIVABLE", "1"),
        ("15", "PAYABLE", "-4850"),
        ("16", "RECEIVABLE", "-1"),
    ]
    assert lines[2] == {
        "amount": sar("360.50"),
        "causeId": "receipt-11",
        "causeKind": "purchase",
        "effectiveAt": "2026-03-15T08:49:00+00:00",
        "isLate": False,
        "journalId": id_of("Journal", 7, journal_id(11)),
        "kind": "accrual.confirm",
        "line": 1,
        "recordedAt": "2026-03-15T08:49:01+00:00",
        "seq": "11",
        "side": "RECEIVABLE",
    }
    assert [one["seq"] for one in lines if one["isLate"]] == ["13"]


async def test_keys_are_in_order_and_the_bytes_are_the_same_in_every_language() -> None:
    english = await whole(write_json(heading(), each()))
    parsed = orjson.loads(english)
    assert orjson.dumps(parsed, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) == english
    assert await whole(write_json(heading(Spoken.AR), each())) == english


async def test_what_is_carried_is_not_settled() -> None:
    carried = heading(outcome=Outcome.CARRIED)
    document = json.loads(await whole(write_json(carried, each())))
    assert (document["carriedForward"], document["toSettle"], document["outcome"]) == (
        sar("-1397.00"),
        sar("0.00"),
        "CARRIED",
    )


async def test_a_reserve_is_held_back_of_the_payment_and_one_that_came_back_is_told() -> None:
    one = heading(lines=RESERVED, withheld=14_770)
    document = json.loads(await whole(write_json(one, each(RESERVED))))
    assert {
        key: document[key]
        for key in (
            "toSettle",
            "reserveWithheld",
            "reserveReleaseAt",
            "payment",
            "reserveReleased",
        )
    } == {
        "toSettle": sar("-1477.00"),
        "reserveWithheld": sar("147.70"),
        "reserveReleaseAt": "2026-04-14T09:00:00+00:00",
        "payment": sar("-1329.30"),
        "reserveReleased": moved(1, "0.00", "80.00", "-80.00"),
    }
    # It is among what moved, and so in the net already.
    assert document["movements"] == moved(7, "300.50", "1777.50", "-1477.00")


async def test_before_the_approval_nobody_knows_what_is_held_back() -> None:
    document = json.loads(await whole(write_json(heading(withheld=None), each())))
    assert {document[key] for key in ("reserveWithheld", "reserveReleaseAt", "payment")} == {None}


async def test_a_statement_without_lines_or_block_is_whole() -> None:
    one = heading(lines=[])
    object.__setattr__(one, "described", replace(one.described, block=None))
    document = json.loads(await whole(write_json(one, each([]))))
    assert (document["lines"], document["block"], document["movements"]) == (
        [],
        None,
        moved(0, "0.00", "0.00", "0.00"),
    )


async def test_many_lines_come_in_chunks() -> None:
    many = [movement(number, "accrual.confirm", 1) for number in range(11, 1_011)]
    chunks = [one async for one in write_json(heading(lines=many), each(many))]
    assert len(chunks) > 5
    assert max(map(len, chunks)) < 40_000
    document = json.loads(b"".join(chunks))
    assert len(document["lines"]) == document["linesCount"] == 1_000
    assert document["movements"]["receivable"] == sar("10.00")
