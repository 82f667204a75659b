"""A small schema with one field for every behaviour of the door that a test asks about."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

calls: list[str] = []


@strawberry.type
class Item:
    name: str

    @strawberry.field
    def brand(self) -> "Brand":
        return Brand(name="brand")


@strawberry.type
class Brand:
    name: str

    @strawberry.field
    def items(self, first: int = 100) -> list[Item]:
        return [Item(name=f"item {n}") for n in range(min(first, 3))]

    @strawberry.field
    def parent(self) -> "Brand":
        return self


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "Mizan") -> str:
        return f"مرحبا {name}"

    @strawberry.field
    def brands(self, first: int | None = None, last: int | None = None) -> list[Brand]:
        return [Brand(name="brand")]

    @strawberry.field
    def brand(self) -> Brand:
        return Brand(name="brand")

    @strawberry.field
    def named(self, ids: list[str]) -> list[Brand]:
        return [Brand(name=i) for i in ids]

    @strawberry.field
    def boom(self) -> str | None:
        raise KeyError("secret-4242")

    @strawberry.field
    def refused(self) -> str | None:
        raise GraphQLError("Not yours", extensions={"code": "FORBIDDEN"})

    @strawberry.field
    async def slow(self) -> str | None:
        await asyncio.sleep(30)
        return None


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self, name: str = "x") -> str:
        calls.append(name)
        return name


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, target: int = 3) -> AsyncGenerator[int, None]:
        for number in range(target):
            yield number

    @strawberry.subscription
    async def broken(self) -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("secret-4242")


def small_schema() -> strawberry.Schema:
    return strawberry.Schema(
        Query, Mutation, Subscription, config=StrawberryConfig(relay_max_results=100)
    )
