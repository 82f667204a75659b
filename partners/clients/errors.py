"""Refusals about API clients and keys."""

from payouts.refusal import Refusal


class ClientNotFound(Refusal):
    """There is no such API client."""


class ClientHasNoSecret(Refusal):
    """The API client proves itself with a key of its own; there is no secret to rotate."""


class InvalidClient(Refusal):
    """A partner's client belongs to a partner; a staff client has an opaque subject and roles."""


class InvalidPublicKey(Refusal):
    """A key is a public EC P-256 or Ed25519 key as a JWK."""


class PrivateKeyShown(Refusal):
    """The key is a private one. Whoever hands it over has lost it; make a new pair."""


class BrandKeyTaken(Refusal):
    """This key id is already registered for another key."""
