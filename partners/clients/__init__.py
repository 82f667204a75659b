"""Clients: the programs and people who may call the API, and the keys brands sign with."""

from partners.clients.create_api_client import create_api_client
from partners.clients.errors import (
    BrandKeyTaken,
    ClientHasNoSecret,
    ClientNotFound,
    InvalidClient,
    InvalidPublicKey,
    PrivateKeyShown,
)
from partners.clients.jwk import public_jwk
from partners.clients.model import (
    ROTATION_OVERLAP,
    STAFF_ROLES,
    ApiClient,
    BrandKey,
    ClientKind,
    IssuedClient,
    client_id_of,
    digest_client_secret,
    new_client_secret,
)
from partners.clients.queries import find_brand_key, find_client, list_clients, read_clients
from partners.clients.register_brand_key import register_brand_key
from partners.clients.remember_assertion import remember_assertion
from partners.clients.rotate_api_client import rotate_api_client

__all__ = [
    "ROTATION_OVERLAP",
    "STAFF_ROLES",
    "ApiClient",
    "BrandKey",
    "BrandKeyTaken",
    "ClientHasNoSecret",
    "ClientKind",
    "ClientNotFound",
    "InvalidClient",
    "InvalidPublicKey",
    "IssuedClient",
    "PrivateKeyShown",
    "client_id_of",
    "create_api_client",
    "digest_client_secret",
    "find_brand_key",
    "find_client",
    "list_clients",
    "new_client_secret",
    "public_jwk",
    "read_clients",
    "register_brand_key",
    "remember_assertion",
    "rotate_api_client",
]
