from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import MovementSum
from payouts.settlement import (
    ApproverIsMaker,
    CycleState,
    SettlementCycle,
    SettlementCycleNotFound,
    SettlementCycleNotInReview,
    Sides,
    Statement,
    StatementAltered,
    close_settlement_cycle,
    post_settlement_cycle,
)
from payouts.settlement.model import derive_cycle_state, draw_positions
from tests.conftest import NOW
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    R,
    assert_books_balance,
    balance_of,
    is_owed,
    lines_of,
    money,
    owes,
)


async def closed(world: Database) -> SettlementCycle:
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
    world: Database, cycle_id: UUID, actor: str = CHECKER
) -> tuple[SettlementCycle, list[Statement]]:
    async with world.writing(BOOK) as db:
        return await post_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle_id, actor=actor, now=NOW
        )


async def test_approval_posts_netting_and_positions_and_clears_to_zero(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle = await closed(world)
    approved, orders = await approve(world, cycle.cycle_id)
    assert (approved.state, approved.approved_by) == (CycleState.EXECUTING, CHECKER)
    assert [(one.partner_id, one.net.minor) for one in orders] == [(P, -1_146), (Q, 700)]
    short = str(cycle.cycle_id)[-2:]
    assert await lines_of(superuser, "settlement.net") == [
        ("partner_recv", "0a", -600),
        ("partner_payable", "0a", 1_746),
        ("settle_clearing", short, -1_146),
        ("partner_recv", "0b", -700),
        ("settle_clearing", short, 700),
        ("partner_recv", "0c", -40),
        ("partner_payable", "0c", 40),
    ]
    assert await lines_of(superuser, "settlement.position") == [
        ("settle_payable", "0a", -1_146),
        ("settle_clearing", short, 1_146),
        ("settle_recv", "0b", 700),
        ("settle_clearing", short, -700),
    ]
    for type_ in ("partner_recv", "partner_payable", "settle_clearing"):
        assert await balance_of(superuser, type_) == 0
    await assert_books_balance(superuser)


async def test_maker_may_not_approve(world: Database, superuser: AsyncConnection) -> None:
    cycle = await closed(world)
    with pytest.raises(ApproverIsMaker):
        await approve(world, cycle.cycle_id, actor=MAKER)
    assert await lines_of(superuser, "settlement.net") == []
    # The database refuses what the use case would not have written.
    with pytest.raises(DBAPIError, match="settlement_cycle_four_eyes"):
        await superuser.execute(
            text(
                "UPDATE payouts.settlement_cycle SET state = 'executing', approved_by = closed_by,"
                " approved_at = closed_at"
            )
        )


async def test_second_approval_and_unknown_cycle_are_refused(world: Database) -> None:
    cycle = await closed(world)
    await approve(world, cycle.cycle_id)
    with pytest.raises(SettlementCycleNotInReview):
        await approve(world, cycle.cycle_id)
    with pytest.raises(SettlementCycleNotFound):
        await approve(world, P)


async def test_altered_posting_stops_the_approval(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle = await closed(world)
    await superuser.execute(
        text(
            "UPDATE payouts.posting SET amount = amount + 1 WHERE account_id ="
            " (SELECT account_id FROM payouts.account WHERE type = 'partner_recv' LIMIT 1)"
        )
    )
    with pytest.raises(StatementAltered):
        await approve(world, cycle.cycle_id)
    assert await lines_of(superuser, "settlement.net") == []


async def test_next_cycle_does_not_settle_again(world: Database) -> None:
    cycle = await closed(world)
    await approve(world, cycle.cycle_id)
    await owes(world, "late", P, 5)
    async with world.writing(BOOK) as db:
        second = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
    _, orders = await approve(world, second.cycle_id)
    assert [(one.partner_id, one.net.minor) for one in orders] == [(P, 5)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["partner_recv", "partner_payable"]),
            st.integers(0, 5),
            st.integers(-(10**12), 10**12),
            st.integers(-(10**12), 10**12),
        ),
        max_size=40,
        unique_by=lambda one: one[:2],
    ),
    st.dictionaries(
        st.integers(0, 7),
        st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
        max_size=8,
    ),
)
@settings(max_examples=200, deadline=None)
def test_nets_sum_to_the_gross_obligations(
    moved: list[tuple[str, int, int, int]], standing: dict[int, tuple[int, int]]
) -> None:
    sums = [
        MovementSum(kind, str(UUID(int=owner)), money(minor), money(apart), 1)
        for kind, owner, minor, apart in moved
    ]
    openings = {
        UUID(int=owner): Sides(money(owes_), money(owed))
        for owner, (owes_, owed) in standing.items()
    }
    positions = draw_positions(sums, openings, "SAR")
    gross = sum(minor for _, _, minor, _ in moved)
    stood = sum(owes_ - owed for owes_, owed in standing.values())
    assert sum(one.closing.net.minor for one in positions) == gross + stood
    assert sum(one.settled.net.minor for one in positions) == sum(apart for *_, apart in moved)
    assert sum(one.lines_count for one in positions) == len(moved)
    partners = [one.partner_id for one in positions]
    assert len(set(partners)) == len(partners)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], CycleState.SETTLED),
        (["paid", "succeeded"], CycleState.SETTLED),
        (["paid", "processing"], CycleState.EXECUTING),
        (["failed", "submitting"], CycleState.EXECUTING),
        (["paid", "failed"], CycleState.PARTIALLY_SETTLED),
        (["returned"], CycleState.PARTIALLY_SETTLED),
    ],
)
def test_cycle_state_follows_its_orders(states: list[str], expected: CycleState) -> None:
    assert derive_cycle_state(states) is expected
