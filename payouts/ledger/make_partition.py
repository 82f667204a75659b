"""Partitions of journals and postings, a month each, made before the month begins."""

from datetime import date
from enum import StrEnum
from typing import Literal

from sqlalchemy import Date, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

PartitionedTable = Literal["journal", "posting"]
PARTITIONED_TABLES: tuple[PartitionedTable, ...] = ("journal", "posting")

_MAKE = text("SELECT payouts.make_partition(:of, :month)").bindparams(
    bindparam("of", type_=Text), bindparam("month", type_=Date)
)


class Partitioning(StrEnum):
    """What became of a month's partition; `made` and `present` are as it should be."""

    MADE = "made"
    PRESENT = "present"
    OCCUPIED = "occupied"  # rows of that month lie in the default partition already
    BUSY = "busy"  # somebody read the default partition all the while
    FULL = "full"  # a table has no more than so many

    @property
    def is_there(self) -> bool:
        """Whether the month has a partition of its own."""
        return self in (Partitioning.MADE, Partitioning.PRESENT)


async def make_partition(
    db: AsyncConnection, *, table: PartitionedTable, month: date
) -> Partitioning:
    """Give a table its partition for a month, unless it has one; posting goes on meanwhile.

    One of a transaction: what it locks is held to its end. Where none can be made nothing is lost,
    for rows without one are kept in the default partition.
    """
    made = await db.execute(_MAKE, {"of": table, "month": month})
    return Partitioning(made.scalar_one())
