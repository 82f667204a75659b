"""pgbench of whole purchases: in each network one client sends what the desk sends for one
purchase, the very statements, in a transaction of its own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean

from api.database.engine import open_engine
from api.database.transaction import Database
from api.purchase_desk import PurchaseDesk, open_purchase_desk
from tests.benchmarks.books.job import purchase_call
from tests.benchmarks.books.world import Place
from tests.benchmarks.capture import Recorder
from tests.benchmarks.ground import Ground
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.script import Script, parameter_types, write_script
from tests.benchmarks.world import NOW

CAPTURED = 4
"""How many purchases each network has when its script is written: as many as it takes until the
desk books by terms that it knows, and two of that kind."""


@dataclass(frozen=True)
class Done:
    """What the clients did: how much in each network, and how fast while all of them were at it."""

    transactions: dict[int, int]
    per_second: float
    latency_ms: float


@dataclass(frozen=True)
class WholePurchases:
    """The bench of each network."""

    benches: Mapping[int, Pgbench]

    def run(self, *, seconds: int, transactions: int | None, warm_up_seconds: int) -> Done:
        """Run all networks at once; measured are the last seconds before the first of them ends."""
        with ThreadPoolExecutor(len(self.benches)) as threads:
            running = {
                network_id: threads.submit(
                    bench.run,
                    clients=1,
                    seconds=seconds + warm_up_seconds,
                    transactions=transactions,
                    log_prefix=bench.folder / "log",
                )
                for network_id, bench in self.benches.items()
            }
            done = {network_id: one.result().transactions for network_id, one in running.items()}
        logged = [_read_log(bench.folder) for bench in self.benches.values()]
        if transactions is None:
            ended = min(log[-1][0] for log in logged)
            begun = ended - seconds
        else:  # so many for each, however long they take
            ended = max(log[-1][0] for log in logged)
            begun = min(log[0][0] - log[0][1] / 1_000 for log in logged)
        within = [took for log in logged for at, took in log if begun < at <= ended]
        return Done(done, len(within) / (ended - begun), mean(within))


def _read_log(folder: Path) -> list[tuple[float, float]]:
    """Give when each transaction ended, in seconds, and how many milliseconds it took."""
    [path] = folder.glob("log.*")
    lines = [line.split() for line in path.read_text().splitlines()]
    path.unlink()
    return [(int(one[4]) + int(one[5]) / 1e6, int(one[2]) / 1_000) for one in lines]


def whole_purchases(ground: Ground, folder: Path, places: Sequence[Place]) -> WholePurchases:
    """Have a purchase recorded in each network, and write the scripts of what was sent."""
    benches = {
        network_id: Pgbench(ground.application_url, folder / str(network_id), [script])
        for network_id, script in asyncio.run(_capture(ground, places)).items()
    }
    for bench in benches.values():
        bench.write()
    return WholePurchases(benches)


async def _capture(ground: Ground, places: Sequence[Place]) -> dict[int, Script]:
    engine = open_engine(ground.application_url, pool_size=1)
    desk = open_purchase_desk(Database(engine))
    superuser = await ground.connect(ground.superuser_url)
    for place in places:
        for _ in range(CAPTURED - 2):
            await _record(desk, place)
    pairs = {}
    async with Recorder(superuser, ground.log) as recorder:
        for place in places:
            act = partial(_record, desk, place)
            pairs[place.network_id] = await recorder.record(act), await recorder.record(act)
    await superuser.close()
    await engine.dispose()
    types = await parameter_types(
        ground, [statement for first, _ in pairs.values() for statement in first]
    )
    return {network_id: write_script("whole", *pair, types) for network_id, pair in pairs.items()}


async def _record(desk: PurchaseDesk, place: Place) -> None:
    call = purchase_call(place.partners[0], place.members[0], NOW)
    answer = await desk.submit(place.network_id, call)
    assert "ids" in (answer.outcome or {}), f"not booked: {answer}"
