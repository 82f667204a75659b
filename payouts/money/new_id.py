"""Ids that sort by time."""

import os
import threading
from datetime import datetime
from uuid import UUID

from payouts.money.model import uuid7

_RANDOM_BITS = 74
_RANDOM_BYTES = 10
_STEP_BYTES = 4
_lock = threading.Lock()
_last = (0, 0)


def new_id(now: datetime) -> UUID:
    """Make an id (UUIDv7) that sorts by time, and after those this process made in the same ms."""
    global _last  # the order of ids is the one thing that one id must know of others
    milliseconds = int(now.timestamp() * 1000)
    with _lock:
        if _last[0] == milliseconds:
            # RFC 9562, 6.2: a random step keeps ids of one millisecond in order and unguessable.
            bits = (_last[1] + 1 + int.from_bytes(os.urandom(_STEP_BYTES))) & (2**_RANDOM_BITS - 1)
        else:
            # One bit less than there is room for: steps have where to go.
            bits = int.from_bytes(os.urandom(_RANDOM_BYTES)) & (2 ** (_RANDOM_BITS - 1) - 1)
        _last = (milliseconds, bits)
    return uuid7(milliseconds, bits)
