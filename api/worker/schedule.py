"""What the worker does: a job for each kind of due work, and jobs that come round by themselves."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from api.worker.world import World

Job = Callable[[World, int], Awaitable[int]]
"""Does a bounded batch of one network's work; tells how much it did."""


@dataclass(frozen=True, slots=True)
class Round:
    """A job that is done for every network, or once for the platform, at an interval."""

    name: str
    job: Job
    interval_seconds: float
    is_platform_wide: bool = False
    is_urgent: bool = False
    """Whether it has turns of its own, so that no other work delays it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The jobs of a worker."""

    due: Mapping[str, Job] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
