"""How large the ledger's figures are made."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class BookSizes:
    """Networks and loads; `rounds` of `seconds` for each contender that runs for a time."""

    partners: int
    members: int
    networks: int
    clients: int
    lines: int
    """How many purchases a file holds."""
    postings: int
    """How many postings the append-only account has."""
    tail: int
    """How many journals are then sealed and not folded."""
    sealed: int
    """How many journals the book has that is verified."""
    reads: int
    """How many balances are read in a round."""
    rounds: int
    seconds: float
    warm_up_seconds: float
    transactions: int | None = None
    """Ends a round after so many for each client, however long they take; for the shortest runs."""
    large_lines: int = 0
    """How many purchases the file holds whose import is watched for its memory; 0 for none."""
    settled_entries: int = 0
    settled_partners: int = 0
    rendered: int = 0
    """What one settlement cycle settles, and how many of its statements are written as documents."""
    paid: int = 0
    """How many payouts a worker submits, in all rounds."""
    searched: int = 0
    searches: int = 0
    """How many rewards the catalogue has that is searched, and how often each query is asked."""
    ingested: int = 0
    """How many rewards are imported beside COPY of the same rows."""
    followed: int = 0
    """How many rewards are imported while somebody follows the catalogue."""
    grown: int = 0
    """How many rewards are imported one file after the other for the curve; 0 for none."""
    present: int = 0
    """How many postings stand in the books that are compared with empty ones; 0 for none."""


STANDARD = BookSizes(
    partners=10,
    members=1_000,
    networks=64,
    clients=64,
    lines=100_000,
    postings=1_000_000,
    tail=1_000,
    sealed=60_000,
    reads=200,
    rounds=3,
    seconds=3,
    warm_up_seconds=2,
    settled_entries=1_000_000,
    settled_partners=2_000,
    rendered=50,
    paid=1_500,
    searched=100_000,
    searches=10,
    ingested=100_000,
    followed=4_000,
)
FULL = replace(
    STANDARD,
    rendered=2_000,
    paid=10_000,
    followed=20_000,
    grown=1_000_000,
    large_lines=1_000_000,
    present=10_000_000,
)
SMALL = BookSizes(
    partners=2,
    members=6,
    networks=3,
    clients=4,
    lines=120,
    postings=3_000,
    tail=20,
    sealed=60,
    reads=3,
    rounds=1,
    seconds=0.3,
    warm_up_seconds=0,
    transactions=5,
    settled_entries=400,
    settled_partners=20,
    rendered=2,
    paid=12,
    searched=1_200,
    searches=2,
    ingested=60,
    followed=60,
    grown=60,
    large_lines=200,
    present=900,
)
