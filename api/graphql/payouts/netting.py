"""What netting saved in a settlement cycle."""

from uuid import UUID

import strawberry

from api.graphql.context import Context
from api.graphql.scalars import Money, show_money
from payouts import settlement


@strawberry.type(
    description="What a cycle moves beside what was owed, and beside settling pair by pair."
)
class CycleNetting:
    """The report of a cycle's netting."""

    gross_volume: Money = strawberry.field(
        description="Both sides of all statements: what partners owe, and what they are owed."
    )
    net_volume: Money = strawberry.field(description="What is paid and collected.")
    converted_volume: Money = strawberry.field(
        description="What is settled in a cycle of another currency."
    )
    saved_volume: Money = strawberry.field(
        description="What need not move: gross less net and converted."
    )
    transfers: int = strawberry.field(description="One for each partner that is paid or pays.")
    bilateral_transfers: int = strawberry.field(
        description="What it would take if the largest debtor always paid the largest creditor,"
        " the network being one of the parties; each would have to know whom it pays."
    )


async def load_netting(context: Context, cycle_id: UUID) -> CycleNetting | None:
    """Draw the report of a cycle, together with those of others; one of earlier releases has none."""

    async def load(keys: list[UUID]) -> list[settlement.Netting | None]:
        async with context.reading() as db:
            found = await settlement.report_netting(
                db, network_id=context.network_id, cycle_ids=keys
            )
        return [found.get(key) for key in keys]

    found = await context.loader("SettlementCycle.netting", load).load(cycle_id)
    if found is None:
        return None
    return CycleNetting(
        gross_volume=show_money(found.gross),
        net_volume=show_money(found.net),
        converted_volume=show_money(found.converted),
        saved_volume=show_money(found.saved),
        transfers=found.transfers,
        bilateral_transfers=found.bilateral_transfers,
    )
