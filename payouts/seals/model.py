"""The sealed order, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealPosition:
    """The last place of a book's order, and how many journals were given theirs just now."""

    last_seq: int
    sealed: int
