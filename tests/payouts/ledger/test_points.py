"""Points in the books: owed beside money, never on its accounts, and worth what a rate said."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import expire_due_lots
from payouts.audit import run_checks
from payouts.events import (
    EVENTS,
    PointsLines,
    points_confirm,
    points_owe,
    points_pending,
    points_redeem,
    rate_note,
    reversed_lines,
)
from payouts.fx import FxRate, publish_fx_rate
from payouts.ledger import (
    CHART,
    Account,
    BalanceTooLow,
    Cause,
    Draft,
    LedgerFault,
    LotPart,
    Posted,
    credit,
    debit,
    list_lots_of,
    open_accounts,
    own_account,
    place_hold,
    post_journal,
    read_balances,
    read_holds,
    read_journals,
    read_points,
    read_trial_balance,
    resolve_hold,
    total_trial_balance,
)
from payouts.money import POINTS_UNIT, Money, Points, Rounding, UnknownCurrency
from tests.conftest import NOW
from tests.fingerprint import fingerprint
from tests.payouts.ledger.conftest import BOOK

MEMBER, FUNDER = uuid4(), uuid4()
PENDING = Account("member_pending", str(MEMBER), POINTS_UNIT)
AVAILABLE = Account("member_available", str(MEMBER), POINTS_UNIT)
OUTSTANDING = own_account("fx_position", POINTS_UNIT)
PAID = own_account("fx_position", "SAR")
WALLET = Account("member_available", str(MEMBER), "SAR")
OWED = Account("partner_recv", str(FUNDER), "SAR")
TIMED = frozenset({"due_work_is_done", "unsealed_age"})


@dataclass(frozen=True, slots=True)
class Unchecked(Account):
    """An account that nobody asked whether its type takes its unit."""

    def __post_init__(self) -> None:
        pass


def sar(minor: int) -> Money:
    return Money(minor, "SAR")


async def quote(book: Database, value: str = "0.0125") -> FxRate:
    async with book.writing(BOOK) as db:
        return await publish_fx_rate(
            db,
            network_id=BOOK,
            base=POINTS_UNIT,
            quote="SAR",
            value=value,
            source="programme terms",
            observed_at=NOW,
            max_age_seconds=3600,
            now=NOW,
        )


async def post(
    book: Database, kind: str, lines: PointsLines, note: dict[str, Any], **over: Any
) -> Posted:
    draft = Draft(kind, f"{kind}:1", Cause("test", "1"), lines, "test", NOW, note=note)
    async with book.writing(BOOK) as db:
        return await post_journal(db, network_id=BOOK, draft=replace(draft, **over), now=NOW)


async def has(book: Database) -> dict[str, int]:
    money, points = (WALLET, OWED, PAID), (PENDING, AVAILABLE, OUTSTANDING)
    async with book.reading(BOOK) as db:
        found = {
            **await read_balances(db, network_id=BOOK, accounts=money),
            **await read_points(db, network_id=BOOK, accounts=points),
        }
    return {f"{one.type} {one.unit}": balance.posted.minor for one, balance in found.items()}


async def promised(book: Database, points: int = 1_000) -> FxRate:
    """A partner pays for points that a member is promised, with an end."""
    rate = await quote(book)
    owed = rate.worth_of(Points(points), Rounding.HALF_EVEN)
    terms = {"funder_id": FUNDER, "member_id": MEMBER, "points": Points(points), "owed": owed}
    part = LotPart(
        Points(points),
        Cause("test", "earned"),
        f"partner:{FUNDER}",
        NOW,
        NOW + timedelta(days=30),
        "funder",
    )
    lines = tuple(
        line.of_lots((part,)) if line.account == PENDING else line  # type: ignore[arg-type]
        for line in points_pending(**terms)  # type: ignore[arg-type]
    )
    await post(book, "points.pending", lines, rate_note(rate))
    return rate


async def confirmed(book: Database, points: int = 1_000) -> FxRate:
    rate = await promised(book, points)
    await post(book, "points.confirm", points_confirm(member_id=MEMBER, points=Points(points)), {})
    owed = rate.worth_of(Points(points), Rounding.HALF_EVEN)
    await post(book, "points.owe", points_owe(funder_id=FUNDER, owed=owed), {})
    return rate


async def assert_sound(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=NOW + timedelta(minutes=1))
    await superuser.execute(text("ROLLBACK"))
    broken = {one.name: one.breaches for one in results if not one.ok and one.name not in TIMED}
    assert broken == {}


async def test_points_are_earned_spent_and_worth_what_the_rate_said(
    book: Database, superuser: AsyncConnection
) -> None:
    rate = await confirmed(book)
    assert await has(book) == {
        "member_pending POINTS": 0,
        "member_available POINTS": 1_000,
        "fx_position POINTS": 1_000,
        "fx_position SAR": -1_250,
        "partner_recv SAR": 1_250,
        "member_available SAR": 0,
    }
    worth = rate.worth_of(Points(400), Rounding.FLOOR)
    redeemed = points_redeem(member_id=MEMBER, points=Points(400), worth=worth)
    done = await post(book, "points.redeem", redeemed, rate_note(rate))
    spent = {
        "member_pending POINTS": 0,
        "member_available POINTS": 600,
        "fx_position POINTS": 600,
        "fx_position SAR": -750,
        "partner_recv SAR": 1_250,
        "member_available SAR": 500,
    }
    assert await has(book) == spent
    await assert_sound(superuser)
    async with book.reading(BOOK) as db:
        rows = await read_trial_balance(db, network_id=BOOK)
        journal = (await read_journals(db, network_id=BOOK, journal_ids=[done.journal_id]))[
            done.journal_id
        ]
    in_points = [(row.type, row.debit, row.credit) for row in rows if row.is_in_points]
    assert in_points == [
        ("fx_position", Points(1_000), Points(400)),
        ("member_pending", Points(1_000), Points(1_000)),
        ("member_available", Points(400), Points(1_000)),
    ]
    totals = {one.debit.unit: (one.debit, one.credit) for one in total_trial_balance(rows)}
    assert totals["POINTS"] == (Points(2_400), Points(2_400))
    assert totals["SAR"][0] == totals["SAR"][1]
    assert [line.amount for line in journal.postings] == [one.amount for one in redeemed]
    assert journal.note["fx_source"] == "programme terms"
    await post(
        book,
        EVENTS["points.redeem"].reversal,
        reversed_lines(redeemed),
        rate_note(rate),
        reverses=done.journal_id,
        restores=done.journal_id,
    )
    assert await has(book) == spent | {
        "member_available POINTS": 1_000,
        "fx_position POINTS": 1_000,
        "fx_position SAR": -1_250,
        "member_available SAR": 0,
    }
    await assert_sound(superuser)


async def test_a_journal_of_points_and_money_without_its_rate_is_named(
    book: Database, superuser: AsyncConnection
) -> None:
    rate = await confirmed(book)
    redeemed = points_redeem(member_id=MEMBER, points=Points(400), worth=sar(900))
    done = await post(book, "points.redeem", redeemed, rate_note(rate))
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = {one.name: one for one in await run_checks(superuser, now=NOW)}
    await superuser.execute(text("ROLLBACK"))
    found = [one["journal_id"] for one in results["fx_journals_carry_rate"].breaches]
    assert found == [str(done.journal_id)]


async def test_lots_of_points_keep_their_terms_and_the_worker_leaves_them(
    book: Database, superuser: AsyncConnection
) -> None:
    await confirmed(book)
    async with book.reading(BOOK) as db:
        (lot,) = await list_lots_of(db, network_id=BOOK, account=AVAILABLE, limit=9)
    assert (lot.amount, lot.remaining, lot.funder, lot.lapses_to) == (
        Points(1_000),
        Points(1_000),
        f"partner:{FUNDER}",
        "funder",
    )
    before = await fingerprint(superuser)
    async with book.writing(BOOK) as db:
        later = NOW + timedelta(days=60)
        assert await expire_due_lots(db, network_id=BOOK, limit=9, now=later) == 0
    assert await fingerprint(superuser) == before


async def test_points_are_held_and_captured_as_points(
    book: Database, superuser: AsyncConnection
) -> None:
    await confirmed(book)
    terms: dict[str, Any] = {"network_id": BOOK, "key": "h1", "now": NOW}
    placing = terms | {"account": AVAILABLE, "cause": Cause("test", "h1"), "expires_at": None}
    async with book.writing(BOOK) as db:
        with pytest.raises(ValueError, match="what is held is in its account's unit"):
            await place_hold(db, amount=sar(700), **placing)
        held = await place_hold(db, amount=Points(700), **placing)
        await resolve_hold(
            db, hold_id=held.hold_id, kind="captured", amount=Points(200), **(terms | {"key": "c"})
        )
    async with book.reading(BOOK) as db:
        (hold,) = (await read_holds(db, network_id=BOOK, hold_ids=[held.hold_id])).values()
        balance = (await read_points(db, network_id=BOOK, accounts=[AVAILABLE]))[AVAILABLE]
    assert (hold.amount, hold.captured, hold.remaining) == (Points(700), Points(200), Points(500))
    assert (balance.posted, balance.held, balance.available) == (
        Points(1_000),
        Points(500),
        Points(500),
    )
    before = await fingerprint(superuser)
    redeemed = points_redeem(member_id=MEMBER, points=Points(501), worth=sar(626))
    with pytest.raises(BalanceTooLow):
        await post(book, "points.redeem", redeemed, {})
    assert await fingerprint(superuser) == before
    await assert_sound(superuser)


def test_accounts_of_money_cannot_be_named_in_points() -> None:
    takes = {"member_pending", "member_available", "fx_position"}
    for kind in CHART:
        if kind in takes:
            assert Account(kind, "x", POINTS_UNIT).is_in_points
        else:
            with pytest.raises(ValueError, match=f"{kind} takes no POINTS"):
                Account(kind, "x", POINTS_UNIT)
        assert not Account(kind, "x", "SAR").is_in_points
    with pytest.raises(UnknownCurrency):
        Account("gift_card", "x", "SAR:card")
    with pytest.raises(ValueError, match="a line's amount is in its account's unit"):
        debit(AVAILABLE, sar(5))
    with pytest.raises(ValueError, match="a line's amount is in its account's unit"):
        debit(WALLET, Points(5))
    part = LotPart(sar(5), Cause("test", "1"))
    with pytest.raises(ValueError, match="a part's amount is in its line's unit"):
        credit(AVAILABLE, Points(5), [part])  # type: ignore[list-item]


async def test_the_database_refuses_points_on_accounts_of_money(
    book: Database, superuser: AsyncConnection
) -> None:
    kinds = sorted(set(CHART) - {"member_pending", "member_available", "fx_position"})
    accounts = {kind: Unchecked(kind, "x", POINTS_UNIT) for kind in kinds}
    async with book.writing(BOOK) as db:
        await open_accounts(db, network_id=BOOK, accounts=[*accounts.values(), PENDING], now=NOW)
    before = await fingerprint(superuser)
    for kind, account in accounts.items():
        with pytest.raises(LedgerFault) as caught:
            await post(book, "test", (debit(account, Points(5)), credit(PENDING, Points(5))), {})
        assert (kind, caught.value.sqlstate) == (kind, "MZ013")
        if CHART[kind].mode == "sync":
            with pytest.raises(LedgerFault) as caught:
                await hold(book, account)
            assert (kind, caught.value.sqlstate) == (kind, "MZ013")
    assert await fingerprint(superuser) == before


async def hold(book: Database, account: Account) -> None:
    async with book.writing(BOOK) as db:
        await place_hold(
            db,
            network_id=BOOK,
            account=account,
            amount=Points(5),
            key="h",
            cause=Cause("test", "h"),
            expires_at=None,
            now=NOW,
        )


async def test_an_account_cannot_say_that_points_are_a_currency(
    book: Database, superuser: AsyncConnection
) -> None:
    before = await fingerprint(superuser)
    lie = (
        "INSERT INTO payouts.account (book_id, account_id, network_id, type, unit, owner_kind,"
        " owner_id, created_at, unit_kind) VALUES (7, gen_random_uuid(), 7, 'bank_cash', '{}',"
        " 'platform', '-', now(), '{}')"
    )
    for unit, kind in (("POINTS", "currency"), ("SAR", "points"), ("XYZ", "currency")):
        with pytest.raises(DBAPIError, match="account_unit_kind_fkey"):
            async with book.writing(BOOK) as db:
                await db.execute(text(lie.format(unit, kind)))
    assert await fingerprint(superuser) == before


async def test_balances_of_points_are_not_read_as_money(book: Database) -> None:
    await confirmed(book)
    async with book.reading(BOOK) as db:
        with pytest.raises(UnknownCurrency):
            await read_balances(db, network_id=BOOK, accounts=[AVAILABLE])
        with pytest.raises(AssertionError):
            await read_points(db, network_id=BOOK, accounts=[WALLET])
