"""Who is asking: tokens in, callers out. The token endpoint itself is in api.auth.server."""

from api.auth.caller import PLATFORM_NETWORK_ID, Caller, CallerKind, Role
from api.auth.compact import public_key
from api.auth.directory import (
    BrandKeyDirectory,
    ClientDirectory,
    MemberDirectory,
    RegisteredBrandKey,
    RegisteredClient,
    ReplayGuard,
)
from api.auth.errors import KeyFileInvalid, PublicKeyRefused, TokenRejected
from api.auth.issue import issue_partner_token, issue_staff_token, sign_member_token
from api.auth.keys import ACCESS_TOKEN_SECONDS, SigningKeyFile, SigningKeys, open_signing_keys
from api.auth.verify import TokenVerifier

__all__ = [
    "ACCESS_TOKEN_SECONDS",
    "PLATFORM_NETWORK_ID",
    "BrandKeyDirectory",
    "Caller",
    "CallerKind",
    "ClientDirectory",
    "KeyFileInvalid",
    "MemberDirectory",
    "PublicKeyRefused",
    "RegisteredBrandKey",
    "RegisteredClient",
    "ReplayGuard",
    "Role",
    "SigningKeyFile",
    "SigningKeys",
    "TokenRejected",
    "TokenVerifier",
    "issue_partner_token",
    "issue_staff_token",
    "open_signing_keys",
    "public_key",
    "sign_member_token",
]
