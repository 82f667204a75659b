"""What disbursement needs from outside: somebody who seals bank accounts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SealedAccount:
    """A bank account as it is stored."""

    key_id: str
    ciphertext: bytes = field(repr=False)
    digest: bytes = field(repr=False)


class AccountVault(Protocol):
    """Seals texts with keys that are not in the database, each for its own place."""

    def seal(self, *, network_id: int, account_id: UUID, text: str) -> SealedAccount:
        """Seal a text for its place."""
        ...

    def unseal(self, *, network_id: int, account_id: UUID, key_id: str, ciphertext: bytes) -> str:
        """Open what was sealed in this place."""
        ...

    def digests(self, *, network_id: int, text: str) -> Sequence[bytes]:
        """Tell under which digests a text may be stored, one for each key, the newest first."""
        ...
