"""Why somebody was not let in. The reason is for logs and figures; a caller never sees it."""


class TokenRejected(Exception):
    """The bearer token is not one that Mizan accepts; answered with 401 whatever the reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PublicKeyRefused(Exception):
    """The key is not a public EC P-256 or Ed25519 key in JWK form."""


class KeyFileInvalid(Exception):
    """The file of the issuer's signing keys cannot be read as such."""
