"""Public keys as JWKs: only the two kinds that Mizan verifies, only their public parts."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from partners.clients.errors import InvalidPublicKey, PrivateKeyShown

_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_COORDINATE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 32 bytes
_KID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
KEYS_MAX = 4


def public_jwk(given: Mapping[str, Any]) -> dict[str, str]:
    """Read a public key and keep what describes it: kty, crv, x, y, and kid.

    A key without an id gets its thumbprint (RFC 7638). Raises PrivateKeyShown, InvalidPublicKey.
    """
    if _PRIVATE_PARTS & given.keys():
        raise PrivateKeyShown
    kind = (given.get("kty"), given.get("crv"))
    if kind == ("EC", "P-256"):
        x, y = _coordinate(given, "x"), _coordinate(given, "y")
        try:
            EllipticCurvePublicNumbers(
                int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1()
            ).public_key()
        except ValueError:
            raise InvalidPublicKey from None
        kept = {"crv": "P-256", "kty": "EC", "x": given["x"], "y": given["y"]}
    elif kind == ("OKP", "Ed25519"):
        Ed25519PublicKey.from_public_bytes(_coordinate(given, "x"))
        kept = {"crv": "Ed25519", "kty": "OKP", "x": given["x"]}
    else:
        raise InvalidPublicKey
    return {**kept, "kid": _kid(given, kept)}


def public_jwks(given: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Read a JWK set of 1 to 4 public keys; raises PrivateKeyShown, InvalidPublicKey."""
    keys = given.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= KEYS_MAX:
        raise InvalidPublicKey
    if not all(isinstance(key, dict) for key in keys):
        raise InvalidPublicKey
    return {"keys": [public_jwk(key) for key in keys]}


def _coordinate(given: Mapping[str, Any], name: str) -> bytes:
    value = given.get(name)
    if not isinstance(value, str) or not _COORDINATE.fullmatch(value):
        raise InvalidPublicKey
    return base64.urlsafe_b64decode(value + "=")


def _kid(given: Mapping[str, Any], kept: Mapping[str, str]) -> str:
    kid = given.get("kid")
    if kid is None:
        canonical = json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise InvalidPublicKey(path=("kid",))
    return kid
