"""The signing keys of the built-in issuer: one signs, the next is already published."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from api.auth.compact import CLOCK_SKEW_SECONDS
from api.auth.errors import KeyFileInvalid

ACCESS_TOKEN_SECONDS = 900
"""How long an access token lives; a key that was rotated out outlives its last token."""

_FILE = "issuer.json"
_LOCK = "issuer.lock"


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """A key that signs no more and verifies until its last token has expired."""

    key: ECKey
    until: datetime


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys as they stand: the current one signs, all verify."""

    current: ECKey
    following: ECKey
    retired: tuple[RetiredKey, ...] = ()

    def find(self, kid: str, *, now: datetime) -> ECKey | None:
        """Find the key that may have signed a token, by its id."""
        for key in self._valid_at(now):
            if key.kid == kid:
                return key
        return None

    def jwks(self, *, now: datetime) -> dict[str, Any]:
        """Show the public halves, as published under /.well-known/jwks.json."""
        return {"keys": [_public_jwk(key) for key in self._valid_at(now)]}

    def _valid_at(self, now: datetime) -> Iterator[ECKey]:
        yield self.current
        yield self.following
        yield from (old.key for old in self.retired if now < old.until)


class SigningKeyFile:
    """The keys on disk, shared by all processes that share the data folder.

    Every look notices a rotation made by another process; the file is only ever replaced whole.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._keys: SigningKeys | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            if not (folder / _FILE).exists():
                self._write(SigningKeys(current=_new_key(), following=_new_key()))

    def keys(self) -> SigningKeys:
        """Read the keys, from memory as long as the file is the same."""
        stat = (self._folder / _FILE).stat()
        seen = (stat.st_ino, stat.st_mtime_ns)
        if self._keys is None or seen != self._seen:
            self._keys, self._seen = self._read(), seen
        return self._keys

    def rotate(self, now: datetime) -> SigningKeys:
        """Let the following key sign from now on and publish a new following one.

        The key that signed until now verifies for as long as a token of it can live.
        """
        until = now + timedelta(seconds=ACCESS_TOKEN_SECONDS + CLOCK_SKEW_SECONDS)
        with self._locked():
            keys = self._read()
            still_valid = tuple(old for old in keys.retired if now < old.until)
            rotated = SigningKeys(
                current=keys.following,
                following=_new_key(),
                retired=(RetiredKey(keys.current, until), *still_valid),
            )
            self._write(rotated)
        return rotated

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> SigningKeys:
        path = self._folder / _FILE
        try:
            document = json.loads(path.read_text())
            return SigningKeys(
                current=_import(document["current"]),
                following=_import(document["following"]),
                retired=tuple(
                    RetiredKey(_import(old["key"]), datetime.fromisoformat(old["until"]))
                    for old in document["retired"]
                ),
            )
        except (JoseError, KeyError, TypeError, ValueError):
            # What the parser says might quote the file, and the file is secret.
            raise KeyFileInvalid(str(path)) from None

    def _write(self, keys: SigningKeys) -> None:
        document = {
            "current": keys.current.as_dict(private=True),
            "following": keys.following.as_dict(private=True),
            "retired": [
                {"key": old.key.as_dict(private=False), "until": old.until.isoformat()}
                for old in keys.retired
            ],
        }
        # mkstemp makes the file 0600; a reader sees the old keys or the new ones, never half.
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".issuer-")
        with os.fdopen(handle, "w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._folder / _FILE)


def open_signing_keys(data_dir: Path) -> SigningKeyFile:
    """Open the issuer's keys under the data folder; the first start creates them."""
    return SigningKeyFile(data_dir / "keys")


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


def _import(jwk: dict[str, Any]) -> ECKey:
    return ECKey.import_key(jwk)


def _public_jwk(key: ECKey) -> dict[str, Any]:
    jwk = key.as_dict(private=False)
    return {name: jwk[name] for name in ("kty", "crv", "x", "y", "use", "alg", "kid")}
