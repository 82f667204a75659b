"""Lots: each unit of member value knows where it came from, and is used in a fixed order."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.audit.model import invariants
from payouts.ledger import (
    Account,
    BalanceTooLow,
    Cause,
    Draft,
    LedgerFault,
    Line,
    Lot,
    LotPart,
    Posted,
    credit,
    debit,
    list_expired_lots,
    list_lot_uses,
    list_lots_of,
    post_journal,
    post_journals,
    read_lots,
)
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, PARTNER, sar

AVAILABLE = Account("member_available", "m1", "SAR")
PENDING = Account("member_pending", "m1", "SAR")
OTHER = Account("member_available", "m2", "SAR")
FUNDER = f"partner:{UUID(int=9)}"
LOTS_HOLD = [one for one in invariants() if one.name in ("lots_equal_balances", "lot_uses_bounded")]


def after(days: int) -> datetime:
    return NOW + timedelta(days=days)


def draft(key: str, *lines: Line, restores: UUID | None = None) -> Draft:
    return Draft("test", key, Cause("event", key), lines, "test", NOW, restores=restores)


def part(origin: str, minor: int, days: int | None = None, funder: str = FUNDER) -> LotPart:
    return LotPart(
        amount=sar(minor),
        origin=Cause("accrual", origin),
        funder=funder,
        earned_at=after(-1),
        expires_at=None if days is None else after(days),
        lapses_to="funder",
    )


def earned(key: str, *parts: LotPart, account: Account = AVAILABLE) -> Draft:
    total = sum((one.amount for one in parts), start=sar(0))
    return draft(key, debit(PARTNER, total), credit(account, total, parts))


def plain(key: str, minor: int, account: Account = AVAILABLE) -> Draft:
    return draft(key, debit(PARTNER, sar(minor)), credit(account, sar(minor)))


def spent(key: str, minor: int, *parts: LotPart, account: Account = AVAILABLE) -> Draft:
    return draft(key, debit(account, sar(minor), parts), credit(FEES, sar(minor)))


async def post(book: Database, *drafts: Draft) -> list[UUID]:
    async with book.writing(BOOK) as db:
        outcomes = await post_journals(db, network_id=BOOK, drafts=drafts, now=NOW)
    return [one.journal_id for one in outcomes if isinstance(one, Posted)]


async def lots_of(book: Database, account: Account = AVAILABLE) -> list[Lot]:
    async with book.reading(BOOK) as db:
        return await list_lots_of(db, network_id=BOOK, account=account, limit=100)


async def left(book: Database, account: Account = AVAILABLE) -> list[tuple[str, int]]:
    return [(one.origin.id, one.remaining.minor) for one in await lots_of(book, account)]


async def uses(book: Database, *journals: UUID) -> list[int]:
    async with book.reading(BOOK) as db:
        found = await list_lot_uses(db, network_id=BOOK, journal_ids=journals)
    return [one.amount.minor for one in found]


@pytest.fixture(autouse=True)
async def sound(book: Database, superuser: AsyncConnection):  # type: ignore[no-untyped-def]
    """After each test, what is left of lots is what the balances say."""
    yield
    assert len(LOTS_HOLD) == 2
    for one in LOTS_HOLD:
        assert (await superuser.execute(text(one.query))).all() == []


async def test_an_increase_that_names_nothing_is_one_lot_of_its_cause(book: Database) -> None:
    (journal,) = await post(book, plain("a", 100))
    (found,) = await lots_of(book)
    assert found == Lot(
        lot_id=found.lot_id,
        account=AVAILABLE,
        amount=sar(100),
        remaining=sar(100),
        origin=Cause("event", "a"),
        funder="network",
        earned_at=NOW,
        expires_at=None,
        lapses_to="network",
        journal_id=journal,
        from_lot_id=None,
    )
    async with book.reading(BOOK) as db:
        assert await read_lots(db, network_id=BOOK, lot_ids=[found.lot_id, uuid4()]) == {
            found.lot_id: found
        }


async def test_named_parts_become_lots_and_the_rest_one_of_its_own(book: Database) -> None:
    named = (part("x", 60, 30), part("y", 30, 10, "network"))
    await post(book, draft("a", debit(PARTNER, sar(100)), credit(AVAILABLE, sar(100), named)))
    found = await lots_of(book)
    assert [
        (one.origin, one.amount.minor, one.funder, one.earned_at, one.expires_at, one.lapses_to)
        for one in found
    ] == [
        (Cause("accrual", "y"), 30, "network", after(-1), after(10), "funder"),
        (Cause("accrual", "x"), 60, FUNDER, after(-1), after(30), "funder"),
        (Cause("event", "a"), 10, "network", NOW, None, "network"),
    ]


async def test_what_lapses_soonest_is_used_first(book: Database) -> None:
    await post(
        book, plain("never", 10), earned("a", part("late", 20, 30)), earned("b", part("soon", 5, 3))
    )
    (journal,) = await post(book, spent("s", 27))
    assert await left(book) == [("never", 8)]
    assert await uses(book, journal) == [-5, -20, -2]


async def test_named_lots_are_used_first_and_then_the_soonest(book: Database) -> None:
    await post(
        book, earned("a", part("a", 50, 1)), earned("b", part("b", 30, 9), part("c", 30, 20))
    )
    (journal,) = await post(book, spent("s", 45, part("c", 40)))
    # Of c there are only 30; what is missing of it comes out of what lapses soonest.
    assert await uses(book, journal) == [-30, -15]
    assert await left(book) == [("a", 35), ("b", 30)]


async def test_lots_of_another_funder_are_not_meant(book: Database) -> None:
    await post(book, earned("a", part("a", 10, 1)), earned("b", part("a", 10, 2, "network")))
    await post(book, spent("s", 5, part("a", 5, funder="network")))
    assert await left(book) == [("a", 10), ("a", 5)]


async def test_value_keeps_its_terms_when_it_is_carried_over(book: Database) -> None:
    await post(book, earned("a", part("x", 30, 5), part("y", 70, 9), account=PENDING))
    source = await lots_of(book, PENDING)
    (journal,) = await post(
        book,
        draft(
            "confirm",
            debit(PENDING, sar(100), [part("y", 70), part("x", 30)]),
            credit(AVAILABLE, sar(80)),
            credit(Account("member_recv", "m1", "SAR"), sar(20)),
        ),
    )
    found = await lots_of(book)
    assert await lots_of(book, PENDING) == []
    assert [(one.origin.id, one.amount.minor, one.from_lot_id) for one in found] == [
        ("x", 10, source[0].lot_id),
        ("y", 70, source[1].lot_id),
    ]
    for one, before in zip(found, source, strict=True):
        assert (one.earned_at, one.expires_at, one.funder, one.lapses_to, one.journal_id) == (
            before.earned_at,
            before.expires_at,
            FUNDER,
            "funder",
            journal,
        )


async def test_a_transfer_to_another_member_keeps_the_ends(book: Database) -> None:
    await post(book, earned("a", part("x", 30, 5)), plain("b", 30))
    await post(book, draft("t", debit(AVAILABLE, sar(40)), credit(OTHER, sar(40))))
    assert await left(book) == [("b", 20)]
    assert [
        (one.origin.id, one.amount.minor, one.expires_at) for one in await lots_of(book, OTHER)
    ] == [
        ("x", 30, after(5)),
        ("b", 10, None),
    ]


async def test_what_is_added_in_a_transfer_is_a_lot_of_its_own(book: Database) -> None:
    await post(book, earned("a", part("x", 30, 5)))
    lines = (debit(AVAILABLE, sar(30)), debit(PARTNER, sar(5)), credit(OTHER, sar(35)))
    await post(book, draft("t", *lines))
    assert await left(book, OTHER) == [("x", 30), ("t", 5)]


async def test_parts_are_restored_to_the_same_lots_the_last_used_first(book: Database) -> None:
    await post(book, earned("a", part("x", 30, 5)), earned("b", part("y", 50, 9)), plain("c", 20))
    (spend,) = await post(book, spent("s", 90))
    assert await left(book) == [("c", 10)]

    def back(key: str, minor: int) -> Draft:
        lines = (debit(FEES, sar(minor)), credit(AVAILABLE, sar(minor)))
        return draft(key, *lines, restores=spend)

    first, second = await post(book, back("r1", 25), back("r2", 45))
    assert await left(book) == [("x", 10), ("y", 50), ("c", 20)]
    assert await uses(book, first, second) == [10, 15, 35, 10]
    third = await post(book, back("r3", 25))
    # 20 were still to be given back; the rest is new value.
    assert await uses(book, *third) == [20]
    assert await left(book) == [("x", 30), ("y", 50), ("c", 20), ("r3", 5)]


async def test_only_what_a_journal_used_is_restored_by_it(book: Database) -> None:
    await post(book, earned("a", part("x", 30, 5)))
    first, _ = await post(book, spent("s1", 10), spent("s2", 20))
    await post(
        book,
        draft("r", debit(FEES, sar(12)), credit(AVAILABLE, sar(12)), restores=first),
    )
    assert await left(book) == [("x", 10), ("r", 2)]


async def test_a_journal_uses_only_what_came_before_it_in_its_batch(book: Database) -> None:
    journals = await post(
        book,
        earned("a", part("late", 10, 30)),
        spent("s1", 4),
        earned("b", part("soon", 10, 3)),
        plain("c", 5),
        spent("s2", 12),
    )
    assert await uses(book, journals[1], journals[4]) == [-4, -10, -2]
    assert await left(book) == [("late", 4), ("c", 5)]


async def test_refused_journals_and_replays_move_no_lots(book: Database) -> None:
    await post(book, earned("a", part("x", 10, 5)), spent("s", 4))
    async with book.writing(BOOK) as db:
        outcomes = await post_journals(
            db,
            network_id=BOOK,
            drafts=[earned("a", part("x", 10, 5)), spent("t", 7), spent("s", 4), plain("p", 1)],
            now=NOW,
        )
    assert isinstance(outcomes[1], BalanceTooLow)
    assert await left(book) == [("x", 6), ("p", 1)]


async def test_the_same_key_with_other_parts_is_another_request(book: Database) -> None:
    await post(book, earned("a", part("x", 10, 5)))
    with pytest.raises(LedgerFault, match="MZ008"):
        await post(book, earned("a", part("y", 10, 5)))
    assert await left(book) == [("x", 10)]


async def test_consumers_at_once_use_each_unit_once(book: Database) -> None:
    await post(book, *(earned(f"e{day}", part(f"x{day}", 30, day)) for day in range(10)))

    async def attempt(number: int) -> bool:
        try:
            async with book.writing(BOOK) as db:
                await post_journal(db, network_id=BOOK, draft=spent(f"s{number}", 7), now=NOW)
        except BalanceTooLow:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(50)))) == 42
    assert await left(book) == [("x9", 6)]


async def test_a_journal_may_use_more_lots_than_it_may_have_lines(
    book: Database, superuser: AsyncConnection
) -> None:
    await post(book, earned("a", part("a", 1)))
    [own] = await post(book, spent("b", 1))
    beyond = "UPDATE payouts.lot_use SET number = 70000 WHERE journal_id = :own"
    assert (await superuser.execute(text(beyond), {"own": own})).rowcount == 1
    assert await uses(book, own) == [-1]


async def test_lots_past_their_end_are_listed_soonest_first(book: Database) -> None:
    await post(book, earned("a", part("x", 1, 9), part("y", 2, 3), part("z", 3)))
    await post(book, earned("b", part("w", 4, 1), account=PENDING), earned("c", part("v", 1, 2)))
    await post(book, spent("s", 1, part("v", 1)))
    async with book.reading(BOOK) as db:
        for days, expected in ((2, []), (3, ["y"]), (9, ["y", "x"])):
            found = await list_expired_lots(db, network_id=BOOK, at=after(days), limit=9)
            assert [one.origin.id for one in found] == expected
        first = await list_expired_lots(db, network_id=BOOK, at=after(9), limit=1)
        assert [one.origin.id for one in first] == ["y"]


@pytest.mark.parametrize(
    ("account", "lots", "currency"),
    [
        (FEES, [part("x", 1)], "SAR"),
        (AVAILABLE, [part("x", 2)], "SAR"),
        (AVAILABLE, [replace(part("x", 1), amount=Money(1, "EUR"))], "SAR"),
    ],
    ids=["an account without lots", "more than the line", "another unit"],
)
def test_a_line_takes_only_parts_that_can_be(
    account: Account, lots: list[LotPart], currency: str
) -> None:
    with pytest.raises(ValueError, match=r"lots|together|unit"):
        credit(account, Money(1, currency), lots)


@pytest.mark.parametrize(
    "over", [{"amount": sar(0)}, {"funder": "somebody"}, {"lapses_to": "nobody"}]
)
def test_a_part_says_what_it_is_of(over: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"positive|funds|lapse"):
        replace(part("x", 1), **over)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "over",
    [
        {"part_lines": [1]},
        {"part_amounts": [0]},
        {"part_amounts": [11]},
        {"part_amounts": [None]},
    ],
    ids=["line without lots", "nothing", "more than the line", "null"],
)
async def test_the_function_refuses_parts_that_cannot_be(
    book: Database, over: dict[str, Sequence[object]]
) -> None:
    await post(book, plain("before", 1))
    bad, good = earned("a", part("x", 10)), plain("b", 5)
    values = parameters_of([bad, good], ids=[uuid4(), uuid4()], network_id=BOOK, now=NOW)
    async with book.writing(BOOK) as db:
        rows = await db.execute(POST, values | over)
        assert [row.outcome for row in rows] == ["MZ002", "posted"]
    assert await left(book) == [("before", 1), ("b", 5)]


async def test_an_account_with_lots_stands_on_one_side_of_a_journal(book: Database) -> None:
    await post(book, plain("a", 10))
    lines = (debit(AVAILABLE, sar(5)), credit(AVAILABLE, sar(3)), credit(FEES, sar(2)))
    with pytest.raises(LedgerFault, match="MZ002"):
        await post(book, draft("both", *lines))
    assert await left(book) == [("a", 10)]
