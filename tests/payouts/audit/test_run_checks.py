from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit import run_checks
from tests.conftest import NOW


async def test_all_hold_on_an_empty_database(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=NOW)
    await superuser.execute(text("ROLLBACK"))
    assert [(one.name, one.breaches) for one in results if not one.ok] == []
    assert len(results) == 37
