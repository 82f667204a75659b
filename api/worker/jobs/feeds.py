"""Pulls the feeds that are due."""

import structlog

from api.feed_access import FeedReach
from api.feed_pulls import pull_feed
from api.worker.world import World
from catalog.suppliers import PULL_KIND, FeedSourceNotFound
from payouts.due import claim_due, clear_due

LEASE_SECONDS = 600
"""Longer than a job may take: a feed is not pulled twice at once."""
ACTOR = "worker"

_log = structlog.get_logger("mizan.feeds")


async def run_feed_pull(world: World, network_id: int) -> int:
    """Pull one due feed of a network; the lease is committed before anything is fetched."""
    async with world.database.writing(network_id) as db:
        claimed = await claim_due(
            db,
            network_id=network_id,
            kind=PULL_KIND,
            limit=1,
            lease_seconds=LEASE_SECONDS,
            now=world.clock.now(),
        )
    for supplier_id in claimed:
        reach = FeedReach() if world.settings is None else FeedReach.of(world.settings)
        try:
            pulled = await pull_feed(
                world.database,
                reach,
                network_id=network_id,
                supplier_id=supplier_id,
                actor=ACTOR,
                now=world.clock.now,
                crash=world.crash,
            )
        except FeedSourceNotFound:
            async with world.database.writing(network_id) as db:
                await clear_due(db, network_id=network_id, kind=PULL_KIND, due_id=supplier_id)
            continue
        _log.info(
            "a feed was pulled",
            network_id=network_id,
            supplier_id=str(supplier_id),
            outcome=pulled.pull.outcome.value,
        )
    return len(claimed)
