"""Above a limit a cycle takes two approvers, who differ from each other and from its maker."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.audit import run_checks
from payouts.disbursement import approve_settlement_cycle
from payouts.money import CurrencyMismatch, InvalidAmount, Money
from payouts.refusal import Refusal
from payouts.reserves import publish_reserve_policy
from payouts.settlement import (
    AlreadyApproved,
    Approval,
    ApproverIsMaker,
    ContentChanged,
    CycleState,
    SettlementCycle,
    SettlementCycleNotInReview,
    StatementAltered,
    abandon_settlement_cycle,
    close_settlement_cycle,
    count_approvals_needed,
    get_settlement_cycle,
    publish_payout_policy,
    read_payout_policies,
    reissue_settlement_cycle,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    R,
    assert_books_balance,
    is_owed,
    lines_of,
    money,
    owes,
)

OTHER = "staff:other"
MOVED = 1_846
"""What the cycle of these tests pays (1,146) and collects (700) together."""
LATER = NOW + timedelta(hours=1)


async def publish(world: Database, above: Money | None) -> None:
    async with world.writing(BOOK) as db:
        policy = await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=money(10**9),
            minimum=money(1),
            second_approval_above=above,
            actor="staff:operator",
            now=NOW,
        )
        assert await read_payout_policies(db, network_id=BOOK) == {"SAR": policy}


async def closed(world: Database) -> SettlementCycle:
    """P is paid 1,146, Q pays 700, and R's two sides of 40 are set off."""
    await owes(world, "a", P, 600)
    await is_owed(world, "b", P, 1_746)
    await owes(world, "c", Q, 700)
    await owes(world, "d", R, 40)
    await is_owed(world, "e", R, 40)
    async with world.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )


async def approve(
    world: Database, cycle: SettlementCycle, actor: str, result_hash: str | None = None
) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await approve_settlement_cycle(
            db,
            network_id=BOOK,
            cycle_id=cycle.cycle_id,
            actor=actor,
            now=LATER,
            result_hash=result_hash,
        )


async def reissue(world: Database, cycle: SettlementCycle) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await reissue_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, now=LATER
        )


async def standing(world: Database, cycle: SettlementCycle) -> tuple[SettlementCycle, int]:
    """The cycle as it is, and how many have yet to approve it."""
    async with world.reading(BOOK) as db:
        found = await get_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id)
        needed = await count_approvals_needed(db, network_id=BOOK, cycles=[found])
    return found, needed[cycle.cycle_id]


async def booked(superuser: AsyncConnection) -> tuple[int, ...]:
    """How many journals of settlement and of reserves, and how many orders, there are."""
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM payouts.journal WHERE kind LIKE 'settlement.%'),"
            " (SELECT count(*) FROM payouts.journal WHERE kind LIKE 'reserve.%'),"
            " (SELECT count(*) FROM payouts.payout), (SELECT count(*) FROM payouts.collection),"
            " (SELECT count(*) FROM payouts.due)"
        )
    )
    return tuple(row.one())


NOTHING = (0, 0, 0, 0, 0)
ALL = (5, 0, 1, 1, 2)
"""Three nets, two positions, a payout, a debit, and both of them due."""


async def test_above_the_limit_the_first_approval_is_recorded_and_the_second_books(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(MOVED - 1))
    async with world.writing(BOOK) as db:
        await publish_reserve_policy(
            db,
            network_id=BOOK,
            currency="SAR",
            partner_id=None,
            share_bps=1_000,
            hold_days=30,
            actor="staff:operator",
            now=NOW,
        )
    cycle = await closed(world)
    assert await standing(world, cycle) == (cycle, 2)
    first = await approve(world, cycle, CHECKER, cycle.result_hash)
    assert (first.state, first.approvals) == (CycleState.IN_REVIEW, (Approval(CHECKER, LATER),))
    assert (first.approved_by, first.approved_at) == (None, None)
    assert await standing(world, cycle) == (first, 1)
    assert await booked(superuser) == NOTHING
    second = await approve(world, cycle, OTHER, cycle.result_hash)
    assert second.state is CycleState.EXECUTING
    assert second.approvals == (Approval(CHECKER, LATER), Approval(OTHER, LATER))
    assert await standing(world, cycle) == (second, 0)
    # With the reserve of 115 there is a journal that withholds it, and its release is due.
    assert await booked(superuser) == (5, 1, 1, 1, 3)
    orders = await superuser.execute(
        text("SELECT requested_by, approved_by, amount FROM payouts.payout")
    )
    assert [tuple(one) for one in orders] == [(MAKER, OTHER, 1_031)]
    with pytest.raises(SettlementCycleNotInReview):
        await approve(world, cycle, "staff:third")
    await assert_books_balance(superuser)


