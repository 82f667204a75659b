"""Journals of accruals, posted by the ledger's function without a purchase behind them."""

from tests.benchmarks.books.world import CASHBACK, FEE, Place
from tests.benchmarks.ground import Ground
from tests.benchmarks.world import CURRENCY, NOW

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


async def post_accruals(ground: Ground, place: Place, journals: int) -> None:
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
