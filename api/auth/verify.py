"""Letting callers in: a bearer token becomes a Caller, or is rejected."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.auth.caller import PLATFORM_NETWORK_ID, Caller, CallerKind, Role
from api.auth.compact import (
    TOKEN_CHARACTERS_MAX,
    CompactToken,
    public_key,
    read_compact,
    require_audience,
    require_signature,
    require_text,
    require_time,
)
from api.auth.directory import (
    BrandKeyDirectory,
    ClientDirectory,
    MemberDirectory,
    RegisteredClient,
)
from api.auth.errors import PublicKeyRefused, TokenRejected
from api.auth.issue import BRAND_ISSUER, MEMBER_TOKEN_SECONDS_MAX, SCOPE, audience_of
from api.auth.keys import ACCESS_TOKEN_SECONDS, SigningKeyFile

RECHECK_SECONDS = 30
"""How long the directories' word is taken: a deactivated client or key is out within this time."""

_MEMBER_TOKEN_TYPES = frozenset({"jwt", "at+jwt"})


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    expires: float
    verified_at: float
    verified_monotonic: float


class TokenVerifier:
    """Turns Authorization headers into callers; one for each process.

    A verified token is remembered by its digest for at most RECHECK_SECONDS, by the platform's
    clock and by the elapsed time both, so that a clock that a test stopped does not keep a
    deactivated client in.
    """

    def __init__(
        self,
        *,
        issuer: str,
        keys: SigningKeyFile,
        clients: ClientDirectory,
        brand_keys: BrandKeyDirectory,
        members: MemberDirectory,
        tokens_max: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._keys = keys
        self._clients = clients
        self._brand_keys = brand_keys
        self._members = members
        self._tokens_max = tokens_max
        self._monotonic = monotonic
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._epoch = 0

    async def authenticate(self, authorization: str | None, *, now: datetime) -> Caller | None:
        """Find out who sent a request; None when there is no Authorization header.

        Raises TokenRejected, always to be answered the same, for anything but a good token.
        """
        if authorization is None:
            return None
        token = _bearer(authorization)
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = self._recall(digest, now=now)
        if known is not None:
            return known
        epoch, started = self._epoch, self._monotonic()
        caller, expires = await self._verify(read_compact(token), now=now)
        # Whoever was revoked while we looked must not come back through what we saw before.
        if epoch == self._epoch:
            self._remember(digest, _Verified(caller, expires, now.timestamp(), started))
        return caller

    def forget(self) -> None:
        """Make every token be verified anew, as after a revocation that must not wait."""
        self._epoch += 1
        self._verified.clear()

    def _recall(self, digest: bytes, *, now: datetime) -> Caller | None:
        known = self._verified.get(digest)
        if known is None:
            return None
        age = now.timestamp() - known.verified_at
        elapsed = self._monotonic() - known.verified_monotonic
        is_expired = known.expires <= now.timestamp()
        if is_expired or not 0 <= age < RECHECK_SECONDS or elapsed >= RECHECK_SECONDS:
            self._verified.pop(digest, None)
            return None
        self._verified.move_to_end(digest)
        return known.caller

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._verified[digest] = verified
        self._verified.move_to_end(digest)
        while len(self._verified) > self._tokens_max:
            self._verified.popitem(last=False)

    async def _verify(self, token: CompactToken, *, now: datetime) -> tuple[Caller, float]:
        # The unproven issuer only chooses where the key is looked up; each issuer has its own keys.
        issuer = token.claims.get("iss")
        if token.kid is None:
            raise TokenRejected("kid_missing")
        if issuer == self._issuer:
            return await self._verify_own(token, token.kid, now=now)
        if issuer == BRAND_ISSUER:
            return await self._verify_brand(token, token.kid, now=now)
        raise TokenRejected("issuer_unknown")

    async def _verify_own(
        self, token: CompactToken, kid: str, *, now: datetime
    ) -> tuple[Caller, float]:
        key = self._keys.keys().find(kid, now=now)
        if key is None:
            raise TokenRejected("key_unknown")
        require_signature(token, key)
        if token.typ != "at+jwt":
            raise TokenRejected("type_wrong")
        require_audience(token.claims, audience_of(self._issuer))
        expires = require_time(token.claims, now=now, lifetime_seconds_max=ACCESS_TOKEN_SECONDS)
        require_text(token.claims, "jti")
        if SCOPE not in require_text(token.claims, "scope").split():
            raise TokenRejected("scope_missing")
        return await self._admit(_claimed_caller(token.claims)), expires

    async def _admit(self, claimed: Caller) -> Caller:
        """Hold what a token of ours says against what the directory says today."""
        if claimed.client_id is None:
            return claimed
        client = await self._clients.find_client(claimed.client_id)
        if client is None or not client.is_active:
            raise TokenRejected("client_inactive")
        if not _is_of_client(claimed, client):
            raise TokenRejected("client_changed")
        return Caller(
            kind=claimed.kind,
            network_id=claimed.network_id,
            subject=claimed.subject,
            partner_id=claimed.partner_id,
            # A role that was taken away is gone before the token expires.
            roles=claimed.roles & client.roles,
            client_id=claimed.client_id,
        )

    async def _verify_brand(
        self, token: CompactToken, kid: str, *, now: datetime
    ) -> tuple[Caller, float]:
        brand_key = await self._brand_keys.find_brand_key(kid)
        if brand_key is None or not brand_key.is_active:
            raise TokenRejected("key_unknown")
        try:
            key = public_key(brand_key.public_jwk)
        except PublicKeyRefused:
            raise TokenRejected("key_unusable") from None
        require_signature(token, key)
        if token.typ is not None and token.typ.lower() not in _MEMBER_TOKEN_TYPES:
            raise TokenRejected("type_wrong")
        require_audience(token.claims, audience_of(self._issuer))
        expires = require_time(token.claims, now=now, lifetime_seconds_max=MEMBER_TOKEN_SECONDS_MAX)
        subject = require_text(token.claims, "sub")
        member_id = await self._members.find_member(
            brand_key.network_id, brand_key.partner_id, subject
        )
        if member_id is None:
            raise TokenRejected("member_unknown")
        caller = Caller(
            kind=CallerKind.MEMBER,
            network_id=brand_key.network_id,
            subject=subject,
            partner_id=brand_key.partner_id,
            member_id=member_id,
        )
        return caller, expires


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    token = token.strip(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRejected("not_a_bearer_token")
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise TokenRejected("too_large")
    if not token.isascii():
        raise TokenRejected("not_a_compact_token")
    return token


def _claimed_caller(claims: dict[str, Any]) -> Caller:
    kind, network_id = claims.get("kind"), claims.get("network")
    if isinstance(network_id, bool) or not isinstance(network_id, int) or network_id < 0:
        raise TokenRejected("network_malformed")
    subject = require_text(claims, "sub")
    client_id = require_text(claims, "client_id") if "client_id" in claims else None
    if kind == CallerKind.STAFF:
        return Caller(
            kind=CallerKind.STAFF,
            network_id=network_id,
            subject=subject,
            roles=_claimed_roles(claims),
            client_id=client_id,
        )
    if kind != CallerKind.PARTNER or network_id == PLATFORM_NETWORK_ID or client_id is None:
        raise TokenRejected("kind_malformed")
    return Caller(
        kind=CallerKind.PARTNER,
        network_id=network_id,
        subject=subject,
        partner_id=_claimed_partner(claims),
        client_id=client_id,
    )


def _claimed_roles(claims: dict[str, Any]) -> frozenset[Role]:
    names = claims.get("roles")
    if not isinstance(names, list):
        raise TokenRejected("roles_malformed")
    try:
        return frozenset(Role(name) for name in names)
    except ValueError:
        raise TokenRejected("roles_malformed") from None


def _claimed_partner(claims: dict[str, Any]) -> UUID:
    try:
        return UUID(require_text(claims, "partner"))
    except ValueError:
        raise TokenRejected("partner_malformed") from None


def _is_of_client(claimed: Caller, client: RegisteredClient) -> bool:
    return (claimed.kind, claimed.network_id, claimed.partner_id) == (
        client.kind,
        client.network_id,
        client.partner_id,
    )
