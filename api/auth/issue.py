"""Making tokens: access tokens of the built-in issuer, and member tokens as a brand makes them."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from api.auth.caller import CallerKind, Role
from api.auth.compact import PublicKey, sign_compact
from api.auth.keys import ACCESS_TOKEN_SECONDS, SigningKeys

SCOPE = "mizan"
BRAND_ISSUER = "brand"
MEMBER_TOKEN_SECONDS_MAX = 24 * 3600


def audience_of(issuer: str) -> str:
    """Name the one audience of every token: the GraphQL endpoint."""
    return f"{issuer}/graphql"


def token_endpoint_of(issuer: str) -> str:
    """Name the endpoint that client assertions must be made for."""
    return f"{issuer}/oauth/token"


def issue_partner_token(
    keys: SigningKeys,
    *,
    issuer: str,
    network_id: int,
    partner_id: UUID,
    client_id: str,
    now: datetime,
    lifetime_seconds: int = ACCESS_TOKEN_SECONDS,
) -> str:
    """Sign an access token for an API client of a partner."""
    claims = {"kind": CallerKind.PARTNER.value, "sub": client_id, "client_id": client_id}
    claims["partner"] = str(partner_id)
    return _sign(keys, issuer, network_id, claims, now=now, lifetime_seconds=lifetime_seconds)


def issue_staff_token(
    keys: SigningKeys,
    *,
    issuer: str,
    network_id: int,
    subject: str,
    roles: Iterable[Role],
    now: datetime,
    client_id: str | None = None,
    lifetime_seconds: int = ACCESS_TOKEN_SECONDS,
) -> str:
    """Sign an access token for one person of the staff.

    Without a client it is the platform itself that vouches for the person (the command line), and
    nothing but its expiry ends the token.
    """
    claims: dict[str, Any] = {
        "kind": CallerKind.STAFF.value,
        "sub": subject,
        "roles": sorted(role.value for role in roles),
    }
    if client_id is not None:
        claims["client_id"] = client_id
    return _sign(keys, issuer, network_id, claims, now=now, lifetime_seconds=lifetime_seconds)


def sign_member_token(
    private_key: PublicKey,
    *,
    kid: str,
    issuer: str,
    external_id: str,
    now: datetime,
    lifetime_seconds: int = 3600,
) -> str:
    """Sign a member token the way a brand's own backend does, for tests, seeds and the demo.

    `external_id` is what the brand calls its member; `kid` the id its public key got when it was
    registered.
    """
    issued = int(now.timestamp())
    claims = {
        "iss": BRAND_ISSUER,
        "sub": external_id,
        "aud": audience_of(issuer),
        "iat": issued,
        "exp": issued + lifetime_seconds,
    }
    return sign_compact({"typ": "JWT", "kid": kid}, claims, private_key)


def _sign(
    keys: SigningKeys,
    issuer: str,
    network_id: int,
    claims: dict[str, Any],
    *,
    now: datetime,
    lifetime_seconds: int,
) -> str:
    # A longer life would outlast the key after a rotation.
    assert 0 < lifetime_seconds <= ACCESS_TOKEN_SECONDS
    issued = int(now.timestamp())
    registered = {
        "iss": issuer,
        "aud": audience_of(issuer),
        "iat": issued,
        "exp": issued + lifetime_seconds,
        "jti": secrets.token_urlsafe(16),
        "scope": SCOPE,
        "network": network_id,
    }
    header = {"typ": "at+jwt", "kid": keys.current.kid}
    return sign_compact(header, registered | claims, keys.current)
