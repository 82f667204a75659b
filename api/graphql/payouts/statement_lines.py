"""What statements and their adjustments are made of: lines of two sides, and their totals."""

from datetime import datetime
from enum import Enum

import strawberry

from api.graphql.connection import Connection
from api.graphql.nodes import id_of
from api.graphql.scalars import Money, show_money
from payouts.ledger import Movement, Stretch


@strawberry.enum(description="Which side of a statement a line is on.")
class StatementSide(Enum):
    """The two sides."""

    RECEIVABLE = "partner_recv"
    PAYABLE = "partner_payable"


@strawberry.type(description="One posting that a statement is made of.")
class StatementLine:
    """A line."""

    seq: str = strawberry.field(description="Place of its journal in the sealed order.")
    line: int = strawberry.field(description="Which posting of the journal it is.")
    journal_id: strawberry.ID = strawberry.field(description="Id of the journal.")
    kind: str = strawberry.field(description="What happened, such as `accrual.confirm`.")
    cause_kind: str
    cause_id: str = strawberry.field(description="The business event behind it.")
    effective_at: datetime
    recorded_at: datetime
    side: StatementSide
    is_late: bool = strawberry.field(
        description="It took effect in an earlier window but was sealed after that was cut."
    )
    amount: Money = strawberry.field(
        description="Positive when the side grows: the partner owes more, or is owed more."
    )

    @classmethod
    def from_domain(cls, network_id: int, one: Movement, stretch: Stretch) -> "StatementLine":
        """Show a line."""
        side = StatementSide(one.type)
        amount = one.amount if side is StatementSide.RECEIVABLE else -one.amount
        return cls(
            seq=str(one.seq),
            line=one.line,
            journal_id=id_of("Journal", network_id, one.journal_id),
            kind=one.kind,
            cause_kind=one.cause.kind,
            cause_id=one.cause.id,
            effective_at=one.effective_at,
            recorded_at=one.recorded_at,
            side=side,
            is_late=stretch.is_late(one.effective_at),
            amount=show_money(amount),
        )


@strawberry.type(description="What lines, or statements, come to.")
class StatementTotal:
    """A total of one currency."""

    count: int
    receivable: Money = strawberry.field(description="What partners owe the network.")
    payable: Money = strawberry.field(description="What the network owes partners.")
    net: Money = strawberry.field(description="Receivable less payable.")


@strawberry.type(description="The lines of a statement, in the sealed order.")
class StatementLineConnection(Connection[StatementLine]):
    """A page of lines."""

    totals: StatementTotal = strawberry.field(description="What all lines come to.")
