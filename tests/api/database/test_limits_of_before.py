"""What was drawn beyond a prefund before there were limits counts as agreed, and nothing more."""

import secrets

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.migrate import migrate
from api.database.transaction import Database
from payouts.events import supplier_draw, supplier_prefund
from payouts.ledger import Account, BalanceTooLow, Cause, Draft, Posted, post_journal
from payouts.money import Money, new_id
from tests.conftest import NOW

BEFORE = "0018"
BOOK = 7
SHORT, EVEN, HELD = (new_id(NOW) for _ in range(3))
LIMITS = """
    SELECT a.owner_id, a.floor_limit, l.number, l.amount, l.agreed_by
    FROM payouts.account a
    LEFT JOIN payouts.floor_limit l USING (book_id, account_id)
    WHERE a.type = 'supplier_prefund'
    """
_ACCOUNT = """
    INSERT INTO payouts.account (book_id, account_id, network_id, type, unit, owner_kind, owner_id,
      created_at) VALUES (7, :id, 7, :type, 'USD', 'supplier', :owner, now())
    """
_BALANCE = """
    INSERT INTO payouts.balance (book_id, account_id, network_id, debit, credit, held)
    VALUES (7, :id, 7, :debit, :credit, :held)
    """


async def test_prefunds_of_before_go_on_from_where_they_stand(cluster: Cluster) -> None:
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    url = cluster.url(user="postgres", database=name)
    owner = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    app = open_engine(cluster.url(user="mizan_app", database=name), pool_size=2)
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        await migrate(url, login=True, to=BEFORE)
        async with owner.connect() as db:
            await db.execute(text("INSERT INTO payouts.book VALUES (7, 7, 'UTC', now())"))
            for supplier, debit, credit, held in (
                (SHORT, 1_000, 1_300, 0),
                (EVEN, 1_000, 1_000, 0),
                (HELD, 1_000, 900, 150),
            ):
                own = Account("supplier_prefund", str(supplier), "USD").id_in(BOOK)
                named = {"id": own, "type": "supplier_prefund", "owner": str(supplier)}
                await db.execute(text(_ACCOUNT), named)
                stands = {"id": own, "debit": debit, "credit": credit, "held": held}
                await db.execute(text(_BALANCE), stands)
            await migrate(url, login=True)
            found = {row.owner_id: tuple(row)[1:] for row in await db.execute(text(LIMITS))}
        assert found == {
            str(SHORT): (300, 1, 300, "migration"),
            str(EVEN): (0, None, None, None),
            str(HELD): (50, 1, 50, "migration"),
        }
        for supplier in (SHORT, EVEN, HELD):
            with pytest.raises(BalanceTooLow):
                await _post(Database(app), "supplier.draw", supplier, 1)
        await _post(Database(app), "supplier.prefund", SHORT, 40)
        await _post(Database(app), "supplier.draw", SHORT, 40)
    finally:
        await app.dispose()
        await owner.dispose()
        async with admin.connect() as db:
            await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        await admin.dispose()


async def _post(database: Database, kind: str, supplier: object, minor: int) -> Posted:
    build = supplier_draw if kind == "supplier.draw" else supplier_prefund
    lines = build(supplier_id=supplier, amount=Money(minor, "USD"))  # type: ignore[arg-type]
    draft = Draft(kind, f"{kind}:{supplier}:{minor}", Cause("test", "1"), lines, "test", NOW)
    async with database.writing(BOOK) as db:
        return await post_journal(db, network_id=BOOK, draft=draft, now=NOW)
