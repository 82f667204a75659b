"""What one statement is given at once: ids, or rows as arrays, a column each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, TableValuedAlias, Uuid, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from payouts import statement


def any_of(ids: Sequence[UUID]) -> Any:
    """Stand for one of some ids; it is the same statement for any number of them."""
    return any_(literal(list(ids), ARRAY(Uuid)))


def given_rows(table: Table, names: Sequence[str]) -> TableValuedAlias:
    """Stand for rows with some columns of a table."""
    return statement.given_rows({one: table.c[one].type for one in names}, prefix="given_")


def given_values(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Put rows into the arrays that stand for them."""
    kept = list(rows)
    return {f"given_{one}": [row[one] for row in kept] for one in names}
