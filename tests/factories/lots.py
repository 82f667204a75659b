"""Value with an end, given by the network, and what is left of a member's lots."""

from datetime import datetime

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    LotPart,
    credit,
    debit,
    list_lots_of,
    own_account,
    post_journal,
)
from payouts.money import Money
from tests.conftest import NOW


async def grant_lot(
    database: Database,
    *,
    network_id: int,
    account: Account,
    minor: int,
    expires_at: datetime | None,
    origin: str = "gift",
) -> None:
    amount = Money(minor, account.unit)
    part = LotPart(amount, Cause("test", origin), earned_at=NOW, expires_at=expires_at)
    draft = Draft(
        kind="test.grant",
        key=f"grant:{origin}",
        cause=Cause("test", origin),
        lines=(
            debit(own_account("bonus_expense", account.unit), amount),
            credit(account, amount, (part,)),
        ),
        actor="test",
        effective_at=NOW,
    )
    async with database.writing(network_id) as db:
        await post_journal(db, network_id=network_id, draft=draft, now=NOW)


async def open_lots(
    database: Database, *, network_id: int, account: Account
) -> list[tuple[str, int, datetime | None]]:
    """Origin, what is left, and the end of each open lot, in the order of their use."""
    async with database.reading(network_id) as db:
        found = await list_lots_of(db, network_id=network_id, account=account, limit=100)
    return [(one.origin.id, one.remaining.minor, one.expires_at) for one in found]
