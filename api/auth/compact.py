"""Reading signed tokens strictly: nothing in a token decides how the token is checked."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from api.auth.errors import PublicKeyRefused, TokenRejected

TOKEN_CHARACTERS_MAX = 8192
CLOCK_SKEW_SECONDS = 30
"""How far ahead the clock of whoever signed may be; an expiry is never stretched."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_KID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# Everything else a header can carry (jku, jwk, x5u, x5c, crit, zip, b64) asks us to trust the
# token about its own key or meaning.
_HEADER_FIELDS = frozenset({"alg", "kid", "typ"})
# One family of algorithms per kind of key; RFC 9864 renamed EdDSA on Ed25519 to Ed25519.
_ALGORITHMS = {"EC": frozenset({"ES256"}), "OKP": frozenset({"EdDSA", "Ed25519"})}
SIGNING_ALGORITHMS = ("ES256", "EdDSA", "Ed25519")

PublicKey = ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class CompactToken:
    """A token that is well formed; nothing it says is proven yet."""

    alg: str
    kid: str | None
    typ: str | None
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


def read_compact(text: str) -> CompactToken:
    """Take a token apart without believing it; raises TokenRejected when it is malformed."""
    if len(text) > TOKEN_CHARACTERS_MAX:
        raise TokenRejected("too_large")
    parts = _COMPACT.fullmatch(text)
    if parts is None:
        raise TokenRejected("not_a_compact_token")
    header = _json_object(parts[1])
    if not header.keys() <= _HEADER_FIELDS:
        raise TokenRejected("header_not_allowed")
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(alg, str) or alg not in SIGNING_ALGORITHMS:
        raise TokenRejected("algorithm_not_allowed")
    if kid is not None and not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise TokenRejected("kid_malformed")
    if typ is not None and not isinstance(typ, str):
        raise TokenRejected("type_malformed")
    return CompactToken(
        alg=alg,
        kid=kid,
        typ=typ,
        claims=_json_object(parts[2]),
        signing_input=f"{parts[1]}.{parts[2]}".encode("ascii"),
        signature=_decode(parts[3]),
    )


def require_signature(token: CompactToken, key: PublicKey) -> None:
    """Prove that the holder of the key signed the token; raises TokenRejected otherwise."""
    if token.alg not in _ALGORITHMS[key.key_type]:
        raise TokenRejected("algorithm_does_not_fit_key")
    algorithm = JWSRegistry.algorithms[token.alg]
    try:
        algorithm.check_key(key)
        is_genuine = algorithm.verify(token.signing_input, token.signature, key)
    except (JoseError, ValueError):
        is_genuine = False
    if not is_genuine:
        raise TokenRejected("signature_wrong")


def require_audience(claims: Mapping[str, Any], audience: str) -> None:
    """Check that the token is meant for this audience and for no other one."""
    if claims.get("aud") not in (audience, [audience]):
        raise TokenRejected("audience_wrong")


def require_time(claims: Mapping[str, Any], *, now: datetime, lifetime_seconds_max: int) -> float:
    """Check exp, nbf and iat against our clock; returns the instant of expiry in epoch seconds."""
    present = now.timestamp()
    expires = _instant(claims, "exp")
    if expires is None:
        raise TokenRejected("exp_missing")
    if expires <= present:
        raise TokenRejected("expired")
    if expires > present + lifetime_seconds_max + CLOCK_SKEW_SECONDS:
        raise TokenRejected("lives_too_long")
    for name in ("nbf", "iat"):
        instant = _instant(claims, name)
        if instant is not None and instant > present + CLOCK_SKEW_SECONDS:
            raise TokenRejected(f"{name}_in_future")
    return expires


def require_text(claims: Mapping[str, Any], name: str, *, characters_max: int = 200) -> str:
    """Take a claim that must be a text of sensible length."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= characters_max:
        raise TokenRejected(f"{name}_missing_or_malformed")
    # A lone surrogate or a NUL is text to JSON, but no database can be asked about it.
    if not value.isprintable():
        raise TokenRejected(f"{name}_missing_or_malformed")
    return value


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read a public key of the two kinds Mizan accepts: EC P-256 and Ed25519.

    Raises PublicKeyRefused for every other key, for a private one above all: whoever hands in a
    private key has lost it.
    """
    if "d" in jwk:
        raise PublicKeyRefused("the key is a private key")
    kind = (jwk.get("kty"), jwk.get("crv"))
    try:
        if kind == ("EC", "P-256"):
            return ECKey.import_key({n: str(jwk[n]) for n in ("kty", "crv", "x", "y")})
        if kind == ("OKP", "Ed25519"):
            return OKPKey.import_key({n: str(jwk[n]) for n in ("kty", "crv", "x")})
    except (JoseError, KeyError, ValueError):
        raise PublicKeyRefused("the key is malformed") from None
    raise PublicKeyRefused("neither EC P-256 nor Ed25519")


def sign_compact(header: Mapping[str, Any], claims: Mapping[str, Any], key: PublicKey) -> str:
    """Sign claims with a private key, with the one algorithm that fits the key."""
    alg = "ES256" if isinstance(key, ECKey) else "EdDSA"
    signing_input = f"{_encode_json({'alg': alg, **header})}.{_encode_json(claims)}"
    signature = JWSRegistry.algorithms[alg].sign(signing_input.encode("ascii"), key)
    return f"{signing_input}.{_encode(signature)}"


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # True is an int to Python; an infinity is no instant, and no comparison with NaN holds.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRejected(f"{name}_malformed")
    if not 0 <= value <= 1 << 53:
        raise TokenRejected(f"{name}_malformed")
    return float(value)


def _json_object(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(
            _decode(segment).decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise TokenRejected("not_json") from None
    if not isinstance(value, dict):
        raise TokenRejected("not_an_object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise TokenRejected("duplicate_field")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise TokenRejected("not_a_number")


def _decode(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise TokenRejected("not_base64url") from None


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _encode_json(value: Mapping[str, Any]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode("utf-8"))
