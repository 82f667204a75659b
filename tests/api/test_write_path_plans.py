"""The write path finds every row by an index, in its own statements and in the ledger's."""

import hashlib
import re

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.cli.purchases import Import, import_purchases
from api.database.cluster import Cluster
from api.database.transaction import Database
from api.purchase_desk import PurchaseCall, open_purchase_desk
from api.request_keys import KeyedRequest
from tests.conftest import NOW
from tests.graphql_client import TestClock
from tests.partners.intakes.test_intakes import HEADER, sale
from tests.partners.purchases.test_record_purchases import named, told
from tests.partners.purchases.world import Till, open_till

SEEDED = 400
EXPLAINED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_level": "notice",
}
# Tables that every write goes through; a plan of each must have been seen.
WRITTEN = {
    "api.idempotency_key",
    "partners.purchase",
    "partners.accrual",
    "partners.accrual_share",
    "payouts.due",
    "payouts.journal",
    "payouts.posting",
    "payouts.lot",
    "payouts.balance",
}


def call(till: Till, name: str, *, by_name: bool = False) -> PurchaseCall:
    request = KeyedRequest("partner:test", name, hashlib.sha256(name.encode()).digest())
    report = named(till, name, "cust-1") if by_name else told(till, name)
    return PurchaseCall(request, NOW, report)


async def test_no_statement_of_the_write_path_reads_a_table_from_end_to_end(
    database: Database, superuser: AsyncConnection, cluster: Cluster, database_name: str, tmp_path
) -> None:
    till = await open_till(database)
    path = tmp_path / "seeded.csv"
    path.write_text(HEADER + "".join(sale(n) for n in range(SEEDED)))
    seeding = Import(database, TestClock(NOW), till.network_id, till.partner_id, path, 200)
    assert await import_purchases(seeding) == 0
    await superuser.execute(text("ANALYZE"))

    engine = create_async_engine(
        cluster.url(user="postgres", database=database_name),
        isolation_level="AUTOCOMMIT",
        connect_args={"server_settings": EXPLAINED},
        poolclass=NullPool,
    )
    plans: list[str] = []
    explained = Database(engine, role="mizan_app")

    async def watch(db: AsyncConnection) -> None:
        driver = (await db.get_raw_connection()).driver_connection
        driver.add_log_listener(lambda _, message: plans.append(message.message))

    desk = open_purchase_desk(explained)
    carried = desk._work.carry_out

    async def watched(db, network_id, items):
        await watch(db)
        return await carried(db, network_id, items)

    object.__setattr__(desk._work, "carry_out", watched)
    for number in range(6):
        await desk.submit(till.network_id, call(till, f"one-{number}", by_name=number % 2 == 0))
    await desk.submit(till.network_id, call(till, "one-0", by_name=True))  # a replay
    await desk.submit(till.network_id, call(till, "r-1"))  # an id that was booked before
    await engine.dispose()

    seen = {name for plan in plans for name in re.findall(r"\b\w+\.\w+\b", plan)}
    assert seen >= WRITTEN
    assert any("whole_1" in plan for plan in plans), "nothing was booked by terms that are known"
    scans = {table for plan in plans for table in re.findall(r"Seq Scan on (\w+)", plan)}
    assert scans == set()
