"""Why a backup or a restore is refused."""


class BackupFailed(Exception):
    """The backup could not be made or restored."""


class BackupDamaged(Exception):
    """The backup is incomplete, or is not what was written."""


class PlaceNotEmpty(Exception):
    """The place to write to holds something already; nothing was touched."""
