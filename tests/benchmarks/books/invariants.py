"""What must hold after all the load: nothing acknowledged is missing, nothing is out of balance."""

from collections.abc import Mapping

from tests.benchmarks.ground import Ground
from tests.benchmarks.invariants import (
    STRAYED,
    UNBALANCED,
    UNBALANCED_JOURNALS,
    InvariantBroken,
)

_LOTS = """
SELECT count(*) FROM payouts.balance AS kept
JOIN payouts.account AS a ON a.book_id = kept.book_id AND a.account_id = kept.account_id
JOIN payouts.account_type AS t ON t.type = a.type AND t.has_lots
LEFT JOIN (
    SELECT account_id, sum(remaining) AS rest FROM payouts.lot
    WHERE book_id = $1 GROUP BY account_id
) AS found ON found.account_id = kept.account_id
WHERE kept.book_id = $1 AND kept.credit - kept.debit <> coalesce(found.rest, 0)
"""
_JOURNALS = "SELECT count(*) FROM payouts.journal WHERE book_id = $1"
_PURCHASES = "SELECT count(*) FROM partners.purchase WHERE network_id = $1"
_ACCRUALS = """
SELECT count(*) FROM partners.accrual a JOIN payouts.journal j
  ON j.book_id = a.network_id AND j.journal_id = a.pending_journal_id WHERE a.network_id = $1
"""
_DUE = "SELECT count(*) FROM payouts.due WHERE network_id = $1 AND kind = 'accrual.confirm'"


async def require_sound_books(
    ground: Ground, *, purchases: Mapping[int, int], journals: Mapping[int, int]
) -> None:
    """Compare each network's books with themselves and with what was acknowledged.

    `journals` are those that were posted without a purchase. Raises InvariantBroken.
    """
    db = await ground.connect(ground.superuser_url)
    await db.execute("ANALYZE")  # the load made tables large faster than their statistics
    found = {}
    for network_id in sorted({*purchases, *journals}):
        bought = purchases.get(network_id, 0)
        for name, query, wanted in (
            ("units whose postings do not sum to 0", UNBALANCED, 0),
            ("journals whose postings do not sum to 0", UNBALANCED_JOURNALS, 0),
            ("balances that differ from their postings", STRAYED, 0),
            ("balances that differ from their lots", _LOTS, 0),
            ("journals", _JOURNALS, bought + journals.get(network_id, 0)),
            ("purchases", _PURCHASES, bought),
            ("accruals with their journals", _ACCRUALS, bought),
            ("accruals to be confirmed", _DUE, bought),
        ):
            count = await db.fetchval(query, network_id)
            if count != wanted:
                found[network_id, name] = (count, wanted)
    await db.close()
    if found:
        raise InvariantBroken(f"found, wanted: {found}")
