"""Many journals at once: the outcome of each is that of posting them one after the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    AccountNotOpen,
    BalanceTooLow,
    Cause,
    Draft,
    LedgerFault,
    PeriodClosed,
    Posted,
    credit,
    debit,
    open_accounts,
    own_account,
    post_journal,
    post_journals,
    read_balances,
    read_journals,
)
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, PARTNER, earned, posted, sar

APRIL = datetime(2026, 4, 2, tzinfo=UTC)


def spent(key: str, minor: int) -> Draft:
    return replace(earned(key), lines=(debit(MEMBER, sar(minor)), credit(FEES, sar(minor))))


def noted(key: str, minor: int) -> Draft:
    """A journal whose lines lock nothing."""
    return replace(earned(key), lines=(debit(PARTNER, sar(minor)), credit(FEES, sar(minor))))


async def post(book: Database, *drafts: Draft, now: datetime = NOW) -> list[Posted | Refusal]:
    async with book.writing(BOOK) as db:
        return await post_journals(db, network_id=BOOK, drafts=drafts, now=now)


async def post_one(book: Database, draft: Draft) -> Posted:
    async with book.writing(BOOK) as db:
        return await post_journal(db, network_id=BOOK, draft=draft, now=NOW)


async def answers(db: AsyncConnection, drafts: Sequence[Draft]) -> list[str]:
    """What the function itself says of each."""
    accounts = {line.account for draft in drafts for line in draft.lines}
    await open_accounts(db, network_id=BOOK, accounts=accounts, now=NOW)
    ids = [new_id(NOW) for _ in drafts]
    rows = await db.execute(POST, parameters_of(drafts, ids=ids, network_id=BOOK, now=NOW))
    return [row.outcome for row in rows]


def told(outcomes: Sequence[Posted | Refusal]) -> list[str]:
    return [
        ("replayed" if one.replayed else "posted")
        if isinstance(one, Posted)
        else type(one).__name__
        for one in outcomes
    ]


async def balance(book: Database, account: Account) -> int:
    async with book.reading(BOOK) as db:
        return (await read_balances(db, network_id=BOOK, accounts=[account]))[account].posted.minor


async def test_nothing_is_posted_of_nothing(book: Database, superuser: AsyncConnection) -> None:
    assert await post(book) == []
    assert await posted(superuser) == (0, 0, 0)


async def test_each_journal_is_answered_in_its_place(
    book: Database, superuser: AsyncConnection
) -> None:
    outcomes = await post(book, earned("a", 300), spent("b", 301), earned("c", 5), spent("d", 305))
    assert told(outcomes) == ["posted", "BalanceTooLow", "posted", "posted"]
    assert await balance(book, MEMBER) == 0
    assert await posted(superuser) == (3, 6, 610)
    async with book.reading(BOOK) as db:
        ids = [one.journal_id for one in outcomes if isinstance(one, Posted)]
        found = await read_journals(db, network_id=BOOK, journal_ids=ids)
    assert [[line.amount.minor for line in found[one].postings] for one in ids] == [
        [300, -300],
        [5, -5],
        [305, -305],
    ]


async def test_what_is_wrong_with_one_changes_nothing_of_the_others(
    book: Database, superuser: AsyncConnection
) -> None:
    frozen, stranger = Account("member_recv", "f", "SAR"), Account("member_recv", "s", "SAR")
    lines = (debit(PARTNER, sar(1)), credit(FEES, sar(1)))
    bad = {
        "MZ002": lines[:1],
        "MZ003": (lines[0], credit(FEES, sar(2))),
        "MZ004": (lines[0], credit(stranger, sar(1))),
        "MZ005": (lines[0], credit(frozen, sar(1))),
        "MZ007": (debit(MEMBER, sar(1)), credit(FEES, sar(1))),
    }
    drafts = [replace(noted(code, 1), lines=own) for code, own in bad.items()]
    mixed = [one for draft in drafts for one in (draft, noted(f"after {draft.key}", 7))]
    async with book.writing(BOOK) as db:
        await answers(db, drafts[:1])
        await open_accounts(db, network_id=BOOK, accounts=[PARTNER, FEES, frozen, MEMBER], now=NOW)
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE owner_id = 'f'")
    )
    async with book.writing(BOOK) as db:
        ids = [new_id(NOW) for _ in mixed]
        rows = await db.execute(POST, parameters_of(mixed, ids=ids, network_id=BOOK, now=NOW))
        found = [row.outcome for row in rows]
    assert found == [one for code in bad for one in (code, "posted")]
    assert (await posted(superuser))[:2] == (5, 10)
    assert await balance(book, PARTNER) == 35


async def test_account_of_another_unit_is_refused_alone(book: Database) -> None:
    async with book.writing(BOOK) as db:
        await answers(db, [noted("a", 1)])
        values = parameters_of(
            [noted("b", 1), noted("c", 1)], ids=[uuid4(), uuid4()], network_id=BOOK, now=NOW
        )
        values["units"] = ["EUR", "EUR", "SAR", "SAR"]
        rows = await db.execute(POST, values)
        assert [row.outcome for row in rows] == ["MZ013", "posted"]


async def test_key_twice_in_a_batch_is_a_replay_or_refused(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        found = await answers(db, [earned("a", 5), earned("a", 5), earned("a", 6), earned("b", 1)])
    assert found == ["posted", "replayed", "MZ008", "posted"]
    assert await posted(superuser) == (2, 4, 6)


async def test_replay_in_a_batch_names_the_first(book: Database) -> None:
    first, second, other = await post(book, earned("a"), earned("a"), earned("b"))
    assert isinstance(first, Posted)
    assert second == replace(first, replayed=True)
    assert await post(book, earned("b"), earned("a")) == [
        replace(other, replayed=True),  # type: ignore[type-var]
        replace(first, replayed=True),
    ]


async def test_a_spend_that_emptied_its_balance_is_answered_again(
    book: Database, superuser: AsyncConnection
) -> None:
    await post_one(book, earned("e", 5))
    first = await post_one(book, spent("s", 5))
    assert await post(book, spent("s", 5)) == [replace(first, replayed=True)]
    assert told(await post(book, spent("s", 5), spent("t", 5))) == ["replayed", "BalanceTooLow"]
    assert await posted(superuser) == (2, 4, 10)


async def test_a_refused_journal_leaves_its_key_to_the_next(book: Database) -> None:
    outcomes = await post(book, spent("s", 5), earned("e", 5), spent("s", 5), spent("s", 5))
    assert told(outcomes) == ["BalanceTooLow", "posted", "posted", "replayed"]
    assert await balance(book, MEMBER) == 0


async def test_defects_raise_and_nothing_stands(book: Database, superuser: AsyncConnection) -> None:
    unbalanced = replace(noted("b", 1), lines=(debit(PARTNER, sar(1)), credit(FEES, sar(2))))
    with pytest.raises(LedgerFault, match="MZ003"):
        await post(book, earned("a"), unbalanced)
    assert await posted(superuser) == (0, 0, 0)


@pytest.mark.parametrize("made", [earned, noted], ids=["balances are locked", "nothing is locked"])
async def test_what_somebody_else_commits_meanwhile_is_found(
    book: Database, superuser: AsyncConnection, made: object
) -> None:
    draft = made("a", 5)  # type: ignore[operator]
    second = asyncio.Event()
    async with book.writing(BOOK) as db:
        await open_accounts(db, network_id=BOOK, accounts=[PARTNER, MEMBER, FEES], now=NOW)
    await post(book, noted("opens the month", 1))

    async def slow() -> Posted:
        async with book.writing(BOOK) as db:
            one = await post_journal(db, network_id=BOOK, draft=draft, now=NOW)
            second.set()
            await asyncio.sleep(0.2)
            return one

    async def fast() -> list[Posted | Refusal]:
        await second.wait()
        return await post(book, noted("x", 1), draft, noted("y", 1))

    first, outcomes = await asyncio.gather(slow(), fast())
    assert told(outcomes) == ["posted", "replayed", "posted"]
    assert outcomes[1] == replace(first, replayed=True)
    assert (await posted(superuser))[:2] == (4, 8)


async def test_other_lines_under_a_key_that_is_taken_meanwhile_are_tried_again(
    book: Database, superuser: AsyncConnection
) -> None:
    second = asyncio.Event()
    other = Account("member_available", "m2", "SAR")
    lines = (debit(PARTNER, sar(5)), credit(other, sar(5)))
    async with book.writing(BOOK) as db:
        await open_accounts(db, network_id=BOOK, accounts=[PARTNER, MEMBER, other], now=NOW)
    await post(book, noted("opens the month", 1))

    async def slow() -> None:
        async with book.writing(BOOK) as db:
            await post_journal(db, network_id=BOOK, draft=earned("a", 5), now=NOW)
            second.set()
            await asyncio.sleep(0.2)

    async def fast() -> None:
        await second.wait()
        await post(book, replace(earned("a"), lines=lines))

    done = await asyncio.gather(slow(), fast(), return_exceptions=True)
    assert done[0] is None
    assert isinstance(done[1], DBAPIError)
    assert done[1].orig.sqlstate == "40001"  # type: ignore[union-attr]
    assert await posted(superuser) == (2, 4, 5)


async def test_crossing_batches_neither_block_nor_lose(
    book: Database, superuser: AsyncConnection
) -> None:
    members = [Account("member_available", f"m{number}", "SAR") for number in range(30)]

    def batch(name: int) -> list[Draft]:
        ordered = members if name % 2 else members[::-1]
        return [
            replace(
                earned(f"{name}:{one.owner_id}"),
                lines=(debit(PARTNER, sar(1)), credit(one, sar(1))),
            )
            for one in ordered
        ]

    outcomes = await asyncio.gather(*(post(book, *batch(name)) for name in range(12)))
    assert {one for batch in outcomes for one in told(batch)} == {"posted"}
    assert await posted(superuser) == (360, 720, 360)


async def test_closed_month_still_answers_replays_and_lands_the_rest_in_the_present(
    book: Database, superuser: AsyncConnection
) -> None:
    first = await post_one(book, earned("a"))
    await superuser.execute(text("UPDATE payouts.period SET status = 'closed'"))
    present = replace(earned("c"), effective_at=APRIL)
    outcomes = await post(book, earned("a"), earned("b"), present, now=APRIL)
    assert told(outcomes) == ["replayed", "posted", "posted"]
    assert outcomes[0] == replace(first, replayed=True)
    ids = [one.journal_id for one in outcomes if isinstance(one, Posted)]
    async with book.reading(BOOK) as db:
        found = await read_journals(db, network_id=BOOK, journal_ids=ids)
    assert [(found[one].period, found[one].origin_period) for one in ids] == [
        ("2026-03", None),
        ("2026-04", "2026-03"),
        ("2026-04", None),
    ]
    assert told(await post(book, earned("a"), earned("d"))) == ["replayed", "PeriodClosed"]


async def test_frozen_account_still_answers_replays(
    book: Database, superuser: AsyncConnection
) -> None:
    await post_one(book, earned("a"))
    await superuser.execute(text("UPDATE payouts.account SET status = 'frozen'"))
    outcomes = await post(book, earned("a"), earned("b"))
    assert told(outcomes) == ["replayed", AccountNotOpen.__name__]


async def test_floors_are_those_of_one_after_the_other(book: Database) -> None:
    drafts = [
        earned("a", 100),
        spent("b", 60),
        spent("c", 60),
        earned("d", 20),
        spent("e", 60),
        spent("f", 1),
    ]
    outcomes = await post(book, *drafts)
    refused = BalanceTooLow.__name__
    assert told(outcomes) == ["posted", "posted", refused, "posted", "posted", refused]
    assert await balance(book, MEMBER) == 0


async def test_a_thousand_at_once_read_no_table_from_end_to_end(
    book: Database, superuser: AsyncConnection
) -> None:
    scans = text(
        "SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables WHERE schemaname = 'payouts'"
    )
    members = [Account("member_available", f"m{number % 300}", "SAR") for number in range(1_000)]
    drafts = [
        replace(
            earned(f"k{number}"),
            lines=(debit(PARTNER, sar(12)), credit(member, sar(10)), credit(FEES, sar(2))),
        )
        for number, member in enumerate(members)
    ]
    async with book.writing(BOOK) as db:
        await open_accounts(db, network_id=BOOK, accounts=[PARTNER, FEES, *members], now=NOW)
        await db.execute(text("SELECT pg_stat_force_next_flush()"))
    before = (await superuser.execute(scans)).scalar_one()
    async with book.writing(BOOK) as db:
        assert await answers_only(db, drafts) == {"posted"}
        await db.execute(text("SELECT pg_stat_force_next_flush()"))
    async with book.writing(BOOK) as db:
        assert await answers_only(db, drafts) == {"replayed"}
        await db.execute(text("SELECT pg_stat_force_next_flush()"))
    assert (await superuser.execute(scans)).scalar_one() == before
    assert await posted(superuser) == (1_000, 3_000, 10_000)
    assert await balance(book, FEES) == 2_000


async def answers_only(db: AsyncConnection, drafts: Sequence[Draft]) -> set[str]:
    ids = [new_id(NOW) for _ in drafts]
    rows = await db.execute(POST, parameters_of(drafts, ids=ids, network_id=BOOK, now=NOW))
    return {row.outcome for row in rows}


async def test_a_journal_of_several_units_balances_in_each(book: Database) -> None:
    dollars, euros = Money(5, "USD"), Money(5, "EUR")
    fx_usd, fx_eur = own_account("fx_position", "USD"), own_account("fx_position", "EUR")
    payable = Account("supplier_payable", "s", "USD")
    position = (debit(fx_usd, dollars), credit(payable, dollars))
    sound = (*position, debit(fx_eur, euros), credit(own_account("capital", "EUR"), euros))
    crossed = (debit(fx_usd, dollars), credit(own_account("capital", "EUR"), euros))
    async with book.writing(BOOK) as db:
        found = await answers(
            db,
            [
                replace(earned("a"), lines=sound, cause=Cause("test", "fx")),
                replace(earned("b"), lines=crossed),
            ],
        )
    assert found == ["posted", "MZ003"]


async def test_present_month_closed_refuses_one_and_not_the_other(
    book: Database, superuser: AsyncConnection
) -> None:
    await post_one(book, earned("a"))
    await superuser.execute(text("UPDATE payouts.period SET status = 'closed'"))
    later = replace(earned("c"), effective_at=APRIL)
    outcomes = await post(book, earned("b"), later)
    assert told(outcomes) == [PeriodClosed.__name__, "posted"]
