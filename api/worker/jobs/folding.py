"""Bringing the snapshots of append-only balances forward, so that they are read quickly."""

from api.worker.world import World
from payouts.ledger import fold_balances

STRETCHES_MAX = 20


async def run_folding(world: World, network_id: int) -> int:
    """Fold what was sealed in one network's book, a stretch a transaction; tells how much."""
    folded = 0
    for _ in range(STRETCHES_MAX):
        async with world.database.writing(network_id) as db:
            stretch = await fold_balances(db, network_id=network_id)
        if not stretch.folded:
            break
        folded += stretch.folded
    return folded
