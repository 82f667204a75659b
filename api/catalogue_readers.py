"""How the catalogue files of suppliers are read: as theirs are, or as a network described them."""

from collections.abc import Callable

from api.feed_access import FeedReach
from catalog.suppliers import (
    Feed,
    FeedSource,
    read_reloadly_feed,
    read_tango_feed,
    read_tremendous_feed,
    read_xoxoday_feed,
)

Reader = Callable[[bytes], Feed]

READERS: dict[str, Reader] = {
    "reloadly": read_reloadly_feed,
    "xoxoday": read_xoxoday_feed,
    "tango": read_tango_feed,
    "tremendous": read_tremendous_feed,
}


def find_reader(supplier_name: str, source: FeedSource | None) -> Reader | None:
    """Tell what reads the files of a supplier, by its description where it has one."""
    return READERS.get(supplier_name) if source is None else FeedReach().open(source).read_feed
