"""A statement that no database made, with a line of every sort, for tests of its documents."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from api.documents.heading import Heading
from api.graphql.languages import Spoken
from payouts.ledger import Cause, Cut, Movement, Stretch
from payouts.money import Money
from payouts.reserves import ReserveDescription
from payouts.seals import Block
from payouts.settlement import (
    Moved,
    Outcome,
    Position,
    Sides,
    Statement,
    StatementDescription,
    StatementState,
)
from tests.conftest import NOW

NETWORK = {"en": "Souq", "ar": "سوق"}
PARTNER = {"en": "Noor Grocery", "ar": "بقالة نور"}
NETWORK_ID = 7


def money(minor: int, currency: str = "SAR") -> Money:
    return Money(minor, currency)


def journal_id(number: int) -> UUID:
    return UUID(f"018f0000-0000-7000-8000-{number:012d}")


def movement(
    seq: int,
    kind: str,
    receivable: int = 0,
    payable: int = 0,
    *,
    line: int = 1,
    at: datetime | None = None,
    cause: Cause | None = None,
) -> Movement:
    at = at or NOW - timedelta(minutes=seq)
    return Movement(
        seq=seq,
        line=line,
        journal_id=journal_id(seq),
        kind=kind,
        cause=cause or Cause("purchase", f"receipt-{seq}"),
        effective_at=at,
        recorded_at=at + timedelta(seconds=1),
        type="partner_payable" if payable else "partner_recv",
        amount=money(-payable if payable else receivable),
    )


LINES = (
    movement(9, "settlement.net", -150_000),
    movement(9, "settlement.net", payable=-20_000, line=2),
    movement(11, "accrual.confirm", 36_050),
    movement(12, "card.capture", payable=174_600),
    movement(13, "accrual.return_available", -6_000, at=NOW - timedelta(days=2)),
    movement(14, "accrual.confirm", 1),
    movement(15, "card.refund", payable=-4_850),
    movement(16, "accrual.confirm.reversed", -1),
)
"""What stood is settled; then 300.50 came to be owed and 1,697.50 to be due: -1,397.00 net."""


RESERVED = (*LINES, movement(17, "reserve.carry", payable=8_000, cause=Cause("reserve", "one")))
"""The same, and 80.00 of an earlier reserve came back: -1,477.00 net."""


def describe(lines: Sequence[Movement] = LINES, **changes: Any) -> StatementDescription:
    """Describe a statement made of some lines, opened with 1,500.00 owed and 200.00 due."""
    nothing = Moved(0, money(0), money(0))
    kinds: dict[str, Moved] = {}
    for line in lines:
        kinds[line.kind] = kinds.get(line.kind, nothing).with_line(line)
    settled = kinds.get("settlement.net", nothing).sides
    moved = [one.sides for kind, one in kinds.items() if kind != "settlement.net"]
    statement = Statement(
        statement_id=UUID("018f0000-0000-7000-8000-00000000005a"),
        cycle_id=UUID("018f0000-0000-7000-8000-00000000005c"),
        number=12,
        version=2,
        position=Position(
            partner_id=UUID("018f0000-0000-7000-8000-00000000005b"),
            currency="SAR",
            opening=Sides(money(150_000), money(20_000)),
            settled=settled,
            moved=sum(moved, start=Sides.zero("SAR")),
            lines_count=len(lines),
        ),
        stretch=Stretch(Cut(NOW, 20), Cut(NOW - timedelta(days=1), 8), 8),
        block=2,
        outcome=Outcome.PAY,
        remainder=money(0),
        content_hash="ab" * 32,
        state=StatementState.FINAL,
        issued_at=NOW,
    )
    return StatementDescription(
        network_id=NETWORK_ID,
        statement=replace(statement, **changes),
        cycle_number=4,
        value_on=date(2026, 3, 17),
        zone="Asia/Riyadh",
        kinds=dict(sorted(kinds.items())),
        block=Block(NETWORK_ID, 3, 1, 1, 40, bytes(range(32)), bytes(32), NOW),
    )


def heading(
    locale: Spoken = Spoken.EN,
    lines: Sequence[Movement] = LINES,
    *,
    withheld: int | None = 0,
    **changes: Any,
) -> Heading:
    """With what is held back of its payment for 30 days; None when that is not known yet."""
    described = describe(lines, **changes)
    nothing = Moved(0, money(0), money(0))
    held = ReserveDescription(
        released=described.kinds.get("reserve.carry", nothing),
        withheld=None if withheld is None else money(withheld),
        release_at=NOW + timedelta(days=30) if withheld else None,
        payment=None if withheld is None else described.to_settle + money(withheld),
    )
    return Heading(described, NETWORK, PARTNER, locale, held)


async def each(lines: Sequence[Movement] = LINES) -> AsyncIterator[Movement]:
    for line in lines:
        yield line


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
