"""Credentials whose every renewal replaces the token for the next one.

A refresh token is good once. Whoever uses it has to keep what came instead before anybody else
asks, so the tokens of an account lie on a shelf that all our processes share.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from catalog.suppliers.exchange import Channel, Headers
from catalog.suppliers.model import Secret
from catalog.suppliers.token_credentials import GivenToken, ask_for_token, bearer


class TokenShelf(Protocol):
    """Where the tokens of one account lie."""

    def read(self) -> str | None:
        """Tell what lies there."""
        ...

    def write(self, text: str) -> None:
        """Put something in its place, so that it outlives this process."""
        ...

    def held(self) -> AbstractAsyncContextManager[None]:
        """Keep everybody else from renewing. Raises SupplierBusy when somebody takes too long."""
        ...


class RefreshedCredentials:
    """An access token that is renewed with a refresh token, which is replaced by that.

    `first` is the refresh token that a person put into the settings. Tokens on the shelf that come
    from another first one are not used: somebody had to begin anew.
    """

    def __init__(
        self,
        url: str,
        ask: Callable[[str], Mapping[str, str]],
        first: Secret,
        shelf: TokenShelf,
        now: Callable[[], datetime],
    ) -> None:
        self._url, self._ask, self._now = url, ask, now
        self._first, self._shelf = first, shelf
        self._origin = hashlib.sha256(first.reveal().encode()).hexdigest()

    async def headers(self, line: Channel, *, refused: Headers | None) -> Headers:
        """Tell the header with a token that is good; a new one when `refused` has the last."""
        ours = self._good(refused)
        if ours is not None:
            return ours
        async with self._shelf.held():
            ours = self._good(refused)  # somebody else may have renewed it meanwhile
            if ours is not None:
                return ours
            kept = self._kept()
            refresh = (kept.refresh if kept else None) or self._first.reveal()
            given = await ask_for_token(line, self._url, self._ask(refresh), now=self._now())
            self._put(given, given.refresh or refresh)
            return bearer(given.access)

    def _good(self, refused: Headers | None) -> Headers | None:
        kept = self._kept()
        if kept is None or self._now() >= kept.expires_at or bearer(kept.access) == refused:
            return None
        return bearer(kept.access)

    def _put(self, given: GivenToken, refresh: str) -> None:
        fields = {
            "origin": self._origin,
            "access": given.access,
            "refresh": refresh,
            "expires_at": given.expires_at.isoformat(),
        }
        self._shelf.write(json.dumps(fields))

    def _kept(self) -> GivenToken | None:
        try:
            fields = json.loads(self._shelf.read() or "{}")
            if fields.get("origin") != self._origin:
                return None
            expires_at = datetime.fromisoformat(fields["expires_at"])
            return GivenToken(str(fields["access"]), expires_at, str(fields["refresh"]))
        except (ValueError, KeyError, AttributeError):
            return None
