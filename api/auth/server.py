"""The token endpoint: OAuth 2 client credentials, by secret or by signed assertion."""
# Authlib ships no types, so every class of it that is extended here is Any to the type checker.
# mypy: allow-subclassing-any

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientCredentialsGrant,
    ClientMixin,
    InvalidClientError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from api.auth.compact import (
    CompactToken,
    PublicKey,
    public_key,
    read_compact,
    require_audience,
    require_signature,
    require_text,
    require_time,
)
from api.auth.directory import ClientDirectory, RegisteredClient, ReplayGuard
from api.auth.errors import PublicKeyRefused, TokenRejected
from api.auth.issue import (
    SCOPE,
    issue_partner_token,
    issue_staff_token,
    token_endpoint_of,
)
from api.auth.keys import ACCESS_TOKEN_SECONDS, SigningKeyFile
from api.clock import Clock
from partners.clients import digest_client_secret

ASSERTION_SECONDS_MAX = 3600
AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ASSERTION_TYPE = JWTBearerClientAssertion.CLIENT_ASSERTION_TYPE
_CLIENT_KEYS_MAX = 10


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the endpoint says, still free of any web framework."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _UsedAssertion:
    client_id: str
    jti: str
    expires_at: datetime


class TokenEndpoint:
    """Answers token requests.

    The client is looked up first, Authlib then decides without any I/O, and only an assertion
    that was good is remembered against replay, so that nobody can fill that memory with noise.
    """

    def __init__(
        self,
        *,
        issuer: str,
        keys: SigningKeyFile,
        clients: ClientDirectory,
        replays: ReplayGuard,
        clock: Clock,
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.clock = clock
        self._clients = clients
        self._replays = replays

    async def answer(
        self, *, authorization: str | None, fields: Sequence[tuple[str, str]]
    ) -> TokenAnswer:
        """Issue an access token, or say in the words of RFC 6749 why not."""
        now = self.clock.now()
        try:
            form = _single_values(fields)
            client_id = _named_client(authorization, form)
        except OAuth2Error as error:
            return _refusal(error.error)
        client = await self._clients.find_client(client_id) if client_id else None
        if client is not None and not client.is_active:
            client = None
        server = _Server(issuer=self.issuer, keys=self.keys, client=client, now=now)
        request = _Request(token_endpoint_of(self.issuer), authorization, form)
        answer: TokenAnswer = server.create_token_response(request)
        used = server.used_assertion
        if answer.status != 200 or used is None:
            return answer
        is_first_use = await self._replays.remember_assertion(
            used.client_id, used.jti, used.expires_at
        )
        return answer if is_first_use else _refusal("invalid_client")

    def metadata(self) -> dict[str, Any]:
        """Describe the authorization server (RFC 8414)."""
        return {
            "issuer": self.issuer,
            "token_endpoint": token_endpoint_of(self.issuer),
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "scopes_supported": [SCOPE],
            # Required, and there is no authorization endpoint to give a response from.
            "response_types_supported": ["none"],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA", "Ed25519"],
        }

    def jwks(self) -> dict[str, Any]:
        """Show the public halves of the signing keys."""
        return self.keys.keys().jwks(now=self.clock.now())


def _refusal(error: str) -> TokenAnswer:
    # One text for an unknown client, a wrong secret and a used assertion: none tells which it was.
    if error == "invalid_client":
        return TokenAnswer(
            401, {"error": error, "error_description": "Client authentication failed."}
        )
    return TokenAnswer(400, {"error": error})


def _single_values(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    form = {name: value for name, value in fields if value}
    if len({name for name, _ in fields}) != len(fields) or "grant_type" not in form:
        raise OAuth2Error(error="invalid_request")
    return form


def _named_client(authorization: str | None, form: Mapping[str, str]) -> str | None:
    """Find the one client that the request claims to be, by whichever of the three methods."""
    named: list[str | None] = []
    if authorization is not None:
        named.append(_basic_client(authorization))
    if "client_secret" in form:
        named.append(form.get("client_id"))
    if "client_assertion" in form or "client_assertion_type" in form:
        named.append(_asserted_client(form))
    if len(named) > 1:
        raise OAuth2Error(error="invalid_request")
    client_id = named[0] if named else None
    if client_id is None or form.get("client_id", client_id) != client_id:
        raise InvalidClientError
    if len(client_id) > 200 or not client_id.isprintable():
        raise InvalidClientError
    return client_id


def _basic_client(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        credentials = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise InvalidClientError from None
    client_id, colon, _ = credentials.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise InvalidClientError
    return unquote(client_id)


def _asserted_client(form: Mapping[str, str]) -> str:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClientError
    try:
        return require_text(read_compact(form.get("client_assertion", "")).claims, "sub")
    except TokenRejected:
        raise InvalidClientError from None


# From here on: how Authlib sees us.


class _Client(ClientMixin):
    def __init__(self, registered: RegisteredClient) -> None:
        self.registered = registered

    def get_client_id(self) -> str:
        return self.registered.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        wanted = set((scope or SCOPE).split())
        is_allowed = wanted and wanted <= self.registered.scopes
        return " ".join(sorted(wanted)) if is_allowed else None

    def check_client_secret(self, client_secret: str) -> bool:
        digest = digest_client_secret(client_secret)
        matches = [hmac.compare_digest(digest, kept) for kept in self.registered.secret_digests]
        return any(matches)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if method == "private_key_jwt":
            return self.registered.public_jwks is not None
        return bool(self.registered.secret_digests)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Request(OAuth2Request):
    def __init__(self, uri: str, authorization: str | None, form: dict[str, str]) -> None:
        # Authlib refuses plain http beyond this machine. TLS ends at the proxy in front of us, and
        # what it forwards inside a private network is plain.
        secured = "https://" + uri.partition("://")[2]
        headers = {} if authorization is None else {"Authorization": authorization}
        super().__init__("POST", secured, headers=headers)
        self.payload = BasicOAuth2Payload(form)

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        form: dict[str, str] = self.payload.data
        return form


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)


class _Assertion(JWTBearerClientAssertion):
    """RFC 7523 with our strict reading, our clock, and algorithms that only the key decides."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, server: "_Server") -> None:
        super().__init__()
        self._server = server

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            return {}, read_compact(assertion).claims
        except TokenRejected:
            raise InvalidClientError from None

    def resolve_client_public_key(self, client: _Client) -> list[PublicKey]:
        jwks = (client.registered.public_jwks or {}).get("keys", [])
        return [key for jwk in jwks[:_CLIENT_KEYS_MAX] if (key := _usable(jwk)) is not None]

    def process_assertion_claims(self, assertion: str, resolve_key: list[PublicKey]) -> None:
        try:
            token = read_compact(assertion)
            _require_one_signature(token, resolve_key)
            self._server.used_assertion = self._check(token.claims)
        except TokenRejected:
            raise InvalidClientError from None

    def _check(self, claims: Mapping[str, Any]) -> _UsedAssertion:
        client_id = require_text(claims, "sub")
        if require_text(claims, "iss") != client_id:
            raise TokenRejected("issuer_wrong")
        require_audience(claims, token_endpoint_of(self._server.issuer))
        expires = require_time(
            claims, now=self._server.now, lifetime_seconds_max=ASSERTION_SECONDS_MAX
        )
        return _UsedAssertion(
            client_id, require_text(claims, "jti"), datetime.fromtimestamp(expires, UTC)
        )


class _Server(AuthorizationServer):
    """Authlib's server for exactly one request: its client is known and its time is given."""

    def __init__(
        self,
        *,
        issuer: str,
        keys: SigningKeyFile,
        client: RegisteredClient | None,
        now: datetime,
    ) -> None:
        super().__init__(scopes_supported=[SCOPE])
        self.issuer = issuer
        self.now = now
        self.used_assertion: _UsedAssertion | None = None
        self._keys = keys
        self._client = client
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                self._access_token, expires_generator=ACCESS_TOKEN_SECONDS
            ).generate,
        )
        self.register_grant(_Grant)
        self.register_client_auth_method("private_key_jwt", _Assertion(self))

    def query_client(self, client_id: str) -> _Client | None:
        if self._client is None or self._client.client_id != client_id:
            return None
        return _Client(self._client)

    def _access_token(self, *, client: _Client, **_: object) -> str:
        registered, keys = client.registered, self._keys.keys()
        if registered.kind == "partner":
            assert registered.partner_id is not None, "a partner's client belongs to a partner"
            return issue_partner_token(
                keys,
                issuer=self.issuer,
                network_id=registered.network_id,
                partner_id=registered.partner_id,
                client_id=registered.client_id,
                now=self.now,
            )
        return issue_staff_token(
            keys,
            issuer=self.issuer,
            network_id=registered.network_id,
            subject=registered.subject,
            roles=registered.roles,
            client_id=registered.client_id,
            now=self.now,
        )

    def save_token(self, token: object, request: object) -> None:
        """Keep nothing: an access token proves itself."""

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: object) -> TokenAnswer:
        return TokenAnswer(status, body) if status == 200 else _refusal(body["error"])

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""


def _usable(jwk: Mapping[str, Any]) -> PublicKey | None:
    try:
        return public_key(jwk)
    except PublicKeyRefused:
        return None


def _require_one_signature(token: CompactToken, keys: Sequence[PublicKey]) -> None:
    for key in keys:
        try:
            return require_signature(token, key)
        except TokenRejected:
            continue
    raise TokenRejected("signature_wrong")
