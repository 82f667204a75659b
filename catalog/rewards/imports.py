"""Imports of suppliers' catalogues: how far they came and what came of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from catalog.rewards.model import ImportReport

IMPORT_KIND = "import.continue"
IMPORT_LEFT_AFTER = timedelta(minutes=2)
"""An import that made no step for so long was left: longer than a file is read, or a step takes."""
FILE_KEPT_FOR = timedelta(days=7)
"""So long others go on with an import that was left; then its file is dropped."""


class ImportState(StrEnum):
    """Where an import is in its life."""

    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting_approval"
    FINISHED = "finished"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """How much of what a supplier has on sale one import takes off it without a second person.

    So many are always taken off, however large a share they are.
    """

    withdrawn_bps_max: int = 2_000
    withdrawn_always: int = 4

    def withholds(self, *, gone: int, on_sale: int) -> bool:
        """Whether so many of those on sale are more than one import takes off."""
        is_many = gone > self.withdrawn_always
        return is_many and gone * 10_000 > on_sale * self.withdrawn_bps_max


@dataclass(frozen=True, slots=True)
class CatalogueImport:
    """An import. What it withheld stays on sale until somebody decides."""

    catalogue_import_id: UUID
    supplier_id: UUID
    file_sha256: str | None
    actor: str
    items: int
    items_done: int
    is_complete: bool
    added: int
    changed: int
    withdrawn: int
    unchanged: int
    refused: int
    withheld: int
    started_at: datetime
    finished_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    is_approved: bool | None

    @property
    def state(self) -> ImportState:
        """Where it is in its life."""
        if self.finished_at is None:
            return ImportState.RUNNING
        if self.withheld and self.is_approved is None:
            return ImportState.AWAITING_APPROVAL
        return ImportState.REJECTED if self.is_approved is False else ImportState.FINISHED


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file that is being imported, and what else its import was told."""

    raw: bytes = field(repr=False)
    source_version: int | None = None
    """The description that it is read by; None: as its supplier's own files are."""
    replaced: tuple[str, ...] = ()
    """Skus that may be of another brand or in another currency than before."""


@dataclass(frozen=True, slots=True)
class KeptImport:
    """An import that is not closed, with all that somebody needs to go on with it."""

    catalogue_import_id: UUID
    supplier_id: UUID
    markets: tuple[str, ...]
    items: int
    kept_at: datetime
    file: ImportFile


@dataclass(frozen=True, slots=True)
class DoneChunk:
    """A stretch of a file that was imported, and what came of it."""

    first_item: int
    items: int
    report: ImportReport


@dataclass(frozen=True, slots=True)
class WithheldReward:
    """A reward that an import would have taken off sale."""

    reward_id: UUID
    country: str
    sku: str