@pytest.mark.parametrize("above", [money(MOVED), None])
async def test_up_to_the_limit_one_approver_is_enough(
    world: Database, superuser: AsyncConnection, above: Money | None
) -> None:
    await publish(world, above)
    cycle = await closed(world)
    assert await standing(world, cycle) == (cycle, 1)
    approved = await approve(world, cycle, CHECKER)
    assert (approved.state, approved.approvals) == (
        CycleState.EXECUTING,
        (Approval(CHECKER, LATER),),
    )
    assert approved.first_approved_by is None
    assert await standing(world, cycle) == (approved, 0)
    assert await booked(superuser) == ALL


async def test_the_limit_of_another_currency_asks_for_nobody(world: Database) -> None:
    async with world.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=money(0, "EUR"),
            minimum=money(1, "EUR"),
            second_approval_above=money(0, "EUR"),
            actor="staff:operator",
            now=NOW,
        )
    cycle = await closed(world)
    assert (await standing(world, cycle))[1] == 1
    assert (await approve(world, cycle, CHECKER)).state is CycleState.EXECUTING


@pytest.mark.parametrize(
    ("actor", "refusal"), [(CHECKER, AlreadyApproved), (MAKER, ApproverIsMaker)]
)
async def test_neither_the_first_approver_nor_the_maker_is_the_second(
    world: Database, superuser: AsyncConnection, actor: str, refusal: type[Refusal]
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    with pytest.raises(ApproverIsMaker):
        await approve(world, cycle, MAKER)
    assert await standing(world, cycle) == (cycle, 2)
    first = await approve(world, cycle, CHECKER)
    with pytest.raises(refusal):
        await approve(world, cycle, actor)
    assert await standing(world, cycle) == (first, 1)
    assert await booked(superuser) == NOTHING
    assert (await approve(world, cycle, OTHER)).state is CycleState.EXECUTING


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("first_approved_by = closed_by", "settlement_cycle_six_eyes"),
        ("first_approved_by = approved_by", "settlement_cycle_six_eyes"),
        ("approved_by = first_approved_by", "settlement_cycle_six_eyes"),
        ("approved_by = closed_by", "settlement_cycle_four_eyes"),
        ("first_approved_at = NULL", "settlement_cycle_first_approval"),
    ],
)
async def test_the_database_keeps_the_three_apart(
    world: Database, superuser: AsyncConnection, change: str, constraint: str
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    await approve(world, cycle, CHECKER)
    await approve(world, cycle, OTHER)
    with pytest.raises(DBAPIError, match=constraint):
        await superuser.execute(text(f"UPDATE payouts.settlement_cycle SET {change}"))


async def breaches(superuser: AsyncConnection, change: str | None = None) -> list[object]:
    """Whose approvals the auditor names, after a change that is taken back again."""
    await superuser.execute(text("BEGIN"))
    if change:
        await superuser.execute(
            text("ALTER TABLE payouts.settlement_cycle DROP CONSTRAINT settlement_cycle_six_eyes")
        )
        await superuser.execute(text(f"UPDATE payouts.settlement_cycle SET {change}"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=LATER)
    await superuser.execute(text("ROLLBACK"))
    (found,) = [one for one in results if one.name == "maker_differs_from_checker"]
    return [one["kind"] for one in found.breaches]


async def test_the_auditor_names_a_first_approver_who_is_another_of_the_three(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    await approve(world, cycle, CHECKER)
    assert await breaches(superuser) == []
    named = ["settlement cycle"]
    assert await breaches(superuser, "first_approved_by = closed_by") == named
    await approve(world, cycle, OTHER)
    assert await breaches(superuser) == []
    assert await breaches(superuser, "first_approved_by = approved_by") == named


async def test_what_was_issued_anew_needs_both_again(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    first = await approve(world, cycle, CHECKER, cycle.result_hash)
    # Nothing comes out otherwise: what was approved stands, and so does the approval.
    assert await reissue(world, cycle) == first
    assert await standing(world, cycle) == (first, 1)
    await owes(world, "late", P, 5)
    again = await reissue(world, cycle)
    assert (again.version, again.approvals) == (2, ())
    assert await standing(world, cycle) == (again, 2)
    with pytest.raises(ContentChanged):
        await approve(world, cycle, OTHER, cycle.result_hash)
    assert await standing(world, cycle) == (again, 2)
    await approve(world, cycle, OTHER, again.result_hash)
    assert await booked(superuser) == NOTHING
    # Whoever approved the earlier content may be the second of the new one.
    done = await approve(world, cycle, CHECKER, again.result_hash)
    assert (done.state, [one.by for one in done.approvals]) == (
        CycleState.EXECUTING,
        [OTHER, CHECKER],
    )


async def test_an_altered_posting_stops_the_first_approval_too(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    await superuser.execute(
        text(
            "UPDATE payouts.posting SET amount = amount + 1 WHERE account_id ="
            " (SELECT account_id FROM payouts.account WHERE type = 'partner_recv' LIMIT 1)"
        )
    )
    with pytest.raises(StatementAltered):
        await approve(world, cycle, CHECKER)
    assert await standing(world, cycle) == (cycle, 2)


async def test_the_policy_in_force_when_it_is_asked_counts(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle = await closed(world)
    await publish(world, money(0))  # published after the close
    first = await approve(world, cycle, CHECKER)
    await publish(world, None)
    # One is enough now, but what is recorded is the first of two.
    assert await standing(world, cycle) == (first, 1)
    with pytest.raises(AlreadyApproved):
        await approve(world, cycle, CHECKER)
    assert await booked(superuser) == NOTHING
    done = await approve(world, cycle, OTHER)
    assert [one.by for one in done.approvals] == [CHECKER, OTHER]
    assert await booked(superuser) == ALL


async def test_of_two_at_once_one_is_the_first_and_the_other_books(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    made = await asyncio.gather(approve(world, cycle, CHECKER), approve(world, cycle, OTHER))
    assert sorted(one.state for one in made) == [CycleState.EXECUTING, CycleState.IN_REVIEW]
    found, needed = await standing(world, cycle)
    assert (needed, {one.by for one in found.approvals}) == (0, {CHECKER, OTHER})
    assert await booked(superuser) == ALL
    assert len(await lines_of(superuser, "settlement.position")) == 4
    await assert_books_balance(superuser)


async def test_the_same_person_twice_at_once_is_one_approval(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    made = await asyncio.gather(
        approve(world, cycle, CHECKER), approve(world, cycle, CHECKER), return_exceptions=True
    )
    assert sorted(type(one) for one in made if isinstance(one, Exception)) == [AlreadyApproved]
    found, needed = await standing(world, cycle)
    assert (needed, found.approvals) == (1, (Approval(CHECKER, LATER),))
    assert await booked(superuser) == NOTHING


async def test_an_abandoned_cycle_needs_nobody(world: Database) -> None:
    await publish(world, money(0))
    cycle = await closed(world)
    await approve(world, cycle, CHECKER)
    async with world.writing(BOOK) as db:
        await abandon_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id, now=LATER)
    found, needed = await standing(world, cycle)
    assert (found.state, needed) == (CycleState.ABANDONED, 0)
    with pytest.raises(SettlementCycleNotInReview):
        await approve(world, cycle, OTHER)


@pytest.mark.parametrize(
    ("above", "refusal"), [(money(-1), InvalidAmount), (money(1, "EUR"), CurrencyMismatch)]
)
async def test_a_limit_is_not_negative_and_of_the_policys_currency(
    world: Database, superuser: AsyncConnection, above: Money, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await publish(world, above)
    rows = await superuser.execute(text("SELECT count(*) FROM payouts.payout_policy"))
    assert rows.scalar_one() == 0
