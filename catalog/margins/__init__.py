"""Margins: what a network adds to the cost of what it buys, by brand, category or supplier."""

from catalog.margins.errors import MarginInvalid
from catalog.margins.model import (
    Margin,
    MarginScope,
    Subject,
    deciding_margin,
    subjects_of,
)
from catalog.margins.publish_margin import publish_margin
from catalog.margins.queries import list_margins, list_margins_in_force, read_margins

__all__ = [
    "Margin",
    "MarginInvalid",
    "MarginScope",
    "Subject",
    "deciding_margin",
    "list_margins",
    "list_margins_in_force",
    "publish_margin",
    "read_margins",
    "subjects_of",
]
