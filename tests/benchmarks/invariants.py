"""What must hold after all the load: nothing acknowledged is missing, nothing is out of balance."""

from tests.benchmarks.ground import Ground
from tests.benchmarks.world import World


class InvariantBroken(Exception):
    """The load left something behind that must not be."""


UNBALANCED = """
SELECT count(*) FROM (
    SELECT unit FROM payouts.posting WHERE book_id = $1 GROUP BY unit HAVING sum(amount) <> 0
) AS found
"""
UNBALANCED_JOURNALS = """
SELECT count(*) FROM (
    SELECT journal_id FROM payouts.posting WHERE book_id = $1
    GROUP BY journal_id, unit HAVING sum(amount) <> 0
) AS found
"""
STRAYED = """
SELECT count(*) FROM payouts.balance AS kept
LEFT JOIN (
    SELECT account_id, sum(amount) AS net FROM payouts.posting
    WHERE book_id = $1 GROUP BY account_id
) AS found ON found.account_id = kept.account_id
WHERE kept.book_id = $1 AND kept.debit - kept.credit <> coalesce(found.net, 0)
"""


async def require_invariants(ground: Ground, world: World, *, written: int) -> None:
    """Compare the books with themselves and with the number of purchases that were acknowledged.

    Raises InvariantBroken.
    """
    db = await ground.connect(ground.superuser_url)
    expected = world.sizes.purchases + written
    found = {}
    for name, query, wanted in (
        ("units whose postings do not sum to 0", UNBALANCED, 0),
        ("journals whose postings do not sum to 0", UNBALANCED_JOURNALS, 0),
        ("balances that differ from their postings", STRAYED, 0),
        ("purchases", "SELECT count(*) FROM partners.purchase WHERE network_id = $1", expected),
        ("accruals", "SELECT count(*) FROM partners.accrual WHERE network_id = $1", expected),
    ):
        count = await db.fetchval(query, world.network_id)
        if count != wanted:
            found[name] = (count, wanted)
    await db.close()
    if found:
        raise InvariantBroken(f"found, wanted: {found}")
