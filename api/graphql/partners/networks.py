"""Networks."""

from collections.abc import Sequence
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import PLATFORM_NETWORK_ID
from api.graphql.context import Context
from api.graphql.languages import LocaleArgument, wanted_locales
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, node_kind
from api.graphql.permissions import EVERYONE, OPERATOR, Payload, mutation
from api.graphql.problems import ProblemCode, problem
from api.graphql.scalars import CurrencyCode
from api.graphql.texts import LocalizedText, LocalizedTextInput, show_texts, texts
from partners import networks
from partners.networks import NetworkNotFound, choose_locale, get_network


@strawberry.federation.type(
    keys=["id"], description="Merchants who honour each other's members, with one set of books."
)
class Network(Node):
    """A network."""

    shown: strawberry.Private[networks.Network]
    slug: str
    zone: str = strawberry.field(description="The IANA time zone of its days and months.")
    currency: CurrencyCode
    default_locale: str = strawberry.field(
        description="The language of texts that are not in the one asked for, as a BCP 47 tag."
    )

    @strawberry.field(description="Its name in a language, that of the request by default.")
    def name(self, info: Info, locale: LocaleArgument = None) -> str:
        """Pick the name."""
        wanted = (*wanted_locales(info.context, locale), self.shown.default_locale)
        return self.shown.name[choose_locale(self.shown.name, wanted)]

    @strawberry.field(description="Its name in every language it has.")
    def names(self) -> list[LocalizedText]:
        """Show the names."""
        return show_texts(self.shown.name)

    @classmethod
    def from_domain(cls, one: networks.Network) -> "Network":
        """Show a network."""
        return cls(
            id=id_of("Network", one.network_id, UUID(int=one.network_id)),
            shown=one,
            slug=one.slug,
            zone=one.zone,
            currency=CurrencyCode(one.currency),
            default_locale=one.default_locale,
        )


@node_kind("Network", allow=EVERYONE)
async def load_networks(context: Context, keys: Sequence[UUID]) -> dict[UUID, Network]:
    """Find the caller's own network; the platform's staff find each."""
    found = {}
    async with context.reading() as db:
        for key in keys:
            if context.network_id not in (PLATFORM_NETWORK_ID, key.int) or key.int >= 2**63:
                continue
            try:
                found[key] = Network.from_domain(await get_network(db, network_id=key.int))
            except NetworkNotFound:
                continue
    return found


@strawberry.input(description="What a new network is.")
class CreateNetworkInput:
    """Input of createNetwork."""

    idempotency_key: str
    slug: str = strawberry.field(description="Small letters, digits and hyphens.")
    name: list[LocalizedTextInput]
    zone: str
    currency: CurrencyCode
    default_locale: str = strawberry.field(
        default="en", description="The BCP 47 tag of a language, such as en or pt-BR."
    )


@strawberry.type
class CreateNetworkPayload(Payload):
    """The network."""

    network: Network | None = None


@strawberry.type
class Mutation:
    """Setting networks up."""

    @mutation(allow=OPERATOR)
    async def create_network(
        self,
        info: Info,
        input: CreateNetworkInput,  # noqa: A002
    ) -> CreateNetworkPayload:
        """Found a network and open its book. Only the platform's own operators may."""
        context: Context = info.context
        if context.network_id != PLATFORM_NETWORK_ID:
            return CreateNetworkPayload(problems=[problem(ProblemCode.FORBIDDEN, context.locale)])

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await networks.create_network(
                db,
                slug=input.slug,
                name=texts(input.name, "name"),
                zone=input.zone,
                currency=input.currency,
                default_locale=input.default_locale,
                now=context.now,
            )
            return {"network": UUID(int=made.network_id)}

        done = await perform(info, mutation="createNetwork", input=input, work=work)
        return CreateNetworkPayload(
            network=await done.load(info, "Network", "network"),
            problems=done.problems,
            replayed=done.replayed,
        )
