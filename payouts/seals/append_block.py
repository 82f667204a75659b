"""Putting sealed journals into blocks."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    LargeBinary,
    SmallInteger,
    Text,
    bindparam,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.canonical import NO_HASH, VERSION
from payouts.seals.errors import ChainBroken
from payouts.seals.leaves import SERVICE_LEAVES
from payouts.seals.merkle import root_of
from payouts.seals.model import BLOCK_JOURNALS_MAX, Block
from payouts.seals.port import Signer
from payouts.seals.queries import read_last_block

_BROKEN = "MZ020"
_APPEND = text(
    "SELECT payouts.append_block(:book, :block, :version, :from_seq, :to_seq, :leaves, :root,"
    " :previous, :digest, :key_id, :signature, :sealed_at)"
).bindparams(
    *(bindparam(name, type_=BigInteger) for name in ("book", "block", "from_seq", "to_seq")),
    *(
        bindparam(name, type_=LargeBinary)
        for name in ("leaves", "root", "previous", "digest", "signature")
    ),
    bindparam("version", type_=SmallInteger),
    bindparam("key_id", type_=Text),
    bindparam("sealed_at", type_=DateTime(timezone=True)),
)


async def append_block(
    db: AsyncConnection,
    *,
    network_id: int,
    signer: Signer,
    journals_max: int = BLOCK_JOURNALS_MAX,
    now: datetime,
) -> Block | None:
    """Put what was sealed since the last block into one more, chained to it and signed.

    Called in the transaction that sealed, which keeps others from the same book. None when
    nothing waits. Raises ChainBroken when the order does not go on where the last block ended.
    """
    assert 0 < journals_max <= BLOCK_JOURNALS_MAX
    last = await read_last_block(db, network_id=network_id)
    after = 0 if last is None else last.to_seq
    places = (
        await db.execute(
            SERVICE_LEAVES,
            {"book": network_id, "from_seq": after + 1, "to_seq": after + journals_max},
        )
    ).all()
    if not places:
        return None
    for expected, place in enumerate(places, after + 1):
        if place.seq != expected or place.leaf is None:
            raise ChainBroken(network_id, f"nothing stands at place {expected}")
    leaves = [bytes(place.leaf) for place in places]
    drawn = Block(
        book_id=network_id,
        block=1 if last is None else last.block + 1,
        version=VERSION,
        from_seq=after + 1,
        to_seq=after + len(leaves),
        root=root_of(leaves),
        previous=NO_HASH if last is None else last.digest,
        sealed_at=now,
    )
    digest = drawn.own_digest()
    signed = replace(drawn, digest=digest, key_id=signer.key_id, signature=signer.sign(digest))
    await _write(db, signed, leaves)
    return signed


async def _write(db: AsyncConnection, signed: Block, leaves: list[bytes]) -> None:
    try:
        await db.execute(
            _APPEND,
            {
                "book": signed.book_id,
                "block": signed.block,
                "version": signed.version,
                "from_seq": signed.from_seq,
                "to_seq": signed.to_seq,
                "leaves": b"".join(leaves),
                "root": signed.root,
                "previous": signed.previous,
                "digest": signed.digest,
                "key_id": signed.key_id,
                "signature": signed.signature,
                "sealed_at": signed.sealed_at,
            },
        )
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", None) != _BROKEN:
            raise
        raise ChainBroken(signed.book_id, "the last block is not where the order is") from failure
