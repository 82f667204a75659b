"""What netting saves, and how often money would move without it."""

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from api.database.transaction import Database
from payouts.money import Money
from payouts.settlement import (
    Netting,
    Transfer,
    abandon_settlement_cycle,
    close_settlement_cycle,
    publish_payout_policy,
    report_netting,
    settle_bilaterally,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK, MAKER, P, Q, R, is_owed, money, owes


def key(number: int) -> UUID:
    return UUID(int=number)


amounts = st.integers(-(10**12), 10**12)
networks = st.dictionaries(st.integers(1, 60).map(key), amounts.map(money), max_size=40)


@given(networks)
def test_greedy_settles_everybody_in_fewer_transfers_than_parties(
    nets: dict[UUID, Money],
) -> None:
    transfers = settle_bilaterally(nets)
    balance: Counter[UUID | None] = Counter({one: net.minor for one, net in nets.items()})
    balance[None] = -sum(balance.values())
    parties = sum(1 for size in balance.values() if size)
    owed = sum(size for size in balance.values() if size > 0)
    for one in transfers:
        assert one.amount.minor > 0
        assert one.debtor != one.creditor
        balance[one.debtor] -= one.amount.minor
        balance[one.creditor] += one.amount.minor
    assert set(balance.values()) <= {0}
    assert sum(one.amount.minor for one in transfers) == owed
    assert len(transfers) <= max(parties - 1, 0)
    assert len(transfers) <= sum(1 for net in nets.values() if net)


@given(networks)
def test_it_depends_on_nothing_but_the_nets(nets: dict[UUID, Money]) -> None:
    again = dict(reversed(nets.items()))
    assert settle_bilaterally(again) == settle_bilaterally(nets)


def test_the_largest_debtor_pays_the_largest_creditor() -> None:
    nets = {key(1): money(700), key(2): money(300), key(3): money(-600), key(4): money(-100)}
    # Of the 1,000 owed the network gets what partners are not owed.
    assert settle_bilaterally(nets) == [
        Transfer(key(1), key(3), money(600)),
        Transfer(key(2), None, money(300)),
        Transfer(key(1), key(4), money(100)),
    ]
    assert settle_bilaterally({}) == []


async def close(world: Database, currency: str = "SAR") -> UUID:
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=NOW
        )
    return cycle.cycle_id


async def report(world: Database, *cycle_ids: UUID) -> list[Netting]:
    async with world.reading(BOOK) as db:
        found = await report_netting(db, network_id=BOOK, cycle_ids=cycle_ids)
    assert set(found) <= set(cycle_ids)
    return [found[one] for one in cycle_ids if one in found]


async def test_a_cycle_reports_both_sides_and_what_of_them_moves(world: Database) -> None:
    await owes(world, "a", P, 600)
    await is_owed(world, "b", P, 1_746)
    await owes(world, "c", Q, 700)
    await owes(world, "d", R, 40)
    await is_owed(world, "e", R, 40)
    cycle_id = await close(world)
    (found,) = await report(world, cycle_id)
    # 1,146 to P and 700 from Q; R is even. Q pays P, and the network the rest.
    assert found == Netting(
        money(3_126), money(1_846), transfers=2, bilateral_transfers=2, converted=money(0)
    )
    assert found.saved == money(1_280)


async def test_what_is_carried_does_not_move(world: Database) -> None:
    async with world.writing(BOOK) as db:
        await publish_payout_policy(
            db, network_id=BOOK, approval_above=money(0), minimum=money(500), actor="op", now=NOW
        )
    await is_owed(world, "a", P, 499)
    await is_owed(world, "b", Q, 800)
    await is_owed(world, "c", R, 1_239, "KWD")
    assert await report(world, await close(world), await close(world, "KWD")) == [
        Netting(money(1_299), money(800), 1, 1, money(0)),
        Netting(money(1_239, "KWD"), money(1_230, "KWD"), 1, 1, money(0, "KWD")),
    ]


async def test_an_abandoned_cycle_moves_nothing_and_one_that_is_not_says_nothing(
    world: Database,
) -> None:
    await owes(world, "a", P, 600)
    cycle_id = await close(world)
    async with world.writing(BOOK) as db:
        await abandon_settlement_cycle(db, network_id=BOOK, cycle_id=cycle_id, now=NOW)
    assert await report(world, cycle_id, uuid4()) == [Netting(money(0), money(0), 0, 0, money(0))]
