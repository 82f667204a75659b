"""Faults of the sealed order."""


class ChainBroken(Exception):
    """The sealed order cannot go on from its last block: somebody has changed it."""

    def __init__(self, book_id: int, reason: str) -> None:
        self.book_id = book_id
        super().__init__(f"book {book_id}: {reason}")
