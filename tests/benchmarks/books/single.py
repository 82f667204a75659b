"""pgbench of the posting function with one journal: the same three lines and the same lot that an
accrual posts, nothing else of a purchase.

It is called as the application's role in a session that is bound to the network beforehand, so
each transaction is that one prepared statement: PostgreSQL can do no better by single postings.
"""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tests.benchmarks.books.world import CASHBACK, FEE, Place
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.script import Script
from tests.benchmarks.world import CURRENCY, NOW

# pgbench takes a colon before a word for a variable, in quotes too.
_AT = f"to_timestamp({NOW.timestamp():.0f})"
_ID = "lpad(:r::bigint::text, 36, '0')"
_COLON = "chr(58)"


def _array(ids: Sequence[UUID]) -> str:
    return "'{" + ",".join(str(one) for one in ids) + "}'::uuid[]"


def script_of(place: Place) -> Script:
    """Write the script: a random member buys at a random partner."""
    owed = _array(place.account_ids("partner_recv_pending", place.partners))
    fees = _array(place.account_ids("fee_deferred", place.partners))
    members = _array(place.account_ids("member_pending", place.members))
    funders = "'{" + ",".join(place.partners) + "}'::text[]"
    call = f"""SELECT outcome FROM payouts.post_journals({place.network_id}::bigint, {_AT},
        ARRAY[uuidv7()], ARRAY['accrual.pending'], ARRAY['accrual' || {_COLON} || {_ID} || {_COLON} || 'pending'],
        ARRAY[{_AT}], ARRAY['accrual'], ARRAY[{_ID}], ARRAY[NULL::uuid], ARRAY[NULL::uuid],
        ARRAY['partner' || {_COLON} || {_ID}],
        ARRAY[jsonb_build_object('purchase_id', {_ID})],
        ARRAY[1, 1, 1],
        ARRAY[({owed})[:p::int], ({members})[:m::int], ({fees})[:p::int]],
        ARRAY['{CURRENCY}', '{CURRENCY}', '{CURRENCY}'],
        ARRAY[{CASHBACK + FEE}, {-CASHBACK}, {-FEE}]::bigint[],
        ARRAY[2], ARRAY[{CASHBACK}]::bigint[], ARRAY['accrual'], ARRAY[{_ID}],
        ARRAY['partner' || {_COLON} || ({funders})[:p::int]], ARRAY[{_AT}], ARRAY[NULL::timestamptz], ARRAY['network']);"""
    lines = [
        r"\set r random(1, 9223372036854775807)",
        rf"\set p random(1, {len(place.partners)})",
        rf"\set m random(1, {len(place.members)})",
        " ".join(call.split()),
        "",
    ]
    return Script("\n".join(lines))


def single_function(url: str, folder: Path, place: Place) -> Pgbench:
    """Make the bench of single postings in a network."""
    bench = Pgbench(url, folder, [script_of(place)], f"-c app.network_id={place.network_id}")
    bench.write()
    return bench
