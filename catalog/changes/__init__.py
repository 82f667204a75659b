"""What changed in the catalogue, in one order that never gains anything behind a reader."""

from catalog.changes.model import Change, ChangeKind, ChangePage, RewardChange
from catalog.changes.note_changes import note_changes
from catalog.changes.order_changes import order_changes
from catalog.changes.queries import list_changes, read_last_place

__all__ = [
    "Change",
    "ChangeKind",
    "ChangePage",
    "RewardChange",
    "list_changes",
    "note_changes",
    "order_changes",
    "read_last_place",
]
