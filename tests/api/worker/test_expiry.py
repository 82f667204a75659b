"""The round that takes back what nobody spent in time."""

from datetime import timedelta
from pathlib import Path

from api.clock import Clock
from api.database.transaction import Database
from api.worker.jobs.expiry import run_expiry
from api.worker.schedule import Round, Schedule
from tests.api.worker.test_loop import worker_of, world_of
from tests.conftest import NOW
from tests.factories.lots import grant_lot, open_lots
from tests.factories.small_network import found_network


async def test_the_round_takes_back_by_the_clock_of_the_door(
    database: Database, tmp_path: Path
) -> None:
    souq = await found_network(database)
    end = NOW + timedelta(days=1)
    for number in range(3):
        await grant_lot(
            database,
            network_id=souq.network_id,
            account=souq.wallet(),
            minor=100,
            expires_at=end,
            origin=f"gift {number}",
        )
    file = tmp_path / "clock"
    for now, left in ((end - timedelta(seconds=1), 3), (end, 0)):
        file.write_text(now.isoformat())
        schedule = Schedule(rounds=(Round("expiry", run_expiry, 30.0),))
        worker = worker_of(world_of(database, Clock(file)), schedule, tmp_path)
        assert await worker.once() == 3 - left
        lots = await open_lots(database, network_id=souq.network_id, account=souq.wallet())
        assert len(lots) == left
    assert await souq.balance(souq.own("breakage_cashback")) == (300, 0)
