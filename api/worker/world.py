"""What a job may reach: the database, the outside parties, the clock and the keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.anchors import AnchorFile
from api.clock import Clock
from api.crash import crash_here
from api.database.transaction import Database
from api.settings import Settings
from catalog.suppliers import Supplier
from payouts.rails import Rail


@dataclass(frozen=True, slots=True)
class World:
    """One for each process that runs jobs. Suppliers are found by their name."""

    database: Database
    rail: Rail
    clock: Clock
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    vault: Any = None
    settings: Settings | None = None
    auditor: Database | None = None
    anchors: AnchorFile | None = None
    crash: Callable[[str], None] = crash_here
    """Passes a named point where a test may kill the process."""
