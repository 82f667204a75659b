"""Pools: codes of suppliers that are not ordered from, loaded, reserved and taken."""

from catalog.pools.errors import NoCodeLeft, ReservationLost, TooManyReserved
from catalog.pools.load_codes import CODES_MAX, load_codes
from catalog.pools.model import RESERVED_MAX, LoadOutcome, PoolCount
from catalog.pools.queries import count_codes
from catalog.pools.reserve_code import reserve_code
from catalog.pools.rewrap_pool_codes import rewrap_pool_codes
from catalog.pools.take_code import take_code

__all__ = [
    "CODES_MAX",
    "RESERVED_MAX",
    "LoadOutcome",
    "NoCodeLeft",
    "PoolCount",
    "ReservationLost",
    "TooManyReserved",
    "count_codes",
    "load_codes",
    "reserve_code",
    "rewrap_pool_codes",
    "take_code",
]
