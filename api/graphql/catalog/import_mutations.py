"""Deciding what imports withheld, and how much one may take off sale by itself."""

from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.imports import CatalogueImport, CatalogueImportPolicy, load_policy
from api.graphql.context import Context
from api.graphql.mutation import Performed, perform
from api.graphql.nodes import key_of
from api.graphql.permissions import CHECKER, OPERATOR, Payload, mutation
from catalog.rewards import ImportPolicy, decide_import, publish_import_policy


@strawberry.input
class ApproveCatalogueImportInput:
    """Which import."""

    idempotency_key: str
    import_id: strawberry.ID


@strawberry.type
class ApproveCatalogueImportPayload(Payload):
    """The import, or why nothing was taken off sale."""

    catalogue_import: CatalogueImport | None = None


@strawberry.input
class RejectCatalogueImportInput:
    """Which import."""

    idempotency_key: str
    import_id: strawberry.ID


@strawberry.type
class RejectCatalogueImportPayload(Payload):
    """The import, or why nothing was decided."""

    catalogue_import: CatalogueImport | None = None


@strawberry.input
class PublishCatalogueImportPolicyInput:
    """How much an import takes off sale without a second person."""

    idempotency_key: str
    withdrawn_bps_max: int = strawberry.field(description="2000 until another was published.")
    withdrawn_always: int = strawberry.field(description="4 until another was published.")


@strawberry.type
class PublishCatalogueImportPolicyPayload(Payload):
    """The policy in force, or why it was not published."""

    policy: CatalogueImportPolicy | None = None


async def _decide(
    info: Info,
    name: str,
    input: ApproveCatalogueImportInput | RejectCatalogueImportInput,  # noqa: A002
    *,
    is_approved: bool,
) -> Performed:
    context: Context = info.context

    async def work(db: AsyncConnection) -> dict[str, UUID]:
        key = key_of(context, input.import_id, "CatalogueImport", path=("importId",))
        await decide_import(
            db,
            network_id=context.network_id,
            catalogue_import_id=key,
            is_approved=is_approved,
            actor=context.known_caller.identity,
            now=context.now,
        )
        return {"import": key}

    return await perform(info, mutation=name, input=input, work=work)


@strawberry.type
class Mutation:
    """Deciding what imports withheld."""

    @mutation(allow=OPERATOR | CHECKER)
    async def approve_catalogue_import(
        self,
        info: Info,
        input: ApproveCatalogueImportInput,  # noqa: A002
    ) -> ApproveCatalogueImportPayload:
        """Take off sale what an import withheld; somebody else than who started it."""
        done = await _decide(info, "approveCatalogueImport", input, is_approved=True)
        found: Any = await done.load(info, "CatalogueImport", "import")
        return ApproveCatalogueImportPayload(
            catalogue_import=found, problems=done.problems, replayed=done.replayed
        )

    @mutation(allow=OPERATOR | CHECKER)
    async def reject_catalogue_import(
        self,
        info: Info,
        input: RejectCatalogueImportInput,  # noqa: A002
    ) -> RejectCatalogueImportPayload:
        """Leave on sale what an import withheld; somebody else than who started it."""
        done = await _decide(info, "rejectCatalogueImport", input, is_approved=False)
        found: Any = await done.load(info, "CatalogueImport", "import")
        return RejectCatalogueImportPayload(
            catalogue_import=found, problems=done.problems, replayed=done.replayed
        )

    @mutation(allow=CHECKER)
    async def publish_catalogue_import_policy(
        self,
        info: Info,
        input: PublishCatalogueImportPolicyInput,  # noqa: A002
    ) -> PublishCatalogueImportPolicyPayload:
        """Say how much an import takes off sale without a second person; recorded."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            await publish_import_policy(
                db,
                network_id=context.network_id,
                policy=ImportPolicy(input.withdrawn_bps_max, input.withdrawn_always),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {}

        done = await perform(info, mutation="publishCatalogueImportPolicy", input=input, work=work)
        policy = None if done.problems else await load_policy(context)
        return PublishCatalogueImportPolicyPayload(
            policy=policy, problems=done.problems, replayed=done.replayed
        )
