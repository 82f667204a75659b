"""Many orders under faults drawn at random: none is lost, none doubled, no code given twice.

`PROOF_SEED=n` lives that one seed, `PROOF_ORDERS=n` so many orders.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.anchors import open_anchors
from api.database.cluster import Cluster
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from api.worker.jobs.sealing import run_sealing
from tests.catalog.redemptions.order_ends import wrong_ends
from tests.catalog.redemptions.order_life import OrderLife
from tests.catalog.redemptions.two_shops import TwoShops, two_shops
from tests.journeys.invariants import broken_promises

SEED = 20260416
ORDERS, ORDERS_FULL = 200, 10_000
WANTED = ("abandoned", "crashes", "failed", "fulfilled", "jumps", "others sold")
"""What a seed that is not given must have brought about, or it proves little."""


async def seal(shops: TwoShops, folder: Path) -> None:
    """Give every journal its place in a block, as the checks want it."""
    world = replace(shops.world, anchors=open_anchors(folder, open_seal_keys(folder)))
    while await run_sealing(world, shops.network_id):
        pass


@pytest.mark.proof
async def test_each_order_is_delivered_once_or_given_back_once_whatever_happens(
    cluster: Cluster,
    database_name: str,
    database: Database,
    superuser: AsyncConnection,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    seed = int(os.environ.get("PROOF_SEED", SEED))
    orders = int(os.environ.get("PROOF_ORDERS", ORDERS_FULL if full_counts else ORDERS))
    async with two_shops(database, tmp_path) as shops:
        life = OrderLife(shops, superuser, seed, orders)
        try:
            await life.prepare()
            await life.live()
            await life.calm_down()
            await seal(shops, tmp_path / "data")
            wrong = await wrong_ends(life, superuser)
            broken = await broken_promises(cluster, database_name, shops.clock.now())
            assert wrong + [str(one) for one in broken] == []
        except BaseException as error:
            again = f"again: PROOF_SEED={seed} PROOF_ORDERS={orders}"
            error.add_note("\n".join([*life.told, f"{again} pytest {__name__}"]))
            raise
    if not {"PROOF_SEED", "PROOF_ORDERS"} & set(os.environ):
        assert [what for what in WANTED if not life.counts[what]] == []
    told = ", ".join(f"{number} {what}" for what, number in sorted(life.counts.items()))
    tell_proof(
        f"orders: seed {seed}, {orders} orders, {told}; 0 lost, 0 doubled but for those told to nobody"
    )
