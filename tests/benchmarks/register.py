"""Who may ask during a benchmark: callers are named by their ids, so nothing has to be looked up.

The application asks its directories at most every 30 seconds for a token, so this is no short cut
on the measured path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey

from api.auth import (
    RegisteredBrandKey,
    RegisteredClient,
    SigningKeyFile,
    issue_partner_token,
    sign_member_token,
)
from api.clock import Clock

REISSUE_SECONDS = 600


@dataclass(frozen=True)
class Register:
    """Knows every partner's client, every brand's key and every member."""

    network_id: int
    brand_jwk: Mapping[str, Any]

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "Register":
        """Make the register of a server's configuration."""
        return cls(config["network_id"], config["brand_jwk"])

    async def find_client(self, client_id: str) -> RegisteredClient | None:
        """Find a partner's client, which is named by the partner's id."""
        return RegisteredClient(client_id, self.network_id, "partner", UUID(client_id), client_id)

    async def find_brand_key(self, kid: str) -> RegisteredBrandKey | None:
        """Find a brand's key, which is named by the partner's id; all brands share one."""
        return RegisteredBrandKey(kid, self.network_id, UUID(kid), self.brand_jwk)

    async def find_member(self, network_id: int, partner_id: UUID, external_id: str) -> UUID | None:
        """Find a member, who is named by their id."""
        return UUID(external_id)

    async def remember_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Take any assertion; none is made here."""
        return True


class Issuer:
    """Makes the callers' tokens, anew before they expire."""

    def __init__(
        self, keys: SigningKeyFile, brand_key: ECKey, *, issuer: str, network_id: int, clock: Clock
    ) -> None:
        self._keys, self._brand_key = keys, brand_key
        self._issuer, self._network_id, self._clock = issuer, network_id, clock
        self._made: dict[tuple[str, UUID], tuple[datetime, str]] = {}

    def token_of(self, kind: str, key: UUID) -> str:
        """Give a good token of a partner or a member."""
        now = self._clock.now()
        made = self._made.get((kind, key))
        if made is not None and (now - made[0]).total_seconds() < REISSUE_SECONDS:
            return made[1]
        token = self._sign(kind, key, now)
        self._made[kind, key] = (now, token)
        return token

    def _sign(self, kind: str, key: UUID, now: datetime) -> str:
        if kind == "partner":
            return issue_partner_token(
                self._keys.keys(),
                issuer=self._issuer,
                network_id=self._network_id,
                partner_id=key,
                client_id=str(key),
                now=now,
            )
        return sign_member_token(
            self._brand_key,
            kid=str(UUID(int=0)),
            issuer=self._issuer,
            external_id=str(key),
            now=now,
        )
