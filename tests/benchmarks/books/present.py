"""Figures of large books, which take long: postings present, and a file of a million lines."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg

from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.single import single_function
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.books.world import CASHBACK, FEE, Networks, Place
from tests.benchmarks.books.writing import Writer
from tests.benchmarks.ground import Ground, settle
from tests.benchmarks.measure import Sample
from tests.benchmarks.world import CURRENCY

PRESENT, EMPTY = "books with postings", "empty books"
MEMORY_MB_MAX = 300
RELOADS_MAX = 100
MONTHS = 4
"""Over which the postings present are spread; the last one is the one that is posted into."""

# A migration leaves one partition for all that came before: here there is nothing yet, so that it
# can make room for months of the past.
_MAKE_ROOM = """
DO $$
DECLARE
  v_table text;
  v_first timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') - interval '{before} months';
  v_bound uuid := rpad(lpad(to_hex((extract(epoch FROM v_first AT TIME ZONE 'UTC') * 1000)::bigint),
    12, '0'), 32, '0')::uuid;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['journal', 'posting'] LOOP
    EXECUTE format('ALTER TABLE payouts.%I DETACH PARTITION payouts.%I', v_table, v_table || '_first');
    EXECUTE format('ALTER TABLE payouts.%I ATTACH PARTITION payouts.%I FOR VALUES FROM (MINVALUE) TO (%L)',
      v_table, v_table || '_first', v_bound);
    FOR v_number IN 0..{before} LOOP
      PERFORM payouts.make_partition(v_table, (v_first + v_number * interval '1 month')::date);
    END LOOP;
  END LOOP;
END $$
"""

# The journals of accruals, evenly over the time from the first of these months until now: members
# and partners in turns, three lines and one lot each.
_FILL = f"""
WITH span AS (
  SELECT extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC')
      - interval '{MONTHS - 1} months') * 1000 AS begun, extract(epoch FROM now()) * 1000 AS ended
), made AS MATERIALIZED (
  SELECT n, (lpad(to_hex((s.begun + (s.ended - s.begun) * n / $6::bigint)::bigint), 12, '0')
      || '7' || lpad(to_hex(n), 19, '0'))::uuid AS id, md5(n::text)::uuid::text AS name,
      to_timestamp((s.begun + (s.ended - s.begun) * n / $6::bigint) / 1000) AS at,
      ($3::uuid[])[1 + n % cardinality($3)] AS owed, ($4::uuid[])[1 + n % cardinality($4)] AS member,
      ($5::uuid[])[1 + n % cardinality($5)] AS fee
    FROM span s, generate_series($1::bigint, $2::bigint) n
), journals AS (
  INSERT INTO payouts.journal (book_id, journal_id, network_id, kind, ledger_key, request_hash,
      effective_at, recorded_at, period, cause_kind, cause_id, actor, lines)
    SELECT $7::bigint, m.id, $7, 'accrual.pending', 'accrual:' || m.name || ':pending', sha256('x'),
        m.at, m.at, date_trunc('month', m.at)::date, 'accrual', m.name, 'bench', 3 FROM made m
), keys AS (
  INSERT INTO payouts.journal_key (book_id, ledger_key, network_id, journal_id)
    SELECT $7, 'accrual:' || m.name || ':pending', $7, m.id FROM made m
), postings AS (
  INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit, amount,
      effective_at, recorded_at)
    SELECT $7, m.id, l.line, $7, CASE l.line WHEN 1 THEN m.owed WHEN 2 THEN m.member ELSE m.fee END,
        '{CURRENCY}', l.amount, m.at, m.at
      FROM made m, (VALUES (1, {CASHBACK + FEE}), (2, {-CASHBACK}), (3, {-FEE})) l (line, amount)
), balances AS (
  INSERT INTO payouts.balance AS b (book_id, account_id, network_id, credit, version)
    SELECT $7, m.member, $7, {CASHBACK} * count(*), count(*) FROM made m GROUP BY m.member
    ON CONFLICT (book_id, account_id) DO UPDATE
      SET credit = b.credit + excluded.credit, version = b.version + excluded.version
)
INSERT INTO payouts.lot (book_id, lot_id, network_id, account_id, unit, amount, remaining,
    origin_kind, origin_id, funder, earned_at, lapses_to, journal_id, line)
  SELECT $7, m.id, $7, m.member, '{CURRENCY}', {CASHBACK}, {CASHBACK}, 'accrual', m.name, 'network',
      m.at, 'network', m.id, 2 FROM made m
"""
_AT_ONCE = 200_000


async def fill(ground: Ground, place: Place, journals: int) -> None:
    """Put that many accruals' journals into a network's book, past the ledger's function.

    They are made durable afterwards, all at once.
    """
    db = await ground.connect(ground.superuser_url)
    await db.execute(_MAKE_ROOM.replace("{before}", str(MONTHS - 1)))
    await _sync(db, is_on=False)
    ids = [
        place.account_ids("partner_recv_pending", place.partners),
        place.account_ids("member_pending", place.members),
        place.account_ids("fee_deferred", place.partners),
    ]
    for start in range(1, journals + 1, _AT_ONCE):
        end = min(journals, start + _AT_ONCE - 1)
        await db.execute(_FILL, start, end, *ids, journals, place.network_id)
    await _sync(db, is_on=True)
    await db.close()


async def _sync(db: asyncpg.Connection, *, is_on: bool) -> None:
    await db.execute(f"ALTER SYSTEM SET fsync = {'on' if is_on else 'off'}")
    await db.execute("SELECT pg_reload_conf()")
    for _ in range(RELOADS_MAX):
        if await db.fetchval("SHOW fsync") == ("on" if is_on else "off"):
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("the server did not take the setting")


def measure_present(
    folder: Path, grounds: dict[str, tuple[Ground, Networks]], sizes: BookSizes
) -> tuple[list[Comparison], dict[int, int]]:
    """Post singly into books that hold postings and into empty ones; also tells how many journals
    the full books of each network then have.

    Those that hold them hold them in the partitions of several months, by the ids of journals.
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
    name = f"postings a second with {sizes.present:,} postings present / empty, by months"
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
