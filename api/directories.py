"""The directories of api.auth, as the database keeps them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.auth import RegisteredBrandKey, RegisteredClient, Role
from api.clock import Clock
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from partners import clients
from partners.members import find_member_by_identity


@dataclass(frozen=True, slots=True)
class DatabaseDirectories:
    """Finds clients, keys and members, and remembers assertions, for all networks."""

    database: Database
    clock: Clock

    async def find_client(self, client_id: str) -> RegisteredClient | None:
        """Find the client, active or not."""
        async with self.database.reading(PLATFORM_NETWORK_ID) as db:
            found = await clients.find_client(db, client_id=client_id, now=self.clock.now())
        if found is None:
            return None
        return RegisteredClient(
            client_id=found.client_id,
            network_id=found.network_id,
            kind="partner" if found.kind is clients.ClientKind.PARTNER else "staff",
            partner_id=found.partner_id,
            subject=found.subject,
            roles=frozenset(Role(role) for role in found.roles),
            secret_digests=found.secret_digests,
            public_jwks=found.public_jwks,
            is_active=found.is_active,
        )

    async def find_brand_key(self, kid: str) -> RegisteredBrandKey | None:
        """Find the key by its id, active or not."""
        async with self.database.reading(PLATFORM_NETWORK_ID) as db:
            found = await clients.find_brand_key(db, kid=kid)
        if found is None:
            return None
        return RegisteredBrandKey(
            found.kid, found.network_id, found.partner_id, found.public_jwk, found.is_active
        )

    async def find_member(self, network_id: int, partner_id: UUID, external_id: str) -> UUID | None:
        """Find the member who is enrolled under this identity at this partner."""
        async with self.database.reading(network_id) as db:
            return await find_member_by_identity(
                db, network_id=network_id, partner_id=partner_id, external_id=external_id
            )

    async def remember_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Note the assertion as used until it expires; False when it already was."""
        async with self.database.writing(PLATFORM_NETWORK_ID) as db:
            return await clients.remember_assertion(
                db, client_id=client_id, jti=jti, expires_at=expires_at, now=self.clock.now()
            )
