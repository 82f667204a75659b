"""A contested amount is not converted either: the rest is, at the rate of the later version."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.disputes import open_dispute
from payouts.seals import append_block, seal_journals
from payouts.settlement import Outcome, close_settlement_cycle, list_statement_lines
from tests.conftest import NOW
from tests.payouts.audit.world import Signing
from tests.payouts.settlement.converting import (
    approve,
    assert_sound,
    convert,
    converted_lines,
    quote,
    statements,
)
from tests.payouts.settlement.world import BOOK, MAKER, P, Q, money, owes

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


async def test_what_is_contested_is_left_out_of_the_conversion(
    world: Database, superuser: AsyncConnection
) -> None:
    for partner in (P, Q):
        await convert(world, "USD", partner_id=partner)
    await quote(world, "1.25", max_age_seconds=10**6)
    await owes(world, "a", P, 1_000, "EUR")
    await owes(world, "b", P, 500, "EUR")
    await owes(world, "c", Q, 100, "EUR")
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="EUR", actor=MAKER, now=NOW, review_days=1
        )
    first, other = await statements(world, cycle)
    assert first.conversion is not None
    assert first.conversion.amount == money(1_875, "USD")
    await quote(world, "1.5", observed_at=NOW + SECOND, now=NOW + SECOND, max_age_seconds=10**6)
    async with world.writing(BOOK) as db:
        lines = await list_statement_lines(db, network_id=BOOK, of=first, limit=9)
        await open_dispute(
            db,
            network_id=BOOK,
            partner_id=P,
            statement_id=first.statement_id,
            journal_id=lines[1].journal_id,
            line=lines[1].line,
            amount=money(300, "EUR"),
            reason="not ours",
            actor="partner:p",
            now=NOW + SECOND,
        )
    later, same = await statements(world, cycle)
    assert later.conversion is not None
    assert (later.version, later.outcome, later.net, later.conversion.amount) == (
        2,
        Outcome.CONVERTED,
        money(1_200, "EUR"),
        money(1_800, "USD"),
    )
    # The other partner's statement stands, with the rate that it has.
    assert same == other
    await approve(world, cycle, NOW + DAY)
    owed = [line for line in await converted_lines(superuser) if line[0] == "partner_recv"]
    assert sorted(owed) == [
        ("partner_recv", "USD", "0a", 1_800),
        ("partner_recv", "USD", "0b", 125),
    ]
    async with world.writing(BOOK) as db:
        await seal_journals(db, network_id=BOOK, now=NOW + DAY)
        await append_block(db, network_id=BOOK, signer=Signing(), now=NOW + DAY)
    await assert_sound(superuser, NOW + DAY)
