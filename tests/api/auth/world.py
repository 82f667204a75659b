"""A platform with two networks in memory: the directories are ports, and these fill them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx2
from joserfc.jwk import ECKey, OKPKey
from starlette.applications import Starlette

from api.auth import (
    RegisteredBrandKey,
    RegisteredClient,
    Role,
    SigningKeyFile,
    TokenVerifier,
    open_signing_keys,
)
from api.auth.server import TokenEndpoint
from api.clock import Clock
from api.http.oauth import oauth_routes
from partners.clients import digest_client_secret

ISSUER = "http://127.0.0.1:8000"
AUDIENCE = f"{ISSUER}/graphql"
TOKEN_URL = f"{ISSUER}/oauth/token"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PARTNER = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_PARTNER = UUID("018f0000-0000-7000-8000-000000000002")
MEMBER = UUID("018f0000-0000-7000-8000-000000000003")
SECRET, OLD_SECRET = "mzs_new", "mzs_old"

CLIENT_KEY = ECKey.generate_key("P-256", auto_kid=True)
CLIENT_EDWARDS_KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
BRAND_KEY = ECKey.generate_key("P-256", auto_kid=True)
BRAND_EDWARDS_KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
STRANGER_KEY = ECKey.generate_key("P-256", auto_kid=True)


class Directories:
    """All four ports; counts what it was asked."""

    def __init__(self) -> None:
        shop = RegisteredClient(
            client_id="shop",
            network_id=7,
            kind="partner",
            partner_id=PARTNER,
            subject="shop",
            secret_digests=(digest_client_secret(SECRET), digest_client_secret(OLD_SECRET)),
        )
        signing = {"keys": [k.as_dict(private=False) for k in (CLIENT_KEY, CLIENT_EDWARDS_KEY)]}
        finance = RegisteredClient(
            client_id="layla-console",
            network_id=7,
            kind="staff",
            partner_id=None,
            subject="layla",
            roles=frozenset({Role.FINANCE_MAKER, Role.OPERATOR}),
            secret_digests=(digest_client_secret(SECRET),),
        )
        self.clients = {
            "shop": shop,
            "layla-console": finance,
            "signing": replace(shop, client_id="signing", secret_digests=(), public_jwks=signing),
            "closed": replace(shop, client_id="closed", is_active=False),
        }
        self.brand_keys = {
            kid: RegisteredBrandKey(kid, 7, PARTNER, key.as_dict(private=False))
            for kid, key in (("brand-ec", BRAND_KEY), ("brand-ed", BRAND_EDWARDS_KEY))
        }
        self.members = {(7, PARTNER, "cust-1"): MEMBER}
        self.assertions: dict[tuple[str, str], datetime] = {}
        self.questions = 0

    async def find_client(self, client_id: str) -> RegisteredClient | None:
        self.questions += 1
        return self.clients.get(client_id)

    async def find_brand_key(self, kid: str) -> RegisteredBrandKey | None:
        self.questions += 1
        return self.brand_keys.get(kid)

    async def find_member(self, network_id: int, partner_id: UUID, external_id: str) -> UUID | None:
        self.questions += 1
        return self.members.get((network_id, partner_id, external_id))

    async def remember_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        if (client_id, jti) in self.assertions:
            return False
        self.assertions[client_id, jti] = expires_at
        return True

    def deactivate(self, client_id: str) -> None:
        self.clients[client_id] = replace(self.clients[client_id], is_active=False)


@dataclass
class Elapsed:
    """A monotonic clock that a test winds on."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class World:
    folder: Path
    directories: Directories = field(default_factory=Directories)
    elapsed: Elapsed = field(default_factory=Elapsed)
    tokens_max: int = 10_000

    def __post_init__(self) -> None:
        self.clock_file = self.folder / "clock"
        self.set_clock(NOW)
        self.clock = Clock(self.clock_file)
        self.keys: SigningKeyFile = open_signing_keys(self.folder)
        self.endpoint = TokenEndpoint(
            issuer=ISSUER,
            keys=self.keys,
            clients=self.directories,
            replays=self.directories,
            clock=self.clock,
        )
        self.app = Starlette(routes=oauth_routes(self.endpoint))
        self.verifier = TokenVerifier(
            issuer=ISSUER,
            keys=self.keys,
            clients=self.directories,
            brand_keys=self.directories,
            members=self.directories,
            tokens_max=self.tokens_max,
            monotonic=self.elapsed,
        )

    def set_clock(self, instant: datetime) -> None:
        self.clock_file.write_text(instant.isoformat())

    def run_clock(self) -> None:
        self.clock_file.write_text("")

    def http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=ISSUER)

    async def request_token(self, *, auth=None, headers=None, **form) -> httpx2.Response:
        fields = {"grant_type": "client_credentials", **form}
        async with self.http() as http:
            return await http.post("/oauth/token", data=fields, auth=auth, headers=headers)

    async def authenticate(self, token: str):
        return await self.verifier.authenticate(f"Bearer {token}", now=self.clock.now())
