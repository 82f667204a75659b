"""Bank statements."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, node_kind
from api.graphql.permissions import FINANCE, STAFF, Payload, mutation
from api.graphql.scalars import Money, bounded, show_money
from payouts import reconciliation
from payouts.refusal import Refusal

CONTENT_LENGTH_MAX = 200_000


@strawberry.federation.type(keys=["id"], description="A bank statement that was imported.")
class BankStatement(Node):
    """A bank statement."""

    account: str
    reference: str = strawberry.field(description="The bank's own id of it.")
    opening: Money
    closing: Money
    entries_count: int
    from_on: date
    to_on: date
    imported_by: str
    imported_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: reconciliation.BankStatement) -> "BankStatement":
        """Show a bank statement."""
        return cls(
            id=id_of("BankStatement", network_id, one.bank_statement_id),
            account=one.account,
            reference=one.statement_ref,
            opening=show_money(one.opening),
            closing=show_money(one.closing),
            entries_count=one.entries_count,
            from_on=one.from_on,
            to_on=one.to_on,
            imported_by=one.imported_by,
            imported_at=one.imported_at,
        )


@node_kind("BankStatement", allow=STAFF)
async def load_statements(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, BankStatement]:
    """Find bank statements by id."""
    async with context.reading() as db:
        found = await reconciliation.read_bank_statements(
            db, network_id=context.network_id, bank_statement_ids=keys
        )
    return {key: BankStatement.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.input(description="A camt.053 document as text, at most 200,000 characters.")
class ImportBankStatementInput:
    """Input of importBankStatement."""

    idempotency_key: str
    content: str


@strawberry.type
class ImportBankStatementPayload(Payload):
    """The statement; of several in one document the first."""

    bank_statement: BankStatement | None = None


@strawberry.type
class Mutation:
    """Taking bank statements in."""

    @mutation(allow=FINANCE)
    async def import_bank_statement(
        self,
        info: Info,
        input: ImportBankStatementInput,  # noqa: A002
    ) -> ImportBankStatementPayload:
        """Take in a bank statement; its lines are matched, and what does not match is listed."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            text = input.content.replace("\r", "")
            try:
                made = await reconciliation.import_bank_statement(
                    db,
                    network_id=context.network_id,
                    content=bounded(text, "content", longest=CONTENT_LENGTH_MAX),
                    actor=context.known_caller.identity,
                    now=context.now,
                )
            except Refusal as refusal:
                refusal.path = refusal.path or ("content",)
                raise
            return {"bank_statement": made[0]}

        done = await perform(info, mutation="importBankStatement", input=input, work=work)
        return ImportBankStatementPayload(
            bank_statement=await done.load(info, "BankStatement", "bank_statement"),
            problems=done.problems,
            replayed=done.replayed,
        )
