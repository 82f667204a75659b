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
_REMEMBERED_MAX = 64
_last: dict[int, int] = {}
"""The newest id of each of the last milliseconds, the one used longest ago first."""


def new_id(now: datetime) -> UUID:
    """Make an id (UUIDv7) that sorts by time, and after those this process made in the same ms."""
    milliseconds = int(now.timestamp() * 1000)
    with _lock:  # the order of ids is the one thing that one id must know of others
        last = _last.pop(milliseconds, None)
        if last is None:
            # One bit less than there is room for: steps have where to go.
            bits = int.from_bytes(os.urandom(_RANDOM_BYTES)) & (2 ** (_RANDOM_BITS - 1) - 1)
        else:
            # RFC 9562, 6.2: a random step keeps ids of one millisecond in order and unguessable.
            bits = (last + 1 + int.from_bytes(os.urandom(_STEP_BYTES))) & (2**_RANDOM_BITS - 1)
        _last[milliseconds] = bits
        if len(_last) > _REMEMBERED_MAX:
            del _last[next(iter(_last))]
    return uuid7(milliseconds, bits)
