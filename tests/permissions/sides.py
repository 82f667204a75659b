"""One network of the world, and whose its texts are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.vouchers import Vault
from payouts.money import Money
from tests.conftest import NOW

LONG_AGO = NOW - timedelta(days=60)
BOUGHT_AT = NOW - timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Owned:
    """Of which kind a thing is, and whose."""

    kind: str
    network_id: int
    partner_id: UUID | None = None
    member_id: UUID | None = None
    parties: frozenset[UUID] = frozenset()


@dataclass
class Side:
    """One network: two partners, each with a member of its own, who buy at both."""

    database: Database
    vault: Vault
    marks: dict[str, Owned]
    currency: str
    network_id: int = 0
    partners: list[UUID] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)
    offers: list[UUID] = field(default_factory=list)
    slots: list[tuple[UUID, UUID]] = field(default_factory=list)
    card_reward: UUID | None = None

    def mark(self, kind: str, partner_id: UUID | None = None, member_id: UUID | None = None) -> str:
        """A text nobody else has, remembered with whose it is."""
        canary = f"cnry{len(self.marks):04d}x"
        self.marks[canary] = Owned(kind, self.network_id, partner_id, member_id)
        return canary

    def money(self, decimal: str) -> Money:
        return Money.of_decimal(decimal, self.currency)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self.database.writing(self.network_id) as db:
            yield db
