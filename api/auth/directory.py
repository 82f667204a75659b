"""What must be found before a network is known, as ports; the database stands behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from api.auth.caller import Role


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """An API client: the credentials of a partner's backend, or of one person of the staff.

    `secret_digests` are SHA-256 digests, more than one while a rotation overlaps; `public_jwks`
    is the JWK set of a client that signs assertions instead.
    """

    client_id: str
    network_id: int
    kind: Literal["partner", "staff"]
    partner_id: UUID | None
    subject: str
    roles: frozenset[Role] = frozenset()
    secret_digests: tuple[bytes, ...] = field(default=(), repr=False)
    public_jwks: Mapping[str, Any] | None = None
    scopes: frozenset[str] = frozenset({"mizan"})
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class RegisteredBrandKey:
    """A public key with which a brand's own backend signs the tokens of its members."""

    kid: str
    network_id: int
    partner_id: UUID
    public_jwk: Mapping[str, Any]
    is_active: bool = True


class ClientDirectory(Protocol):
    """Knows the API clients of every network."""

    async def find_client(self, client_id: str) -> RegisteredClient | None:
        """Find the client, active or not."""
        ...


class BrandKeyDirectory(Protocol):
    """Knows the keys that brands registered, in every network."""

    async def find_brand_key(self, kid: str) -> RegisteredBrandKey | None:
        """Find the key by its id, active or not."""
        ...


class MemberDirectory(Protocol):
    """Knows which member a brand means by an identity of its own."""

    async def find_member(self, network_id: int, partner_id: UUID, external_id: str) -> UUID | None:
        """Find the member who is enrolled under this identity at this partner."""
        ...


class ReplayGuard(Protocol):
    """Remembers which client assertions have been used."""

    async def remember_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Note the assertion as used until it expires; False when it already was.

        Of several calls at once with the same assertion exactly one gets True.
        """
        ...
