"""Giving committed journals their place, in blocks that are signed and anchored, within seconds."""

import asyncio

import structlog

from api.anchors import AnchorFile, AnchorsForked
from api.worker.world import World
from payouts.seals import (
    Block,
    ChainBroken,
    SealPosition,
    append_block,
    list_blocks,
    read_last_block,
    seal_journals,
)

BLOCKS_AT_ONCE = 200

_log = structlog.get_logger("mizan.sealing")


async def run_sealing(world: World, network_id: int) -> int:
    """Seal what was committed in one network's book, put it into a block and anchor the block.

    Tells how many journals were sealed, and counts a block of earlier ones as one more, so that
    whoever has more waiting has another turn at once.
    """
    if world.anchors is None:
        return (await _seal(world, network_id)).sealed
    try:
        async with world.database.writing(network_id) as db:
            now = world.clock.now()
            position = await seal_journals(db, network_id=network_id, now=now)
            made = await append_block(
                db, network_id=network_id, signer=world.anchors.keys.signer(), now=now
            )
            last = made or await read_last_block(db, network_id=network_id)
            world.crash("sealing.before_commit")
        world.crash("sealing.after_commit")
    except ChainBroken as broken:
        # What was tampered with stops the proofs, never the business.
        _log.error("no block can be made", reason=str(broken))
        return (await _seal(world, network_id)).sealed
    anchored = 0
    if not world.anchors.is_at(last, book_id=network_id):
        anchored = await _anchor(world, world.anchors, network_id, last)
    return max(position.sealed, anchored, 0 if made is None else 1)


async def _seal(world: World, network_id: int) -> SealPosition:
    async with world.database.writing(network_id) as db:
        return await seal_journals(db, network_id=network_id, now=world.clock.now())


async def _anchor(world: World, anchors: AnchorFile, network_id: int, last: Block | None) -> int:
    """Anchor what has been committed, a crash's leavings first."""
    after = max(anchors.known_last(network_id)[0] - 1, 0)
    async with world.database.reading(network_id) as db:
        blocks = await list_blocks(db, network_id=network_id, after=after, limit=BLOCKS_AT_ONCE)
    world.crash("sealing.before_anchor")
    try:
        return await asyncio.to_thread(anchors.append, network_id, blocks, last=last)
    except AnchorsForked as fork:
        anchors.note_fork(fork)
        return 0
