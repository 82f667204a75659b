"""Brands."""

from collections.abc import Mapping, Sequence
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Edge, Page, PageInfo, connect, page_of
from api.graphql.context import Context
from api.graphql.languages import LocaleArgument
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, node_kind
from api.graphql.permissions import EVERYONE, OPERATOR, Payload, mutation, query
from api.graphql.texts import LocalizedText, LocalizedTextInput, show_texts, text_in, texts
from catalog import brands as domain


@strawberry.federation.type(keys=["id"], description="The mark on a card, experience or offer.")
class Brand(Node):
    """A brand as it is shown."""

    slug: str = strawberry.field(description="Its name in addresses; one in a network.")
    logo_url: str | None
    of: strawberry.Private[domain.Brand]

    @classmethod
    def from_domain(cls, network_id: int, brand: domain.Brand) -> Self:
        """Show a brand."""
        return cls(
            id=id_of("Brand", network_id, brand.brand_id),
            slug=brand.slug,
            logo_url=brand.logo_url,
            of=brand,
        )

    @strawberry.field(description="The name in a language, or the nearest there is.")
    async def name(self, info: Info, locale: LocaleArgument = None) -> str:
        """Write the name."""
        return await text_in(info, self.of.name, locale)

    @strawberry.field(description="The name in every language it has.")
    def names(self) -> list[LocalizedText]:
        """Show the names."""
        return show_texts(self.of.name)


@strawberry.type(description="A page of brands.")
class BrandConnection:
    """Brands by slug."""

    edges: list[Edge[Brand]]
    page_info: PageInfo


@node_kind("Brand", allow=EVERYONE)
async def load_brands(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Brand]:
    """Find brands by id."""
    async with context.reading() as db:
        found = await domain.get_brands(db, network_id=context.network_id, brand_ids=keys)
    return {key: Brand.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reading brands."""

    @query(allow=EVERYONE)
    async def brands(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> BrandConnection:
        """The brands of the network, by slug."""
        context: Context = info.context

        async def read(page: Page) -> list[domain.Brand]:
            (slug,) = page.key or (None,)
            if slug is not None and not isinstance(slug, str):
                raise ValueError("a brand's key is its slug")
            async with context.reading() as db:
                found, _ = await domain.list_brands(
                    db,
                    network_id=context.network_id,
                    limit=page.rows_wanted,
                    after=None if page.is_backwards else slug,
                    before=slug if page.is_backwards else None,
                    backward=page.is_backwards,
                )
            return found[::-1] if page.is_backwards else found

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.slug,),
            show=lambda one: Brand.from_domain(context.network_id, one),
        )
        return BrandConnection(edges=edges, page_info=page_info)


@strawberry.input
class CreateBrandInput:
    """What a new brand is called."""

    idempotency_key: str
    slug: str = strawberry.field(description="Small letters, digits and hyphens.")
    name: list[LocalizedTextInput]
    partner_id: strawberry.ID | None = None
    logo_url: str | None = None


@strawberry.type
class CreateBrandPayload(Payload):
    """The brand, or why there is none."""

    brand: Brand | None = None


@strawberry.type
class Mutation:
    """Setting up brands."""

    @mutation(allow=OPERATOR)
    async def create_brand(
        self,
        info: Info,
        input: CreateBrandInput,  # noqa: A002
    ) -> CreateBrandPayload:
        """Add a brand to the network."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            partner_id = None
            if input.partner_id is not None:
                partner_id = key_of(context, input.partner_id, "Partner", path=("partner_id",))
            made = await domain.create_brand(
                db,
                network_id=context.network_id,
                slug=input.slug,
                name=texts(input.name, "name"),
                partner_id=partner_id,
                logo_url=input.logo_url,
                now=context.now,
            )
            return {"brand": made.brand_id}

        done = await perform(info, mutation="createBrand", input=input, work=work)
        brand: Any = await done.load(info, "Brand", "brand")
        return CreateBrandPayload(brand=brand, problems=done.problems, replayed=done.replayed)
