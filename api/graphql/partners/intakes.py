"""Intakes: how far a partner's file of purchases came, and which of its lines were refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_node, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.owners import owners_of
from api.graphql.permissions import PARTNER, STAFF, query
from api.graphql.problems import show_problem
from partners import intakes
from partners.intakes import IntakeState, list_intakes, list_refused_lines, read_intakes

_INT_MAX = 2**31 - 1

strawberry.enum(
    IntakeState,
    name="PurchaseIntakeState",
    description="RUNNING: on its way in. STOPPED: left before its end, nothing was taken in for a"
    " minute; the same command with the same file goes on. FINISHED: taken in to its end.",
)


@strawberry.type(description="A line of a file that was not booked.")
class RefusedPurchaseLine:
    """A refused line."""

    line: int = strawberry.field(description="Its number in the file; the header is line 1.")
    external_id: str | None = strawberry.field(
        description="The partner's own id of the purchase; null where the line has none."
    )
    reason: str = strawberry.field(description="The name of the refusal.")
    message: str = strawberry.field(description="Why, in the language of the request.")

    @classmethod
    def from_domain(cls, one: intakes.RefusedLine, locale: str) -> "RefusedPurchaseLine":
        """Show a line; of a refusal its name is kept, so its message has no figures."""
        return cls(
            line=min(one.line, _INT_MAX),
            external_id=one.external_id,
            reason=one.reason,
            message=show_problem(one.reason, {}, (), locale).message,
        )


@strawberry.federation.type(
    keys=["id"], description="A partner's file of purchases on its way into the books."
)
class PurchaseIntake(Node):
    """An intake."""

    shown: strawberry.Private[intakes.Intake]
    state: IntakeState
    file_name: str | None = strawberry.field(
        description="What the file was called when it first came; null for one of long ago."
    )
    file_sha256: str = strawberry.field(
        name="fileSha256", description="SHA-256 of the file: the same file is the same intake."
    )
    lines: int | None = strawberry.field(
        description="How many the file has besides its header; null until its end was reached."
    )
    lines_taken: int = strawberry.field(
        description="How many were taken in so far: recorded, replayed and refused."
    )
    recorded: int = strawberry.field(description="Purchases that were booked.")
    replayed: int = strawberry.field(description="Lines whose purchase was booked before.")
    refused: int = strawberry.field(description="Lines that were not booked; see `refusals`.")
    started_at: datetime
    last_taken_at: datetime | None = strawberry.field(
        description="When lines were last taken in; a file is taken in 2,000 lines at a time."
    )
    finished_at: datetime | None

    @strawberry.field(description="Whose purchases they are.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The lines that were not booked, in the order of the file.")
    async def refusals(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RefusedPurchaseLine]:
        """Page through the refused lines."""
        context: Context = info.context

        async def read(page: Page) -> list[intakes.RefusedLine]:
            place = _line_of(page)
            async with context.reading() as db:
                return await list_refused_lines(
                    db,
                    network_id=context.network_id,
                    intake_id=self.shown.intake_id,
                    after=None if page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    newest_first=page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.line,),
            show=lambda one: RefusedPurchaseLine.from_domain(one, context.locale),
        )
        return Connection(edges=edges, page_info=page_info)

    @classmethod
    def from_domain(cls, context: Context, one: intakes.Intake) -> "PurchaseIntake":
        """Show an intake as it stands now."""
        return cls(
            id=id_of("PurchaseIntake", context.network_id, one.intake_id),
            shown=one,
            state=one.state_at(context.now),
            file_name=one.file_name,
            file_sha256=one.file_sha256,
            lines=None if one.lines is None else min(one.lines, _INT_MAX),
            lines_taken=min(one.taken, _INT_MAX),
            recorded=min(one.recorded, _INT_MAX),
            replayed=min(one.replayed, _INT_MAX),
            refused=min(one.refused, _INT_MAX),
            started_at=one.opened_at,
            last_taken_at=one.taken_at,
            finished_at=one.closed_at,
        )


@node_kind("PurchaseIntake", allow=PARTNER | STAFF)
async def load_intakes(context: Context, keys: Sequence[UUID]) -> dict[UUID, PurchaseIntake]:
    """Find intakes; a partner finds its own."""
    async with context.reading() as db:
        found = await read_intakes(db, network_id=context.network_id, intake_ids=keys)
    return {key: PurchaseIntake.from_domain(context, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of intakes."""

    @query(allow=PARTNER | STAFF)
    async def purchase_intakes(
        self,
        info: Info,
        *,
        partner_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[PurchaseIntake]:
        """Files of purchases on their way into the books, the newest first; a partner's own."""
        context: Context = info.context
        owners = owners_of(context, partner_id, None)

        async def read(page: Page) -> list[intakes.Intake]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await list_intakes(
                    db,
                    network_id=context.network_id,
                    partner_id=owners.partner_id,
                    after=place if page.is_backwards else None,
                    before=None if page.is_backwards else place,
                    newest_first=not page.is_backwards,
                    limit=page.rows_wanted,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.intake_id.hex,),
            show=lambda one: PurchaseIntake.from_domain(context, one),
        )
        return Connection(edges=edges, page_info=page_info)

    @query(allow=PARTNER | STAFF)
    async def purchase_intake(self, info: Info, id: strawberry.ID) -> PurchaseIntake | None:  # noqa: A002
        """How far a file of purchases came; null when there is none that this caller may see."""
        found = await load_node(info.context, id)
        return found if isinstance(found, PurchaseIntake) else None


def _line_of(page: Page) -> int | None:
    if page.key is None:
        return None
    (line,) = page.key
    if type(line) is not int:
        raise ValueError("a cursor of another list")
    return line
