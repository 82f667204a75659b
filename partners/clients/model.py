"""API clients, their secrets and keys."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from partners.clients.errors import InvalidClient

ROTATION_OVERLAP = timedelta(hours=24)
"""How long the old secret of a rotated client still works."""

STAFF_ROLES = frozenset({"operator", "finance_maker", "finance_checker", "auditor"})
_SUBJECT = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


class ClientKind(StrEnum):
    """Whom a client speaks for."""

    PARTNER = "partner"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A program's access to the API: a partner's backend, or one person of the staff.

    `subject` is an opaque name such as "maker-1". `secret_digests` are the SHA-256 digests that
    are valid now, the newest first; `previous_until_at` is when a rotated secret stops working.
    """

    client_id: str
    network_id: int
    kind: ClientKind
    partner_id: UUID | None
    subject: str
    roles: frozenset[str]
    secret_digests: tuple[bytes, ...] = field(repr=False)
    previous_until_at: datetime | None
    public_jwks: Mapping[str, Any] | None
    is_active: bool
    created_at: datetime

    @property
    def key(self) -> UUID:
        """The client's id as the UUID that it is made of."""
        return UUID(hex=self.client_id.removeprefix("mzc_"))


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """An API client with its new secret, which is shown this once and kept nowhere."""

    client: ApiClient
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrandKey:
    """A public key with which a partner's own backend signs the tokens of its members."""

    kid: str
    network_id: int
    partner_id: UUID
    public_jwk: Mapping[str, Any]
    is_active: bool
    created_at: datetime


def client_id_of(key: UUID) -> str:
    """Write the id that a client sends; it is public, and its prefix only says what it is."""
    return "mzc_" + key.hex


def new_client_secret() -> str:
    """Make a secret of 256 random bits; its prefix lets secret scanners find one that leaked."""
    return "mzs_" + secrets.token_urlsafe(32)


def digest_client_secret(secret: str) -> bytes:
    """Compute what is kept of a secret.

    A plain SHA-256 is enough: a secret of 256 random bits cannot be guessed, however fast.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def check_client(
    kind: ClientKind, partner_id: UUID | None, subject: str, roles: frozenset[str]
) -> None:
    """Let a client's description through; raises InvalidClient naming the wrong part."""
    is_staff = kind is ClientKind.STAFF
    if is_staff != (partner_id is None):
        raise InvalidClient(path=("partner_id",))
    if not _SUBJECT.fullmatch(subject):
        raise InvalidClient(path=("subject",))
    if is_staff != bool(roles) or not roles <= STAFF_ROLES:
        raise InvalidClient(path=("roles",))
