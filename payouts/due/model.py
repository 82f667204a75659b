"""What the worker is told before it enters a network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DueNetwork:
    """A network that has due work of one kind."""

    network_id: int
    kind: str
