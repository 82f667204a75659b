"""What the page about the audit schema says is what the views have."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit.model import invariants

PAGE = (Path(__file__).parents[3] / "docs" / "audit.md").read_text("utf-8")
PROMISED = (
    "journal posting balance hold accrual redemption code_delivery settlement_cycle statement"
    " statement_line payout payout_attempt webhook_inbox period seal"
)
EVERYWHERE = {"network_id", "book_id"}


async def views(db: AsyncConnection) -> dict[str, set[str]]:
    rows = await db.execute(
        text(
            "SELECT c.relname, array_agg(a.attname::text) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'audit'"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 GROUP BY c.relname"
        )
    )
    return {name: set(columns) - EVERYWHERE for name, columns in rows}


async def test_every_view_and_column_is_described(superuser: AsyncConnection) -> None:
    found = await views(superuser)
    lines = {
        line.split("`")[1]: set(line.split("`")[3::2])
        for line in PAGE.splitlines()
        if line.startswith("| `") and line.split("`")[1] in found
    }
    missing = {name: columns - lines.get(name, set()) for name, columns in found.items()}
    assert {name: columns for name, columns in missing.items() if columns} == {}
    assert set(PROMISED.split()) <= set(found)


async def test_views_belong_to_the_audit_role_alone(superuser: AsyncConnection) -> None:
    rows = await superuser.execute(
        text(
            "SELECT DISTINCT viewowner, has_table_privilege('mizan_auditor',"
            " 'audit.' || viewname, 'SELECT'), has_table_privilege('mizan_app',"
            " 'audit.' || viewname, 'SELECT') FROM pg_views WHERE schemaname = 'audit'"
        )
    )
    assert [tuple(row) for row in rows] == [("mizan_audit", True, False)]


def test_every_invariant_is_described() -> None:
    assert [one.name for one in invariants() if f"| `{one.name}` | {one.says} |" not in PAGE] == []
