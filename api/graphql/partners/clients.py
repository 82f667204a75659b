"""API clients and brands' keys."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.scalars import JSON
from strawberry.types import Info

from api.auth.caller import PLATFORM_NETWORK_ID, CallerKind
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import GlobalId, Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.acting import acting_partner, own_network
from api.graphql.partners.agreements import Partner
from api.graphql.permissions import OPERATOR, PARTNER, STAFF, Payload, mutation
from api.graphql.problems import IdForeignOrAbsent, InvalidInput
from partners import clients
from partners.clients import client_id_of, find_brand_key, public_jwk, read_clients
from partners.networks import get_network


@strawberry.enum(description="Whom a client speaks for.")
class ApiClientKind(Enum):
    """Kinds of client."""

    PARTNER = "partner"
    STAFF = "staff"


@strawberry.enum(description="What a person of the staff may do.")
class StaffRole(Enum):
    """Roles of staff."""

    OPERATOR = "operator"
    FINANCE_MAKER = "finance_maker"
    FINANCE_CHECKER = "finance_checker"
    AUDITOR = "auditor"


@strawberry.federation.type(
    keys=["id"], description="A program's access to the API. Its secret is never shown again."
)
class ApiClient(Node):
    """An API client."""

    shown: strawberry.Private[clients.ApiClient]
    client_id: str = strawberry.field(description="What it sends to /oauth/token.")
    kind: ApiClientKind
    subject: str
    roles: list[StaffRole]
    is_active: bool
    created_at: datetime
    previous_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before the last rotation still works."
    )

    @strawberry.field(description="The partner it speaks for.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @classmethod
    def from_domain(cls, one: clients.ApiClient) -> "ApiClient":
        """Show a client."""
        return cls(
            id=id_of("ApiClient", one.network_id, one.key),
            shown=one,
            client_id=one.client_id,
            kind=ApiClientKind(one.kind.value),
            subject=one.subject,
            roles=[StaffRole(role) for role in sorted(one.roles)],
            is_active=one.is_active,
            created_at=one.created_at,
            previous_secret_until=one.previous_until_at,
        )


@node_kind("ApiClient", allow=PARTNER | STAFF)
async def load_clients(context: Context, keys: Sequence[UUID]) -> dict[UUID, ApiClient]:
    """Find API clients; a partner finds its own, the platform's staff those of each network."""
    caller = context.known_caller
    async with context.reading() as db:
        found = await read_clients(
            db, client_ids=[client_id_of(key) for key in keys], now=context.now
        )
    is_partner = caller.kind is CallerKind.PARTNER
    return {
        one.key: ApiClient.from_domain(one)
        for one in found.values()
        if caller.network_id in (PLATFORM_NETWORK_ID, one.network_id)
        and (not is_partner or one.partner_id == caller.partner_id)
    }


@strawberry.type(description="A public key with which a brand signs the tokens of its members.")
class BrandKey:
    """A brand's key."""

    kid: str = strawberry.field(description="What its tokens name in their header.")
    algorithm: str
    is_active: bool
    created_at: datetime

    @classmethod
    def from_domain(cls, one: clients.BrandKey) -> "BrandKey":
        """Show a key."""
        return cls(
            kid=one.kid,
            algorithm="ES256" if one.public_jwk["kty"] == "EC" else "EdDSA",
            is_active=one.is_active,
            created_at=one.created_at,
        )


@strawberry.input(description="Who a new client speaks for, and how it proves itself.")
class CreateApiClientInput:
    """Input of createApiClient."""

    idempotency_key: str
    kind: ApiClientKind
    subject: str = strawberry.field(description="An opaque name such as maker-1; no personal data.")
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="For a partner's client."
    )
    roles: list[StaffRole] = strawberry.field(
        default_factory=list, description="For a staff client."
    )
    network_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only the platform's operators: the network of its first staff client.",
    )
    public_jwks: JSON | None = strawberry.field(
        default=None, description="Public keys, for a client that signs assertions; no secret then."
    )


@strawberry.type
class ApiClientPayload(Payload):
    """The client, and its secret."""

    api_client: ApiClient | None = None
    secret: str | None = strawberry.field(
        default=None, description="Shown this once, and never on a replay."
    )


