"""Standings: in which tier and which segments a member is."""

from partners.standings.errors import StandingInvalid
from partners.standings.model import Standing
from partners.standings.queries import find_standing, read_standings
from partners.standings.set_standing import set_standing

__all__ = [
    "Standing",
    "StandingInvalid",
    "find_standing",
    "read_standings",
    "set_standing",
]
