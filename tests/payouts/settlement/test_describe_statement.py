from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from payouts.seals import append_block, seal_journals
from payouts.settlement import (
    Moved,
    Outcome,
    Sides,
    Statement,
    StatementAltered,
    StatementDescription,
    StatementNotFound,
    StatementState,
    close_settlement_cycle,
    describe_statement,
    list_cycle_statements,
    post_settlement_cycle,
    publish_payout_policy,
    reissue_settlement_cycle,
    remittance_reference,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, P, Q, is_owed, money, owes


async def close(world: Database) -> list[Statement]:
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def describe(
    world: Database, one: Statement, *, partner_id: UUID | None = None, network_id: int = BOOK
) -> StatementDescription:
    async with world.reading(network_id) as db:
        return await describe_statement(
            db, network_id=network_id, statement_id=one.statement_id, partner_id=partner_id
        )


async def carry_below(world: Database, minimum: int) -> None:
    async with world.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=money(1_000_000),
            minimum=money(minimum),
            actor=CHECKER,
            now=NOW,
        )


async def approve(world: Database, one: Statement) -> None:
    async with world.writing(BOOK) as db:
        await post_settlement_cycle(
            db, network_id=BOOK, cycle_id=one.cycle_id, actor=CHECKER, now=NOW
        )


async def test_a_statement_is_described_by_kind_and_begins_where_the_last_one_ended(
    world: Database,
) -> None:
    await carry_below(world, 500)
    await owes(world, "a", P, 100)
    await is_owed(world, "b", P, 550)
    (first,) = await close(world)
    await approve(world, first)
    await owes(world, "c", P, 600)
    await owes(world, "d", P, 50)
    await is_owed(world, "e", P, 1_746)
    await owes(world, "f", Q, 7)
    second, _ = await close(world)

    described = await describe(world, second)
    assert (described.network_id, described.cycle_number, described.zone) == (
        BOOK,
        2,
        "Asia/Riyadh",
    )
    assert described.kinds == described.moved_kinds
    assert described.kinds == {
        "accrual.confirm": Moved(2, money(650), money(0)),
        "giftcard.capture": Moved(1, money(0), money(1_746)),
    }
    assert list(described.kinds) == ["accrual.confirm", "giftcard.capture"]
    assert described.moved == described.lines == Moved(3, money(650), money(1_746))
    assert described.settled == Moved(0, money(0), money(0))
    assert described.moved.net == money(-1_096)
    assert second.position.opening == Sides(money(100), money(550))
    assert (second.net, second.outcome, second.carried) == (money(-1_546), Outcome.PAY, money(0))
    assert described.to_settle == money(-1_546)
    # Described long after, the first says what it always said.
    carried = await describe(world, first)
    assert (carried.cycle_number, carried.moved.net) == (1, money(-450))
    assert (carried.statement.carried, carried.to_settle) == (money(-450), money(0))


async def test_what_settled_is_told_apart_from_what_moved(world: Database) -> None:
    await owes(world, "a", P, 1_000)
    await is_owed(world, "b", P, 300)
    (first,) = await close(world)
    await approve(world, first)
    await owes(world, "c", P, 20)
    (second,) = await close(world)
    described = await describe(world, second)
    assert second.position.opening == Sides(money(1_000), money(300))
    assert described.kinds == {
        "accrual.confirm": Moved(1, money(20), money(0)),
        "settlement.net": Moved(2, money(-1_000), money(-300)),
    }
    assert described.settled == Moved(2, money(-1_000), money(-300))
    assert described.moved == Moved(1, money(20), money(0))
    assert described.lines == Moved(3, money(-980), money(-300))
    assert described.statement.position.closing == Sides(money(20), money(0))


async def test_versions_have_one_reference_and_an_earlier_one_is_still_described(
    world: Database,
) -> None:
    await owes(world, "a", P, 1_000)
    (first,) = await close(world)
    await owes(world, "b", P, 5)
    async with world.writing(BOOK) as db:
        cycle = await reissue_settlement_cycle(
            db, network_id=BOOK, cycle_id=first.cycle_id, now=NOW
        )
        (second,) = await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)
    told = [await describe(world, one) for one in (first, second)]
    assert [(one.statement.version, one.moved.receivable) for one in told] == [
        (1, money(1_000)),
        (2, money(1_005)),
    ]
    assert told[0].statement.state is StatementState.SUPERSEDED
    assert told[0].reference == told[1].reference


async def test_all_lines_are_counted_by_queries_that_do_not_grow_with_them(
    world: Database,
) -> None:
    asked: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    for number in range(1, 6):
        await owes(world, str(number), P, number)
    await is_owed(world, "x", P, 4)
    await owes(world, "other", Q, 9)
    own, other = await close(world)
    engine = world.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        described, few = await describe(world, own), len(asked)
        asked.clear()
        assert (await describe(world, other)).lines == Moved(1, money(9), money(0))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert described.kinds == {
        "accrual.confirm": Moved(5, money(15), money(0)),
        "giftcard.capture": Moved(1, money(0), money(4)),
    }
    assert len(asked) == few
    assert sum("GROUP BY" in one for one in asked) == 1


async def test_the_block_of_the_cut_is_named_once_there_is_one(
    world: Database, tmp_path: Path
) -> None:
    await owes(world, "a", P, 600)
    (one,) = await close(world)
    assert (await describe(world, one)).block is None
    signer = open_seal_keys(tmp_path).signer()
    for key in ("b", "c"):
        async with world.writing(BOOK) as db:
            await seal_journals(db, network_id=BOOK, now=NOW)
            await append_block(db, network_id=BOOK, signer=signer, now=NOW)
        await owes(world, key, P, 1)
    block = (await describe(world, one)).block
    assert block is not None
    assert (block.block, block.from_seq, block.to_seq, len(block.root)) == (1, 1, 1, 32)


async def test_another_partners_statement_and_another_networks_are_not_found(
    world: Database,
) -> None:
    await owes(world, "a", P, 600)
    (one,) = await close(world)
    assert (await describe(world, one, partner_id=P)).statement == one
    with pytest.raises(StatementNotFound):
        await describe(world, one, partner_id=Q)
    with pytest.raises(StatementNotFound):
        await describe(world, one, network_id=8)


async def test_a_statement_that_its_lines_do_not_come_to_is_not_described(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 600)
    (one,) = await close(world)
    await superuser.execute(text("UPDATE payouts.statement SET receivable = receivable + 1"))
    with pytest.raises(StatementAltered):
        await describe(world, one)
    await superuser.execute(
        text("UPDATE payouts.statement SET receivable = receivable - 1, lines_count = 2")
    )
    with pytest.raises(StatementAltered):
        await describe(world, one)
    await superuser.execute(text("UPDATE payouts.statement SET lines_count = 1"))
    assert (await describe(world, one)).moved == Moved(1, money(600), money(0))


def checked(reference: str) -> int:
    """ISO 7064, mod 97-10, as any bank computes it: 1 is right."""
    moved = reference[4:] + reference[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97


def test_a_reference_is_that_of_iso_11649_and_no_two_statements_share_one() -> None:
    assert remittance_reference(7, 12) == "RF85700000012"
    named = {
        (network_id, number): remittance_reference(network_id, number)
        for network_id in (0, 1, 35, 36, 1_296, 2**63 - 1)
        for number in (1, 2, 10, 99_999_999)
    }
    assert {checked(one) for one in named.values()} == {1}
    assert len(set(named.values())) == len(named)
    assert max(len(one) for one in named.values()) == 25
    with pytest.raises(AssertionError):
        remittance_reference(7, 100_000_000)
