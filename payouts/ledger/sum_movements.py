"""Summing a stretch of the sealed order."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, LargeBinary, Text, cast, func, literal
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import MovementSum
from payouts.ledger.stretch import select_stretch
from payouts.ledger.tables import account, posting, seal
from payouts.money import Money

_CONTENT = func.concat_ws(
    ":",
    cast(seal.c.seq, Text),
    cast(posting.c.line, Text),
    cast(posting.c.journal_id, Text),
    cast(posting.c.amount, Text),
)
_LISTED = func.string_agg(
    _CONTENT, aggregate_order_by(literal(";", Text), seal.c.seq, posting.c.line)
)
_BYTES = func.convert_to(_LISTED, literal("UTF8", Text), type_=LargeBinary)
_DIGEST = func.encode(func.sha256(_BYTES, type_=LargeBinary), literal("hex", Text))


async def sum_movements(
    db: AsyncConnection,
    *,
    network_id: int,
    types: Sequence[str],
    without_kinds: Sequence[str],
    after_seq: int,
    to_seq: int,
) -> list[MovementSum]:
    """Sum what moved accounts of some types after one place of the order, up to another.

    Changes nothing. The digest of each sum covers place, line, journal and amount of every
    posting, so that two readings of the same stretch are equal or something was altered.
    """
    columns = (
        account.c.type,
        account.c.owner_id,
        posting.c.unit,
        cast(func.sum(posting.c.amount), BigInteger).label("amount"),
        func.count().label("lines"),
        _DIGEST.label("digest"),
    )
    query = select_stretch(
        columns,
        network_id=network_id,
        without_kinds=without_kinds,
        after_seq=after_seq,
        to_seq=to_seq,
    )
    rows = await db.execute(
        query.where(account.c.type.in_(types))
        .group_by(account.c.type, account.c.owner_id, posting.c.unit)
        .order_by(account.c.owner_id, posting.c.unit, account.c.type)
    )
    return [
        MovementSum(row.type, row.owner_id, Money(row.amount, row.unit), row.lines, row.digest)
        for row in rows
    ]
