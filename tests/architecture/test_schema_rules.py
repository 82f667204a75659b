"""The migrated database keeps the rules of the schema, and each rule sees a planted breach."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.migrate import newest_version
from api.database.registry import TableClass, class_of, metadatas, registered_tables
from api.database.version import expected_version
from tests.architecture.schema_rules import RULES, SCHEMAS, Rule

# Read before a network is known, each by named functions; no money, codes or personal data.
PLATFORM_TABLES = {
    "partners.api_client",
    "partners.brand_key",
    "partners.client_assertion",
    "partners.network",
    "payouts.book",
    "payouts.due",
    "payouts.halt",
    "payouts.provider_cursor",
    "payouts.provider_object",
    "payouts.unplaced_transaction",
    "payouts.webhook_inbox",
}


def classes() -> dict[str, TableClass]:
    return {name: class_of(table) for name, table in registered_tables().items()}


async def breaches(rule: Rule, db: AsyncConnection) -> list[str]:
    return [words async for words in rule(db, classes())]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_the_migrated_database(rule: Rule, superuser: AsyncConnection) -> None:
    assert await breaches(rule, superuser) == []


def test_platform_tables_are_few_and_known() -> None:
    platform = {name for name, own in classes().items() if own is TableClass.PLATFORM}
    assert platform == PLATFORM_TABLES


def test_platform_tables_hold_no_money() -> None:
    tables = registered_tables()
    columns = {column.name for name in PLATFORM_TABLES for column in tables[name].columns}

    assert columns & {"amount", "fee", "net", "minor", "balance", "face", "cost", "total"} == set()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_definitions_and_migrations_say_the_same(superuser: AsyncConnection) -> None:
    assert await superuser.run_sync(_differences) == []


def test_the_newest_migration_is_found_without_alembic() -> None:
    assert expected_version() == newest_version()


# One breach for each rule; the database is this test's own.
PLANTED = {
    "is_registered": "CREATE TABLE catalog.stray (x int PRIMARY KEY)",
    "begins_with_its_key": "CREATE INDEX idempotency_key_by_time ON api.idempotency_key (created_at)",
    "refers_within_its_place": "ALTER TABLE partners.member ADD CONSTRAINT member_network_fk"
    " FOREIGN KEY (network_id) REFERENCES partners.network (network_id)",
    "has_no_triggers": "CREATE TRIGGER busy BEFORE UPDATE ON payouts.due"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "is_walled": "ALTER TABLE partners.member NO FORCE ROW LEVEL SECURITY",
    "is_reached_through_its_table": "GRANT SELECT ON payouts.journal_default TO mizan_app",
    "lets_only_the_auditor_see_all": "CREATE POLICY member_all ON partners.member"
    " FOR SELECT TO mizan_app USING (true)",
    "is_owned_by_nobody_who_serves": "ALTER TABLE partners.member OWNER TO mizan_app",
    "has_safe_definers": "CREATE FUNCTION payouts.open_door() RETURNS int LANGUAGE sql"
    " SECURITY DEFINER AS 'SELECT 1'",
    "keeps_time_and_money_exact": "ALTER TABLE partners.member ADD weight double precision",
    "names_its_constraints": "ALTER TABLE partners.member ADD CONSTRAINT oddly CHECK (true)",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_a_planted_breach_is_seen(rule: Rule, superuser: AsyncConnection) -> None:
    await superuser.execute(text(PLANTED[rule.__name__]))

    assert len(await breaches(rule, superuser)) >= 1


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_a_column_that_no_migration_made_is_a_difference(superuser: AsyncConnection) -> None:
    await superuser.execute(text("ALTER TABLE partners.member ADD extra text"))

    assert len(await superuser.run_sync(_differences)) == 1


def _differences(connection: Connection) -> list[object]:
    # A partition is as its table is.
    partitions = connection.execute(text("SELECT relname FROM pg_class WHERE relispartition"))
    others = {"schema_version", *partitions.scalars()}

    def is_of_a_table(one: Any, _name: str | None, kind: str, *_: object) -> bool:
        targets = {each.target_fullname.split(".")[-2] for each in getattr(one, "elements", ())}
        return kind != "foreign_key_constraint" or not targets & others

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        if kind == "schema":
            return name in SCHEMAS
        return not (kind == "table" and name in others)

    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": is_ours,
            "include_object": is_of_a_table,
            "target_metadata": metadatas(),
        },
    )
    return list(compare_metadata(context, metadatas()))  # type: ignore[arg-type]
