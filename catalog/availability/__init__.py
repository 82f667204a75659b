"""Availability: what suppliers said of their items, the newest word of each, and what is left."""

from catalog.availability.count_left import count_left
from catalog.availability.model import (
    Availability,
    Left,
    LeftOf,
    Said,
    SaidBy,
    best_of,
    level_of_pieces,
    level_of_seats,
    worst_of,
)
from catalog.availability.queries import list_said_out, read_levels, read_said
from catalog.availability.save_availability import save_availability

__all__ = [
    "Availability",
    "Left",
    "LeftOf",
    "Said",
    "SaidBy",
    "best_of",
    "count_left",
    "level_of_pieces",
    "level_of_seats",
    "list_said_out",
    "read_levels",
    "read_said",
    "save_availability",
    "worst_of",
]
