"""Goes on with the imports of catalogues that somebody left."""

import structlog

from api.catalogue_import import continue_import
from api.worker.world import World
from catalog.rewards import IMPORT_KIND, IMPORT_LEFT_AFTER, ImportOutdated
from payouts.due import claim_due

_log = structlog.get_logger("mizan.imports")


async def run_import_continue(world: World, network_id: int) -> int:
    """Go on with one import of a network; the lease is committed before its file is read.

    Should the lease end while it is still being done, two do it, and nothing is done twice.
    """
    async with world.database.writing(network_id) as db:
        claimed = await claim_due(
            db,
            network_id=network_id,
            kind=IMPORT_KIND,
            limit=1,
            lease_seconds=round(IMPORT_LEFT_AFTER.total_seconds()),
            now=world.clock.now(),
        )
    for import_id in claimed:
        try:
            report = await continue_import(
                world.database,
                network_id=network_id,
                catalogue_import_id=import_id,
                crash=world.crash,
                now=world.clock.now,
            )
        except ImportOutdated:  # it was started while this one was read; nobody goes on with this
            report = None
        _log.info(
            "an import that was left was gone on with",
            network_id=network_id,
            catalogue_import_id=str(import_id),
            is_closed=report is not None,
        )
    return len(claimed)
