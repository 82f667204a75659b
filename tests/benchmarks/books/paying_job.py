"""A process of its own that is one worker: it reads a job as JSON and tells what it saw as JSON.

Its loop is the product's, with the jobs that submit payouts and look up lost answers. What payouts
do at their banks afterwards is looked at later in life, and here not at all.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from api.cli.process import POOL_SIZE
from api.cli.running import collect_seldom
from api.database.engine import open_engine
from api.database.transaction import Database
from api.worker.heartbeat import heartbeat_of
from api.worker.jobs.payouts import run_payout_resolve, run_payout_submit
from api.worker.loop import Worker
from api.worker.schedule import Schedule
from api.worker.world import World
from payouts.rails import StripeRail
from tests.benchmarks.server import RunningClock

SECONDS_MAX = 600.0


async def _drain(job: dict[str, Any]) -> dict[str, Any]:
    engine = open_engine(job["database_url"], pool_size=POOL_SIZE)
    world = World(
        database=Database(engine),
        rail=StripeRail("sk_test_bench", api_base=job["stripe_url"]),
        clock=RunningClock(None, job["origin"], job["origin_monotonic"]),
    )
    await world.rail.get_balance()  # the SDK is loaded, and a connection is there
    async with world.database.reading(job["network_id"]):
        pass
    stop, acts = asyncio.Event(), 0

    async def submit(world: World, network_id: int) -> int:
        nonlocal acts
        done = await run_payout_submit(world, network_id)
        acts += done
        if acts >= job["acts"]:
            stop.set()
        return done

    async def leave(world: World, network_id: int) -> int:
        return 0

    due = {"payout.submit": submit, "payout.resolve": run_payout_resolve, "payout.watch": leave}
    worker = Worker(world, Schedule(due=due), heartbeat_of(Path(job["folder"])))
    begun, spent = time.perf_counter(), time.process_time()
    async with asyncio.timeout(SECONDS_MAX):
        await worker.run(stop)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - spent
    await world.rail.aclose()
    await engine.dispose()
    return {"acts": acts, "seconds": seconds, "cpu_us": cpu * 1e6 / acts}


def main() -> None:
    """Do the job that stands on the standard input."""
    collect_seldom()  # as every command does
    json.dump(uvloop.run(_drain(json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
