"""What sealing needs from outside: somebody who signs, keys to trust, and what was anchored."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from payouts.seals.model import Block


class Signer(Protocol):
    """Signs the digests of blocks with a key that is not in the database."""

    @property
    def key_id(self) -> str:
        """Name the key."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Sign with Ed25519."""
        ...


class TrustedKeys(Protocol):
    """Public keys of signers, past ones among them."""

    def has(self, key_id: str) -> bool:
        """Tell whether a key is one of ours."""
        ...

    def verifies(self, key_id: str, *, content: bytes, signature: bytes) -> bool:
        """Tell whether that key signed the content."""
        ...


class AnchorState(StrEnum):
    """How a block stands to the anchors."""

    EXACT = "exact"
    ABSENT = "absent"
    OTHER = "other"


class Anchors(Protocol):
    """The heads of blocks as they were written down outside the database."""

    def books(self) -> Iterable[int]:
        """Name the books that have anchors."""
        ...

    def last_block(self, book_id: int) -> int:
        """Tell the last block of a book that was anchored; 0 when none was."""
        ...

    def find(self, block: Block) -> AnchorState:
        """Tell whether the block was anchored as it is."""
        ...

    def read(self, book_id: int, block: int) -> Block | None:
        """Read what was anchored; None when there is nothing, or nothing that can be read."""
        ...

    def strays(self) -> Iterable[tuple[int, str]]:
        """List the lines that anchor nothing: their number, and what is wrong with them."""
        ...

    @property
    def lines(self) -> int:
        """How many blocks were anchored."""
        ...
