"""The figure of settling: a cycle over many entries, beside one serial GROUP BY of the same rows."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from api.database.engine import open_engine
from api.database.transaction import Database
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import Account, own_account
from payouts.ledger.open_accounts import open_accounts
from payouts.seals import seal_journals
from payouts.settlement import (
    abandon_settlement_cycle,
    close_settlement_cycle,
    list_cycle_statements,
)
from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import Ground, settle
from tests.benchmarks.measure import Sample
from tests.benchmarks.world import CURRENCY, NOW
from tests.factories.partners import make_network

CLOSE, GROUPED = "calculate and publish", "GROUP BY"
ENTRIES_EACH = 4  # lines of a journal that are settled; one more balances them
JOURNALS = 2_000  # of one call

# Partners in turns come to owe 1.00 and are owed 0.40; what is left is the network's.
_FILL = """
SELECT count(*) FROM payouts.post_journals($1, $2,
  ARRAY(SELECT uuidv7() FROM generate_series(1, $6::int) j),
  array_fill('bench.fill'::text, ARRAY[$6]),
  ARRAY(SELECT uuidv7()::text FROM generate_series(1, $6::int) j),
  array_fill($2::timestamptz, ARRAY[$6]), array_fill('bench'::text, ARRAY[$6]),
  array_fill('fill'::text, ARRAY[$6]), array_fill(NULL::uuid, ARRAY[$6]),
  array_fill(NULL::uuid, ARRAY[$6]), array_fill('bench'::text, ARRAY[$6]),
  array_fill('{}'::jsonb, ARRAY[$6]),
  ARRAY(SELECT j FROM generate_series(1, $6::int) j, generate_series(1, 5) l ORDER BY j, l),
  ARRAY(SELECT CASE WHEN l IN (1, 3) THEN ($3::uuid[])[1 + (j * 7 + l) % cardinality($3)]
      WHEN l IN (2, 4) THEN ($4::uuid[])[1 + (j * 11 + l) % cardinality($4)]
      ELSE $5::uuid END
    FROM generate_series(1, $6::int) j, generate_series(1, 5) l ORDER BY j, l),
  array_fill('SAR'::text, ARRAY[5 * $6]),
  ARRAY(SELECT (ARRAY[100, -40, 100, -40, -120])[l]::bigint
    FROM generate_series(1, $6::int) j, generate_series(1, 5) l ORDER BY j, l),
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') WHERE outcome = 'posted'
"""
_GROUPED = """
SELECT count(*) FROM (
  SELECT a.type, a.owner_id, sum(p.amount), count(*)
  FROM payouts.seal k
  JOIN payouts.journal j ON j.book_id = k.book_id AND j.journal_id = k.journal_id
  JOIN payouts.posting p ON p.book_id = k.book_id AND p.journal_id = k.journal_id
  JOIN payouts.account a ON a.book_id = p.book_id AND a.account_id = p.account_id
  WHERE k.book_id = $1 AND a.type IN ('partner_recv', 'partner_payable') AND p.unit = 'SAR'
  GROUP BY a.type, a.owner_id
) g
"""


@dataclass
class Settler:
    """A book whose partners have very many entries that no cycle has settled."""

    ground: Ground
    sizes: BookSizes
    network_id: int = 0
    journals: int = 0
    approved: UUID | None = None
    """The cycle whose statements are final."""

    async def fill(self) -> None:
        """Post all entries by the ledger's function and seal them."""
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        self.network_id = (await make_network(database, slug="settled")).network_id
        owners = [str(UUID(int=one + 1)) for one in range(self.sizes.settled_partners)]
        sides = [
            [Account(kind, one, CURRENCY) for one in owners]
            for kind in ("partner_recv", "partner_payable")
        ]
        fee = own_account("platform_fee", CURRENCY)
        async with database.writing(self.network_id) as db:
            accounts = [*sides[0], *sides[1], fee]
            await open_accounts(db, network_id=self.network_id, accounts=accounts, now=NOW)
        ids = [[one.id_in(self.network_id) for one in side] for side in sides]
        driver = await self.ground.connect(self.ground.application_url)
        self.journals = self.sizes.settled_entries // ENTRIES_EACH
        for start in range(0, self.journals, JOURNALS):
            count = min(JOURNALS, self.journals - start)
            await self._fill(driver, ids, fee.id_in(self.network_id), count)
        await driver.close()
        async with database.writing(self.network_id) as db:
            await seal_journals(db, network_id=self.network_id, now=NOW)
        await engine.dispose()
        await settle(self.ground)

    async def _fill(
        self, driver: asyncpg.Connection, ids: list[list[UUID]], fee: UUID, journals: int
    ) -> None:
        async with driver.transaction():
            await driver.execute(f"SET LOCAL app.network_id = '{self.network_id}'")
            done = await driver.fetchval(_FILL, self.network_id, NOW, *ids, fee, journals)
            assert done == journals

    def close(self) -> Sample:
        """Close a cycle as `closeSettlementCycle` does, and give it up again, which is not timed."""
        return asyncio.run(self._close())

    async def _close(self) -> Sample:
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        async with database.reading(self.network_id):
            pass  # the connection is there
        begun = time.perf_counter()
        async with database.writing(self.network_id) as db:
            cycle = await close_settlement_cycle(
                db, network_id=self.network_id, currency=CURRENCY, actor="maker", now=NOW
            )
        seconds = time.perf_counter() - begun
        async with database.writing(self.network_id) as db:
            statements = await list_cycle_statements(
                db, network_id=self.network_id, cycle_id=cycle.cycle_id
            )
            assert sum(one.lines_count for one in statements) == self.journals * ENTRIES_EACH
            await abandon_settlement_cycle(
                db, network_id=self.network_id, cycle_id=cycle.cycle_id, now=NOW
            )
        await engine.dispose()
        return _sample(self.journals * ENTRIES_EACH, seconds)

    def group(self) -> Sample:
        """Sum the same rows by one statement in one process, as the owner of everything."""
        return asyncio.run(self._group())

    async def _group(self) -> Sample:
        db = await self.ground.connect(self.ground.superuser_url)
        await db.execute("SET max_parallel_workers_per_gather = 0")
        await db.execute("SET jit = off")
        begun = time.perf_counter()
        groups = await db.fetchval(_GROUPED, self.network_id)
        seconds = time.perf_counter() - begun
        await db.close()
        assert groups == 2 * self.sizes.settled_partners
        return _sample(self.journals * ENTRIES_EACH, seconds)

    async def approve(self, engine: AsyncEngine) -> float:
        """Approve one more cycle; tells the seconds that took."""
        database = Database(engine)
        at = NOW + timedelta(days=1)
        async with database.writing(self.network_id) as db:
            cycle = await close_settlement_cycle(
                db, network_id=self.network_id, currency=CURRENCY, actor="maker", now=at
            )
        begun = time.perf_counter()
        async with database.writing(self.network_id) as db:
            await approve_settlement_cycle(
                db, network_id=self.network_id, cycle_id=cycle.cycle_id, actor="checker", now=at
            )
        self.approved = cycle.cycle_id
        return time.perf_counter() - begun


def _sample(entries: int, seconds: float) -> Sample:
    return Sample(entries, entries / seconds, seconds * 1_000, None)


def measure_settling(settler: Settler) -> list[Comparison]:
    """Let a close and the plain sum take turns; then approve, which has nothing beside it."""
    asyncio.run(settler.fill())
    contenders = {GROUPED: settler.group, CLOSE: settler.close}
    result = take_turns("settling", contenders, rounds=settler.sizes.rounds, clients=1)
    entries, partners = settler.journals * ENTRIES_EACH, settler.sizes.settled_partners
    return [
        Compared(result, CLOSE, GROUPED, "lower").named(
            f"time to {CLOSE} {entries:,} entries over {partners:,} partners / of a serial"
            f" {GROUPED} of them",
            bound=1.5,
        ),
        asyncio.run(_approved(settler, result.median(CLOSE, "p50_ms") or 0.0)),
    ]


async def _approved(settler: Settler, close_ms: float) -> Comparison:
    engine = open_engine(settler.ground.application_url, pool_size=1)
    seconds = await settler.approve(engine)
    await engine.dispose()
    return Comparison(
        name="time to approve it, netting and positions posted and ordered / to publish it",
        ratio=seconds * 1_000 / close_ms,
        measured=f"{seconds * 1_000:.3g} ms",
        against=f"{close_ms:.3g} ms",
        bound=None,
        direction="lower",
    )
