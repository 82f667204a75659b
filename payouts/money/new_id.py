"""Ids that sort by time."""

import secrets
from datetime import datetime
from uuid import UUID

from payouts.money.model import uuid7


def new_id(now: datetime) -> UUID:
    """Make an id (UUIDv7) whose order is roughly the order of its making."""
    return uuid7(int(now.timestamp() * 1000), secrets.randbits(74))
