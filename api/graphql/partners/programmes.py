"""Programmes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.languages import LocaleArgument
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.acting import own_network
from api.graphql.partners.agreements import Partner
from api.graphql.permissions import EVERYONE, OPERATOR, Payload, mutation, query
from api.graphql.texts import LocalizedText, LocalizedTextInput, show_texts, text_in, texts
from partners import programmes
from partners.programmes import get_programmes, list_programmes


@strawberry.federation.type(
    keys=["id"], description="One scheme inside the network: its name, its sponsor, its earn rules."
)
class Programme(Node):
    """A programme."""

    shown: strawberry.Private[programmes.Programme]
    slug: str
    created_at: datetime

    @strawberry.field(description="Its name in a language, that of the request by default.")
    async def name(self, info: Info, locale: LocaleArgument = None) -> str:
        """Pick the name."""
        return await text_in(info, self.shown.name, locale)

    @strawberry.field(description="Its name in every language it has.")
    def names(self) -> list[LocalizedText]:
        """Show the names."""
        return show_texts(self.shown.name)

    @strawberry.field(description="The partner that sponsors it; null where the network does.")
    async def sponsor(self, info: Info) -> Partner | None:
        """Find the sponsor."""
        found: Partner | None = await load_one(
            info.context, "Partner", self.shown.sponsor_partner_id
        )
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: programmes.Programme) -> "Programme":
        """Show a programme."""
        return cls(
            id=id_of("Programme", network_id, one.programme_id),
            shown=one,
            slug=one.slug,
            created_at=one.created_at,
        )


@node_kind("Programme", allow=EVERYONE)
async def load_programmes(context: Context, keys: Sequence[UUID]) -> dict[UUID, Programme]:
    """Find programmes; everybody in the network finds them all."""
    async with context.reading() as db:
        found = await get_programmes(db, network_id=context.network_id, programme_ids=keys)
    return {key: Programme.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of programmes."""

    @query(allow=EVERYONE)
    async def programmes(
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Programme]:
        """The programmes of the network, the earliest first."""
        context: Context = info.context
        page = page_of(first=first, after=after, last=last, before=before)

        async def read(page: Page) -> list[programmes.Programme]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await list_programmes(
                    db,
                    network_id=context.network_id,
                    after=None if page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    newest_first=page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page,
            read=read,
            key=lambda one: (one.programme_id.hex,),
            show=lambda one: Programme.from_domain(context.network_id, one),
        )
        return Connection(edges=edges, page_info=page_info)


@strawberry.input(description="What a new programme is called, and who sponsors it.")
class CreateProgrammeInput:
    """Input of createProgramme."""

    idempotency_key: str
    slug: str = strawberry.field(
        description="Small letters, digits and hyphens, once in a network; not `default`."
    )
    name: list[LocalizedTextInput]
    sponsor_partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="A partner with the role SPONSOR; the network, if not given."
    )


@strawberry.type
class CreateProgrammePayload(Payload):
    """The programme."""

    programme: Programme | None = None


@strawberry.type
class Mutation:
    """Setting programmes up."""

    @mutation(allow=OPERATOR)
    async def create_programme(
        self,
        info: Info,
        input: CreateProgrammeInput,  # noqa: A002
    ) -> CreateProgrammePayload:
        """Start a programme in the network. Rules are published into it."""
        context: Context = info.context
        sponsor = input.sponsor_partner_id

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await programmes.create_programme(
                db,
                network_id=own_network(context),
                slug=input.slug,
                name=texts(input.name, "name"),
                sponsor_partner_id=None
                if sponsor is None
                else key_of(context, sponsor, "Partner", path=("sponsorPartnerId",)),
                now=context.now,
            )
            return {"programme": made.programme_id}

        done = await perform(info, mutation="createProgramme", input=input, work=work)
        return CreateProgrammePayload(
            programme=await done.load(info, "Programme", "programme"),
            problems=done.problems,
            replayed=done.replayed,
        )
