"""What one statement is given at once: ids, or rows as arrays, a column each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, TableValuedAlias, Uuid, any_, bindparam, column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY


def any_of(ids: Sequence[UUID]) -> Any:
    """Stand for one of some ids; it is the same statement for any number of them."""
    return any_(literal(list(ids), ARRAY(Uuid)))


def given_rows(table: Table, names: Sequence[str]) -> TableValuedAlias:
    """Stand for rows with some columns of a table."""
    arrays = [bindparam(f"given_{one}", type_=ARRAY(table.c[one].type)) for one in names]
    columns = [column(one, table.c[one].type) for one in names]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")


def given_values(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Put rows into the arrays that stand for them."""
    kept = list(rows)
    return {f"given_{one}": [row[one] for row in kept] for one in names}