@strawberry.input(description="Whose secret to replace.")
class RotateApiClientInput:
    """Input of rotateApiClient."""

    idempotency_key: str
    api_client_id: strawberry.ID


@strawberry.input(description="Which key to trust for whose members.")
class RegisterBrandKeyInput:
    """Input of registerBrandKey."""

    idempotency_key: str
    public_jwk: JSON = strawberry.field(
        description="An EC P-256 or Ed25519 key as a JWK, its public parts alone."
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="For staff; a partner registers its own."
    )


@strawberry.type
class RegisterBrandKeyPayload(Payload):
    """The key."""

    brand_key: BrandKey | None = None


async def _network_of(context: Context, db: AsyncConnection, given: strawberry.ID | None) -> int:
    if given is None:
        return context.network_id
    found = GlobalId.parse(given)
    is_own = found is not None and found.id.int == context.network_id
    if (
        found is None
        or found.type != "Network"
        or found.id.int >= 2**63
        or not (is_own or context.network_id == PLATFORM_NETWORK_ID)
    ):
        raise IdForeignOrAbsent(path=("networkId",))
    return (await get_network(db, network_id=found.id.int)).network_id


def _object(given: object, *path: str) -> dict[str, object]:
    if not isinstance(given, dict):
        raise InvalidInput(reason="A JSON object.", path=path)
    return given


@strawberry.type
class Mutation:
    """Letting programs and people in."""

    @mutation(allow=OPERATOR)
    async def create_api_client(
        self,
        info: Info,
        input: CreateApiClientInput,  # noqa: A002
    ) -> ApiClientPayload:
        """Let a partner's program, or a person of the staff, call the API."""
        context: Context = info.context
        given, keys = input.partner_id, input.public_jwks
        secrets: list[str | None] = []

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            issued = await clients.create_api_client(
                db,
                network_id=await _network_of(context, db, input.network_id),
                kind=clients.ClientKind(input.kind.value),
                partner_id=None if given is None else acting_partner(context, given),
                subject=input.subject,
                roles=[role.value for role in input.roles],
                public_jwks=None if keys is None else _object(keys, "publicJwks"),
                now=context.now,
            )
            secrets.append(issued.secret)
            return {"client": issued.client.key}

        done = await perform(info, mutation="createApiClient", input=input, work=work)
        return ApiClientPayload(
            api_client=await done.load(info, "ApiClient", "client"),
            secret=secrets[-1] if done.ids and not done.replayed else None,
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=OPERATOR | PARTNER)
    async def rotate_api_client(
        self,
        info: Info,
        input: RotateApiClientInput,  # noqa: A002
    ) -> ApiClientPayload:
        """Give a client a new secret; the old one works for another 24 hours."""
        context: Context = info.context
        secrets: list[str | None] = []

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.api_client_id, "ApiClient", path=("apiClientId",))
            issued = await clients.rotate_api_client(
                db,
                network_id=context.network_id,
                client_id=client_id_of(key),
                partner_id=context.known_caller.partner_id,
                now=context.now,
            )
            secrets.append(issued.secret)
            return {"client": issued.client.key}

        done = await perform(info, mutation="rotateApiClient", input=input, work=work)
        return ApiClientPayload(
            api_client=await done.load(info, "ApiClient", "client"),
            secret=secrets[-1] if done.ids and not done.replayed else None,
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=OPERATOR | PARTNER)
    async def register_brand_key(
        self,
        info: Info,
        input: RegisterBrandKeyInput,  # noqa: A002
    ) -> RegisterBrandKeyPayload:
        """Trust the tokens that a partner's backend signs with a key, for its own members."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = await clients.register_brand_key(
                db,
                network_id=own_network(context),
                partner_id=acting_partner(context, input.partner_id),
                public_jwk=_object(input.public_jwk, "publicJwk"),
                now=context.now,
            )
            return {"partner": key.partner_id}

        done = await perform(info, mutation="registerBrandKey", input=input, work=work)
        return RegisterBrandKeyPayload(
            brand_key=await _registered(context, input.public_jwk) if done.ids else None,
            problems=done.problems,
            replayed=done.replayed,
        )


async def _registered(context: Context, given: JSON) -> BrandKey | None:
    async with context.reading() as db:
        found = await find_brand_key(db, kid=public_jwk(_object(given))["kid"])
    return None if found is None else BrandKey.from_domain(found)
