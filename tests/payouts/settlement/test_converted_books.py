"""`mizan check` names a converted statement that says something else than what was booked."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.audit import run_checks
from tests.conftest import NOW
from tests.payouts.settlement.converting import approve, assert_sound, close, convert, quote
from tests.payouts.settlement.world import P, Q, is_owed, owes


@pytest.mark.parametrize(
    ("change", "rows", "also"),
    [
        (
            "UPDATE payouts.statement SET converted_amount = converted_amount + 1 WHERE number = 1",
            2,
            [],
        ),
        ("UPDATE payouts.statement SET converted_currency = 'JPY' WHERE number = 1", 2, []),
        ("UPDATE payouts.statement SET fx_rate_id = gen_random_uuid() WHERE number = 1", 4, []),
        (
            "UPDATE payouts.statement SET outcome = 'netted', fx_rate_id = NULL,"
            " converted_amount = NULL, converted_currency = NULL WHERE number = 1",
            2,
            [],
        ),
        (
            "UPDATE payouts.journal SET kind = 'other' WHERE kind = 'settlement.convert'"
            " AND note ->> 'statement' = '1'",
            2,
            [],
        ),
        (
            "UPDATE payouts.journal SET note = note || '{\"statement\": 2}'"
            " WHERE kind = 'settlement.convert' AND note ->> 'statement' = '1'",
            4,
            [],
        ),
        (
            "UPDATE payouts.journal SET note = note - 'fx_rate_id'"
            " WHERE kind = 'settlement.convert' AND note ->> 'statement' = '1'",
            4,
            ["fx_journals_carry_rate"],
        ),
    ],
)
async def test_a_conversion_that_is_not_what_was_booked_is_named(
    world: Database, superuser: AsyncConnection, change: str, rows: int, also: list[str]
) -> None:
    for partner in (P, Q):
        await convert(world, "USD", partner_id=partner)
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    await owes(world, "b", Q, 800, "EUR")
    await approve(world, await close(world))
    await assert_sound(superuser)
    await superuser.execute(text("BEGIN"))
    assert (await superuser.execute(text(change))).rowcount == 1
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = {one.name: one for one in await run_checks(superuser, now=NOW)}
    await superuser.execute(text("ROLLBACK"))
    broken = [name for name, one in results.items() if not one.ok]
    assert broken == [*also, "statement_is_converted"]
    assert len(results["statement_is_converted"].breaches) == rows
