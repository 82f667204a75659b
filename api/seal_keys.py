"""The keys that sign blocks: one signs, the public halves of all that ever did stay published."""

import base64
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_FILE = "seal.json"
_LOCK = "seal.lock"
_KEY_ID_LENGTH = 16


class KeyFileInvalid(Exception):
    """A file of seal keys cannot be read; what it says is not repeated here."""


@dataclass(frozen=True, slots=True)
class SealSigner:
    """Signs with the key of now."""

    key_id: str
    _key: Ed25519PrivateKey

    def sign(self, content: bytes) -> bytes:
        """Sign with Ed25519."""
        return self._key.sign(content)


@dataclass(frozen=True, slots=True)
class PublicSealKeys:
    """The keys whose signatures are believed."""

    keys: Mapping[str, Ed25519PublicKey]

    def has(self, key_id: str) -> bool:
        """Tell whether a key is one of ours."""
        return key_id in self.keys

    def verifies(self, key_id: str, *, content: bytes, signature: bytes) -> bool:
        """Tell whether that key signed the content."""
        key = self.keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def jwks(self) -> dict[str, Any]:
        """Show them as published under /.well-known/seal-keys.json."""
        return {"keys": [_public_jwk(key_id, key) for key_id, key in self.keys.items()]}


class SealKeyFile:
    """The keys on disk, shared by all processes of a data folder; only ever replaced whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._held: tuple[SealSigner, PublicSealKeys] | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            if not (folder / _FILE).exists():
                self._write(Ed25519PrivateKey.generate(), [])

    def signer(self) -> SealSigner:
        """Give who signs now."""
        return self._current()[0]

    def public(self) -> PublicSealKeys:
        """Give the public halves, the newest first."""
        return self._current()[1]

    def rotate(self) -> SealSigner:
        """Let a new key sign from now on; what the earlier ones signed is believed as before."""
        with self._locked():
            public = self._read()[1]
            self._write(Ed25519PrivateKey.generate(), public.jwks()["keys"])
        return self.signer()

    def _current(self) -> tuple[SealSigner, PublicSealKeys]:
        stat = (self._folder / _FILE).stat()
        seen = (stat.st_ino, stat.st_mtime_ns)
        if self._held is None or seen != self._seen:
            self._held, self._seen = self._read(), seen
        return self._held

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> tuple[SealSigner, PublicSealKeys]:
        path = self._folder / _FILE
        try:
            document = json.loads(path.read_text())
            private = Ed25519PrivateKey.from_private_bytes(_bytes_of(document["current"]["d"]))
            earlier = _read_jwks(document["earlier"])
        except (KeyError, TypeError, ValueError, OSError):
            # What the parser says might quote the file, and the file is secret.
            raise KeyFileInvalid(f"{path} does not hold seal keys") from None
        key_id = key_id_of(private.public_key())
        signer = SealSigner(key_id, private)
        return signer, PublicSealKeys({key_id: private.public_key(), **earlier})

    def _write(self, private: Ed25519PrivateKey, earlier: list[dict[str, Any]]) -> None:
        public = private.public_key()
        current = {
            **_public_jwk(key_id_of(public), public),
            "d": _text_of(private.private_bytes_raw()),
        }
        # mkstemp makes the file 0600; a reader sees the old keys or the new ones, never half.
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".seal-")
        with os.fdopen(handle, "w") as file:
            json.dump({"current": current, "earlier": earlier}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._folder / _FILE)


def open_seal_keys(data_dir: Path) -> SealKeyFile:
    """Open the seal keys under the data folder; the first start creates them."""
    return SealKeyFile(data_dir / "keys")


def read_public_keys(path: Path) -> PublicSealKeys:
    """Read keys as they are published, or as they are kept; raises KeyFileInvalid."""
    try:
        document = json.loads(path.read_text())
        if "current" in document:
            document = {"keys": [document["current"], *document["earlier"]]}
        return PublicSealKeys(_read_jwks(document["keys"]))
    except (KeyError, TypeError, ValueError, OSError):
        raise KeyFileInvalid(f"{path} does not hold seal keys") from None


def key_id_of(key: Ed25519PublicKey) -> str:
    """Name a key after itself."""
    return sha256(key.public_bytes_raw()).hexdigest()[:_KEY_ID_LENGTH]


def _read_jwks(jwks: list[dict[str, Any]]) -> dict[str, Ed25519PublicKey]:
    keys = [Ed25519PublicKey.from_public_bytes(_bytes_of(one["x"])) for one in jwks]
    return {key_id_of(key): key for key in keys}


def _public_jwk(key_id: str, key: Ed25519PublicKey) -> dict[str, Any]:
    x = _text_of(key.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key_id, "x": x}


def _text_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
