"""Every table and its class: tenant, ledger, reference, platform or local."""

from enum import Enum
from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData, Table

HOUSES = ("payouts", "partners", "catalog")
_ROOT = Path(__file__).resolve().parents[2]


class TableClass(Enum):
    """Where a table's rows live and who may see them."""

    TENANT = "tenant"  # one network's rows; keyed and walled by network_id
    LEDGER = "ledger"  # one book's rows; keyed and walled by book_id
    REFERENCE = "reference"  # small, the same everywhere, changed by migrations alone
    PLATFORM = "platform"  # needed before a network is known; no money, codes or personal data
    LOCAL = "local"  # staging of one node, without policies, never joined across


def metadatas() -> list[MetaData]:
    """Collect the table definitions of every room."""
    modules = [
        import_module(f"{house}.{path.parent.name}.tables")
        for house in HOUSES
        for path in sorted((_ROOT / house).glob("*/tables.py"))
    ]
    modules.append(import_module("api.database.tables"))
    return [module.metadata for module in modules]


def registered_tables() -> dict[str, Table]:
    """Map schema-qualified names to tables."""
    return {table.fullname: table for m in metadatas() for table in m.tables.values()}


def class_of(table: Table) -> TableClass:
    """Tell the class that a table's definition declares."""
    return TableClass(table.info["class"])
