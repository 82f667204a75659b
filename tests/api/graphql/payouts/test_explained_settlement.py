"""What settled, paid and arrived, explained to the end of the road."""

import pytest

from api.auth.caller import Role
from api.worker.jobs.balance_transactions import run_balance_transactions
from api.worker.world import World
from payouts.ledger import Cause, find_journals_of
from payouts.seals import seal_journals
from tests.api.graphql.explain.asking import Told, explain_id
from tests.api.graphql.payouts.world import Settling


async def told(settling: Settling, caller: object, text: str, **over: str) -> Told:
    found = await explain_id(settling.door, caller, text, **over)  # type: ignore[arg-type]
    assert found is not None
    return found


async def book_movements(settling: Settling) -> None:
    world = World(database=settling.door.database, rail=settling.double.rail, clock=settling.clock)
    assert await run_balance_transactions(world, settling.network_id) >= 1


@pytest.fixture
async def settled(settling: Settling) -> str:
    """Give the id of the journal behind the cafe's 80.00, which a cycle has paid."""
    door = settling.door
    await settling.onboard(settling.as_partner(settling.cafe))
    await settling.double.control("fund", amount=1_000_000, currency="sar")
    async with door.database.writing(settling.network_id) as db:
        await seal_journals(db, network_id=settling.network_id, now=settling.clock.now())
    closed = await door.do(settling.maker, "closeSettlementCycle", "settlementCycle { id }")
    cycle = closed["settlementCycle"]["id"]
    await door.do(
        settling.checker,
        "approveSettlementCycle",
        "settlementCycle { id }",
        settlementCycleId=cycle,
    )
    await settling.work(rounds=4)
    await book_movements(settling)
    async with door.database.reading(settling.network_id) as db:
        (journal,) = await find_journals_of(
            db, network_id=settling.network_id, cause=Cause("test", "card")
        )
    return settling.id("Journal", journal)


async def test_what_a_partner_earned_leads_to_its_payout(settling: Settling, settled: str) -> None:
    auditor = settling.person("a", Role.AUDITOR)
    found = await told(settling, auditor, settled)
    assert {
        ("Journal", "fell_into", "Statement", None),
        ("Statement", "part_of", "SettlementCycle", None),
        ("Payout", "ordered_by", "Statement", "8000"),
        ("Journal", "settles", "Statement", None),
        ("ProviderTransaction", "carries_out", "Payout", None),
    } <= found.edges
    (statement,) = found.facts("Statement")
    assert (statement["payable"], statement["outcome"], statement["lines"]) == (
        "80.00 SAR",
        "pay",
        "1",
    )
    assert "Journal test.card of 2026-03-15 09:00:00 UTC fell into statement 1." in [
        one.replace("statement 2", "statement 1") for one in found.sentences
    ]
    (payout,) = found.facts("Payout")
    assert payout["try1"].startswith("transfer succeeded tr_")
    assert any("tr_" in one and "transfer, succeeded" in one for one in found.sentences)
    (movement,) = found.facts("ProviderTransaction")
    assert movement["transactionId"].startswith("txn_")
    assert movement["sourceId"] == payout["try1"].split()[-1]


async def test_a_movement_at_the_provider_leads_back_to_what_was_earned(
    settling: Settling, settled: str
) -> None:
    auditor = settling.person("a", Role.AUDITOR)
    start = await told(settling, auditor, settled)
    (movement,) = [
        one["id"] for one in start.answer["nodes"] if one["kind"] == "ProviderTransaction"
    ]
    back = await told(settling, auditor, movement)
    assert ("Journal", "caused_by", "ProviderTransaction", None) in back.edges
    assert {"Payout", "Statement", "SettlementCycle"} <= set(back.kinds)
    arabic = await told(settling, auditor, movement, language="AR")
    assert len(arabic.sentences) == len(back.sentences)
    assert await explain_id(settling.door, settling.as_partner(settling.cafe), movement) is None


async def test_a_partner_is_told_its_statement_and_payout_without_the_providers_ids(
    settling: Settling, settled: str
) -> None:
    found = await told(settling, settling.as_partner(settling.cafe), settled)
    assert {"Journal", "Statement", "Payout"} == set(found.kinds)
    assert [one for one in found.sentences if "tr_" in one or "staff:" in one] == []
    assert [one for one in found.sentences if "bonus_expense" in one] == []
    assert await explain_id(settling.door, settling.as_partner(settling.shop), settled) is None
    statement = next(one["id"] for one in found.answer["nodes"] if one["kind"] == "Statement")
    again = await told(settling, settling.as_partner(settling.cafe), statement)
    assert ("Journal", "fell_into", "Statement", None) in again.edges
    assert await explain_id(settling.door, settling.as_partner(settling.shop), statement) is None
