"""How long journals have been waiting for their place, for the figures and the alarms."""

from dataclasses import dataclass, field

from api.worker.world import World
from payouts.seals import read_unsealed_age


@dataclass(slots=True)
class UnsealedAges:
    """The latest measurement of each network, as this process's worker made it."""

    _seconds: dict[int, float] = field(default_factory=dict)

    async def measure(self, world: World, network_id: int) -> int:
        """Measure one network; nothing in the database changes."""
        async with world.database.reading(network_id) as db:
            age = await read_unsealed_age(db, network_id=network_id, now=world.clock.now())
        self._seconds[network_id] = 0.0 if age is None else age.total_seconds()
        return 0

    def oldest_seconds(self) -> float | None:
        """Tell the age of the oldest of all; None when nothing was measured in this process."""
        return max(self._seconds.values(), default=None)
