"""Alembic's entry: runs on the connection that `migrate` hands over, as the schema's owner."""

from typing import Any

from alembic import context
from sqlalchemy import text

from api.database.registry import metadatas

VERSION_SCHEMA = "api"


def _include(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "schema" or name in {m.schema for m in metadatas()}


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadatas(),
    include_schemas=True,
    include_name=_include,
    version_table="schema_version",
    version_table_schema=VERSION_SCHEMA,
    transaction_per_migration=False,
)
with context.begin_transaction():
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    connection.execute(text("SET LOCAL statement_timeout = '120s'"))
    connection.execute(text("SET LOCAL ROLE mizan_owner"))
    context.run_migrations()
