"""The figure of reading: an append-only balance beside one that is kept with every posting."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import asyncpg

from api.database.engine import open_engine
from api.database.transaction import Database
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    Line,
    credit,
    debit,
    fold_balances,
    own_account,
    post_journals,
    read_balances,
)
from payouts.ledger.open_accounts import open_accounts
from payouts.money import Money
from payouts.seals import seal_journals
from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import Ground
from tests.benchmarks.measure import Sample
from tests.benchmarks.world import CURRENCY, NOW
from tests.factories.partners import make_network

LINES = 1_000  # as many as a journal may have
JOURNALS = 20  # of one call
APPENDED, KEPT = "append-only", "sync"
CROWDED = Account("partner_recv", "crowded", CURRENCY)
SYNC = Account("settle_recv", "kept", CURRENCY)
OTHER = own_account("capital", CURRENCY)

_FILL = """
SELECT count(*) FROM payouts.post_journals($1, $2,
  ARRAY(SELECT uuidv7() FROM generate_series(1, $5::int) j),
  array_fill('bench.fill'::text, ARRAY[$5]),
  ARRAY(SELECT uuidv7()::text FROM generate_series(1, $5::int) j),
  array_fill($2::timestamptz, ARRAY[$5]), array_fill('bench'::text, ARRAY[$5]),
  array_fill('fill'::text, ARRAY[$5]), array_fill(NULL::uuid, ARRAY[$5]),
  array_fill(NULL::uuid, ARRAY[$5]), array_fill('bench'::text, ARRAY[$5]),
  array_fill('{}'::jsonb, ARRAY[$5]),
  ARRAY(SELECT j FROM generate_series(1, $5::int) j, generate_series(1, $6::int) l ORDER BY j, l),
  ARRAY(SELECT CASE WHEN l < $6 THEN $3::uuid ELSE $4::uuid END
    FROM generate_series(1, $5::int) j, generate_series(1, $6::int) l ORDER BY j, l),
  array_fill('SAR'::text, ARRAY[$5 * $6]),
  ARRAY(SELECT CASE WHEN l < $6 THEN 1 ELSE 1 - $6 END::bigint
    FROM generate_series(1, $5::int) j, generate_series(1, $6::int) l ORDER BY j, l),
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') WHERE outcome = 'posted'
"""


@dataclass
class Reader:
    """A book whose partner has a balance of very many postings."""

    ground: Ground
    sizes: BookSizes
    network_id: int = 0

    @property
    def journals(self) -> int:
        """How many journals it takes to have all postings."""
        return -(-self.sizes.postings // (LINES - 1))

    async def fill(self) -> None:
        """Post them by the ledger's function, seal and fold them."""
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        self.network_id = (await make_network(database, slug="crowd")).network_id
        async with database.writing(self.network_id) as db:
            await open_accounts(db, network_id=self.network_id, accounts=[CROWDED, OTHER], now=NOW)
        await self._post(database, [_draft(SYNC)])
        driver = await self.ground.connect(self.ground.application_url)
        for start in range(0, self.journals, JOURNALS):
            await self._fill(driver, min(JOURNALS, self.journals - start))
        await driver.close()
        await self._seal(database)
        async with database.writing(self.network_id) as db:
            while (await fold_balances(db, network_id=self.network_id)).folded:
                pass
        await engine.dispose()

    async def leave_unfolded(self, journals: int) -> None:
        """Post and seal some more, as of a second, and do not fold them."""
        engine = open_engine(self.ground.application_url, pool_size=1)
        database = Database(engine)
        accounts = [CROWDED, *(Account("partner_recv", str(n), CURRENCY) for n in range(9))]
        drafts = [_draft(accounts[n % 10]) for n in range(journals)]
        for start in range(0, journals, 250):
            await self._post(database, drafts[start : start + 250])
        await self._seal(database)
        await engine.dispose()

    async def _fill(self, driver: asyncpg.Connection, journals: int) -> None:
        async with driver.transaction():
            await driver.execute(f"SET LOCAL app.network_id = '{self.network_id}'")
            ids = [one.id_in(self.network_id) for one in (CROWDED, OTHER)]
            done = await driver.fetchval(_FILL, self.network_id, NOW, *ids, journals, LINES)
            assert done == journals

    async def _post(self, database: Database, drafts: list[Draft]) -> None:
        async with database.writing(self.network_id) as db:
            await post_journals(db, network_id=self.network_id, drafts=drafts, now=NOW)

    async def _seal(self, database: Database) -> None:
        async with database.writing(self.network_id) as db:
            now = NOW + timedelta(seconds=1)
            while (await seal_journals(db, network_id=self.network_id, now=now)).sealed:
                pass

    def measure(self, one: Account, expected: int) -> Callable[[], Sample]:
        """Read one balance again and again on one connection; `expected` is what it is."""
        return lambda: asyncio.run(self._read(one, expected))

    async def _read(self, one: Account, expected: int) -> Sample:
        engine = open_engine(self.ground.application_url, pool_size=1)
        took = []
        async with Database(engine).reading(self.network_id) as db:
            for _ in range(self.sizes.reads + 10):
                begun = time.perf_counter()
                found = await read_balances(db, network_id=self.network_id, accounts=[one])
                took.append((time.perf_counter() - begun) * 1_000)
                assert found[one].posted.minor == expected, found
        await engine.dispose()
        took = took[10:]  # the driver prepares a statement when it first meets it
        return Sample(len(took), 1_000 / statistics.mean(took), statistics.median(took), max(took))


def _draft(one: Account) -> Draft:
    amount = Money(1, CURRENCY)
    lines: tuple[Line, ...] = (debit(one, amount), credit(OTHER, amount))
    return Draft(
        kind="bench.move",
        key=str(uuid4()),
        cause=Cause("bench", "move"),
        lines=lines,
        actor="bench",
        effective_at=NOW,
    )


def measure_reading(reader: Reader) -> list[Comparison]:
    """Compare the two kinds of balance, all folded, and then with a second's work unfolded."""
    asyncio.run(reader.fill())
    rounds, postings = reader.sizes.rounds, reader.journals * (LINES - 1)
    kept = reader.measure(SYNC, 1)
    name = f"balance of {reader.sizes.postings:,} postings"
    folded = take_turns(
        name,
        {KEPT: kept, APPENDED: reader.measure(CROWDED, postings)},
        rounds=rounds,
        clients=1,
    )
    tail = reader.sizes.tail
    asyncio.run(reader.leave_unfolded(tail))
    more = tail // 10
    unfolded = take_turns(
        f"{name}, {tail:,} journals unfolded",
        {KEPT: kept, APPENDED: reader.measure(CROWDED, postings + more)},
        rounds=rounds,
        clients=1,
    )
    return [
        Compared(one, APPENDED, KEPT, "lower").named(
            f"time of an append-only {one.operation} / of a sync balance", bound=bound
        )
        for one, bound in ((folded, 2.0), (unfolded, None))
    ]
