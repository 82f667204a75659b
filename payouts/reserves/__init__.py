"""Reserves: a share of what a partner is paid, held back against its risk for a while."""

from payouts.reserves.describe_reserves import describe_reserves
from payouts.reserves.errors import ReservePolicyInvalid
from payouts.reserves.find_reserves_of import find_reserves_of
from payouts.reserves.model import RELEASE_KIND, Reserve, ReserveDescription, ReservePolicy
from payouts.reserves.publish_reserve_policy import publish_reserve_policy
from payouts.reserves.queries import list_reserves, read_reserve_policies, read_reserves
from payouts.reserves.release_reserve import release_reserve
from payouts.reserves.sum_released import sum_released
from payouts.reserves.withhold_reserves import withhold_reserves

__all__ = [
    "RELEASE_KIND",
    "Reserve",
    "ReserveDescription",
    "ReservePolicy",
    "ReservePolicyInvalid",
    "describe_reserves",
    "find_reserves_of",
    "list_reserves",
    "publish_reserve_policy",
    "read_reserve_policies",
    "read_reserves",
    "release_reserve",
    "sum_released",
    "withhold_reserves",
]
