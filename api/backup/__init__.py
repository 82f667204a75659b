"""Backups of everything Mizan keeps, and their way back."""

from api.backup.errors import BackupDamaged, BackupFailed, PlaceNotEmpty
from api.backup.make_base import make_base
from api.backup.make_dump import make_dump
from api.backup.manifest import KINDS, Manifest, read_manifest
from api.backup.note_anchors import note_anchors
from api.backup.restore_base import restore_base
from api.backup.restore_dump import restore_dump

__all__ = [
    "KINDS",
    "BackupDamaged",
    "BackupFailed",
    "Manifest",
    "PlaceNotEmpty",
    "make_base",
    "make_dump",
    "note_anchors",
    "read_manifest",
    "restore_base",
    "restore_dump",
]
