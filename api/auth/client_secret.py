"""Secrets of API clients: 256 random bits, shown once, kept as a digest."""

import hashlib
import secrets

_PREFIX = "mzs_"  # lets secret scanners find one that leaked


def new_client_secret() -> str:
    """Make a secret; whoever makes it shows it once and keeps only its digest."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_client_secret(secret: str) -> bytes:
    """Compute what is stored of a secret.

    A plain SHA-256 is enough: a secret of 256 random bits cannot be guessed, however fast.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
