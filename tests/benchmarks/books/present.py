"""Figures of large books, which take long: postings present, and a file of a million lines."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.single import single_function
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.books.world import CASHBACK, FEE, Networks, Place
from tests.benchmarks.books.writing import Writer
from tests.benchmarks.ground import Ground, settle
from tests.benchmarks.measure import Sample
from tests.benchmarks.world import CURRENCY, NOW

PRESENT, EMPTY = "books with postings", "empty books"
MEMORY_MB_MAX = 300
JOURNALS = 1_000  # of one call

# The journals of accruals: members and partners in turns, three lines and one lot each.
_FILL = f"""
SELECT count(*) FROM payouts.post_journals($1, $2,
  ARRAY(SELECT uuidv7() FROM generate_series(1, $6::int) j),
  array_fill('accrual.pending'::text, ARRAY[$6]),
  ARRAY(SELECT uuidv7()::text FROM generate_series(1, $6::int) j),
  array_fill($2::timestamptz, ARRAY[$6]), array_fill('accrual'::text, ARRAY[$6]),
  ARRAY(SELECT uuidv7()::text FROM generate_series(1, $6::int) j),
  array_fill(NULL::uuid, ARRAY[$6]), array_fill(NULL::uuid, ARRAY[$6]),
  array_fill('bench'::text, ARRAY[$6]), array_fill('{{}}'::jsonb, ARRAY[$6]),
  ARRAY(SELECT j FROM generate_series(1, $6::int) j, generate_series(1, 3) l ORDER BY j, l),
  ARRAY(SELECT CASE l WHEN 1 THEN ($3::uuid[])[1 + j % cardinality($3)]
      WHEN 2 THEN ($4::uuid[])[1 + j % cardinality($4)]
      ELSE ($5::uuid[])[1 + j % cardinality($5)] END
    FROM generate_series(1, $6::int) j, generate_series(1, 3) l ORDER BY j, l),
  array_fill('{CURRENCY}'::text, ARRAY[3 * $6]),
  ARRAY(SELECT (ARRAY[{CASHBACK + FEE}, {-CASHBACK}, {-FEE}])[l]::bigint
    FROM generate_series(1, $6::int) j, generate_series(1, 3) l ORDER BY j, l),
  ARRAY(SELECT 3 * j - 1 FROM generate_series(1, $6::int) j),
  array_fill({CASHBACK}::bigint, ARRAY[$6]), array_fill('accrual'::text, ARRAY[$6]),
  ARRAY(SELECT uuidv7()::text FROM generate_series(1, $6::int) j),
  array_fill('network'::text, ARRAY[$6]), array_fill($2::timestamptz, ARRAY[$6]),
  array_fill(NULL::timestamptz, ARRAY[$6]), array_fill('network'::text, ARRAY[$6])
) WHERE outcome = 'posted'
"""


async def fill(ground: Ground, place: Place, journals: int) -> None:
    """Post that many accruals' journals in a network, by the ledger's function."""
    db = await ground.connect(ground.application_url)
    ids = [
        place.account_ids("partner_recv_pending", place.partners),
        place.account_ids("member_pending", place.members),
        place.account_ids("fee_deferred", place.partners),
    ]
    for start in range(0, journals, JOURNALS):
        count = min(JOURNALS, journals - start)
        async with db.transaction():
            await db.execute(f"SET LOCAL app.network_id = '{place.network_id}'")
            assert await db.fetchval(_FILL, place.network_id, NOW, *ids, count) == count
    await db.close()


def measure_present(
    folder: Path, grounds: dict[str, tuple[Ground, Networks]], sizes: BookSizes
) -> tuple[list[Comparison], dict[int, int]]:
    """Post singly into books that hold postings and into empty ones; also tells how many journals
    the full books of each network then have.

    The tables are not partitioned: what is measured are indexes of that size.
    """
    full, networks = grounds[PRESENT]
    journals = sizes.present // 3
    asyncio.run(fill(full, networks.main, journals))
    asyncio.run(settle(full))
    posted = {networks.main.network_id: journals}

    def contender(who: str) -> Callable[[], Sample]:
        ground, place = grounds[who][0], grounds[who][1].main
        bench = single_function(ground.application_url, folder / ground.name, place)

        def measure() -> Sample:
            done = bench.run(
                clients=sizes.clients,
                seconds=max(1, round(sizes.seconds)),
                transactions=sizes.transactions,
                warm_up_seconds=round(sizes.warm_up_seconds),
            )
            if who == PRESENT:
                posted[place.network_id] += done.transactions
            return Sample(done.transactions, done.per_second, done.latency_ms, None)

        return measure

    result = take_turns(
        "present",
        {who: contender(who) for who in (EMPTY, PRESENT)},
        rounds=sizes.rounds,
        clients=sizes.clients,
    )
    name = f"postings a second with {sizes.present:,} postings present / empty (not partitioned)"
    return [Compared(result, PRESENT, EMPTY).named(name, bound=0.9)], posted


def measure_memory(writer: Writer) -> Comparison:
    """Import one large file and see how much memory its process ever had."""
    told = writer.import_file(writer.sizes.large_lines)
    return Comparison(
        name=f"memory of an import of {writer.sizes.large_lines:,} purchases / {MEMORY_MB_MAX} MB",
        ratio=told.rss_mb / MEMORY_MB_MAX,
        measured=f"{told.rss_mb:.0f} MB",
        against=f"{MEMORY_MB_MAX} MB",
        bound=1,
        direction="lower",
    )
