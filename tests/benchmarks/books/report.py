"""Showing the ledger's figures: on the terminal, on the page, in the list for programs."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from api.cli.process import POOL_SIZE
from api.group_commit import BATCH_MAX
from tests.benchmarks.books.figures import Books
from tests.benchmarks.books.ingesting_job import BRANDS
from tests.benchmarks.books.paying import CONNECTIONS, WORKER
from tests.benchmarks.books.present import MONTHS
from tests.benchmarks.books.sealed import PARALLEL, PASS
from tests.benchmarks.books.waiting import JOURNALS_MAX, WRITERS
from tests.benchmarks.books.writing import DESK, FILE, MANY, SHARE, SINGLE, UNEVEN, WHOLE
from tests.benchmarks.measure import NOISY_SPREAD

HEADINGS = ("figure", "measured", "against", "ratio", "bound", "kept")


def list_books(books: Books) -> list[dict[str, Any]]:
    """Write the figures for programs."""
    return [
        {
            "figure": one.name,
            "ratio": float(f"{one.ratio:.4g}"),
            "bound": one.bound,
            "direction": one.direction,
        }
        for one in books.comparisons
    ]


def rows_of(books: Books) -> Iterator[tuple[str, ...]]:
    """Lay out the figures."""
    for one in books.comparisons:
        sign = "≥" if one.direction == "higher" else "≤"
        yield (
            one.name,
            one.measured,
            one.against,
            f"{one.ratio:.3g}{' noisy' if one.is_noisy else ''}",
            "" if one.bound is None else f"{sign} {one.bound:g}",
            "" if one.bound is None else "yes" if one.is_met else "no",
        )


def show_books(books: Books, console: Console) -> None:
    """Print the table."""
    table = Table(title="The ledger; ratio = measured / against")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in rows_of(books):
        table.add_row(*row)
    console.print(table)


_PAGE = """
## The ledger

Measured in databases of their own, fsync on, with {clients} clients. Contenders take turns as above
and a ratio is that of the medians; it is **noisy** when what it is held against varied by more than
{noisy:.0%} between rounds. Afterwards all books balance, balances are those of their postings and of
their lots, and there are as many purchases, accruals and journals as were acknowledged.

- **{single}**: `payouts.post_journals` with one journal, the three lines and the lot of an accrual,
  as the role `mizan_app`, prepared, each call a transaction. Nothing else of a purchase is written,
  and nothing but this statement is sent: the network is bound to the session beforehand.
- **{whole}**: what the desk sends for one purchase, captured from it: the opening, the
  statement that claims the key, confirms the terms and writes everything, the commit. {networks} processes of pgbench send it, prepared, each as the
  only client of its network.
- **{desk}**: clients at the purchase desk, which is what `recordPurchase` calls, in one process with
  a pool of {pool} connections. Each purchase is written with its key, accrual, share, due row, lot,
  journal, postings and balances, and acknowledged after the commit; batches of up to {batch}.
  **{many}**: the same with one client in each of {networks} networks. **{uneven}**: one of
  {partners} partners has {share:.0%} of the traffic.
- **{file}**: a file of {lines:,} purchases, imported as `mizan purchases import` does, from the
  opening of the file to its last line; the start of the program is not counted.
- An append-only balance is read by `read_balances` within a transaction that is open, and so is a
  sync one. Its postings were written by journals of up to 1,000 lines and folded, as the worker does
  each second. Then {tail:,} more journals, a tenth of them on this account, are sealed and not yet
  folded: each is looked at, so the time grows with what the whole book wrote since it was folded.
- **verify**: `mizan verify`, which uses two connections, over a book of {sealed:,} accruals' journals
  with a block for every 1,000; rows are journals and postings. **{pass_}** reads the
  journals and postings as they lie and hashes each row once, in one process and without joins;
  **{parallel}** does so beside the workers that PostgreSQL finds worth while.
- **sealing**: {writers} writers post up to {journals} journals in a transaction, with pauses of up to
  50 ms, beside a worker with its rounds in the books, in the same process; the age of the oldest journal without
  a place is looked up twenty times a second, until all have theirs.
- **settling**: `closeSettlementCycle` over {entries:,} entries of {settled:,} partners (journals of five
  lines), from the opening of its transaction to the commit: the cut, the sums, a statement with its
  hash for each partner. The serial GROUP BY joins the same places, journals, postings and accounts in
  one process and writes nothing; the close may use PostgreSQL's parallel workers. Approving posts two
  journals for each partner and orders its payment.
- **documents**: statements of that cycle described and written whole, one after the other, as
  `GET /statements/ID.json` does, and thrown away; a tenth of them as PDF, whose pages are laid out by a
  process of its own. Memory is the most that this process had resident meanwhile.
- **paying**: payouts of cashback, {each:,} in each turn, from due to on their way to the bank, through
  the double of the provider in a process of its own: a transfer to the member's account and a payout
  from there. **{worker}** is the worker's loop with the jobs that submit payouts, in one process; its
  rate is that of these two requests, and whatever else it asks is not counted. The bare rate is that
  of as many of the same requests, in turns, by the load generator on {connections} connections. Each
  turn begins with the same accounts and balances; the double sends no webhooks and plays no bank.
- **searching**: `search_rewards` as `mizan_app`, for a page of 20 with its total and six facets, over
  {searched:,} rewards with titles in three languages; twelve queries in two scripts, two of them
  mistyped, in turns. It is held against what a superuser takes for the same predicate with one GROUP BY
  for each facet, through the same driver. The page far down is the last of its list.
- **importing catalogues**: files in the form of Reloadly, read and imported as `mizan catalog import`
  does, from the opening of each file to the closing of its import, in transactions of 500 items; two
  further languages are added to each item as it is read. Each supplier has a card of {brands} brands in
  country after country; a tenth of the brands all six sell, and their cards are matched. COPY writes
  the very rows that this left behind, of all thirteen tables, into a second database with the same keys, indexes and foreign keys, as
  the superuser, each table in one transaction. Memory is the most that the importing process had.
- **change feed**: {followed:,} rewards are imported by a process of its own, as above, while somebody
  follows `rewardsChanged` over a socket of the real application, in another, with titles and without a
  worker beside. Of each change is taken the time from when the importing process had its commit
  acknowledged to when the socket had the message, by the one clock of the machine; all have to come,
  once and in order.
- `make bench-full` alone: postings present lie in the partitions of {months} months, the last of which
  is posted into; they are put there by SQL, with their keys, lots and balances, and made durable before
  anything is measured. The memory of an import is the most that its process ever had resident. What a
  reward costs as the catalogue grows to a million is [drawn](ingestion.svg), a point for each file of
  10,000.

{table}

| who | /s | least | greatest | p50 ms | p99 ms | process µs | PG µs |
|---|---:|---:|---:|---:|---:|---:|---:|
{samples}

Processor time is per purchase, of the process that drives it and of all of PostgreSQL. The ledger's
figures took {seconds:.0f} s.
"""


def page_of(books: Books) -> str:
    """Write the ledger's part of the page."""
    sizes = books.sizes
    return _PAGE.format(
        clients=sizes.clients,
        noisy=NOISY_SPREAD,
        single=SINGLE,
        whole=WHOLE,
        desk=DESK,
        many=MANY,
        uneven=UNEVEN,
        file=FILE,
        pass_=PASS,
        parallel=PARALLEL,
        pool=POOL_SIZE,
        batch=BATCH_MAX,
        networks=sizes.networks,
        partners=sizes.partners,
        share=SHARE,
        lines=sizes.lines,
        tail=sizes.tail,
        sealed=sizes.sealed,
        writers=WRITERS,
        journals=JOURNALS_MAX,
        entries=sizes.settled_entries,
        settled=sizes.settled_partners,
        each=sizes.paid // sizes.rounds,
        worker=WORKER,
        connections=CONNECTIONS,
        searched=sizes.searched,
        brands=BRANDS,
        followed=sizes.followed,
        months=MONTHS,
        table=_table(books),
        samples="\n".join(f"| {' | '.join(row)} |" for row in _samples(books)),
        seconds=books.seconds,
    )


def _table(books: Books) -> str:
    head = f"| {' | '.join(HEADINGS)} |\n|---|{'---:|' * (len(HEADINGS) - 1)}\n"
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows_of(books))


def _samples(books: Books) -> Iterator[tuple[str, ...]]:
    result = books.writing
    assert result is not None, "the writing was measured"
    for who in result.samples:
        least, greatest = result.spread(who, "per_second")
        figures = [
            result.median(who, "per_second"),
            least,
            greatest,
            *(result.median(who, name) for name in ("p50_ms", "p99_ms", "server_us")),
            result.median(who, "postgres_us"),
        ]
        yield (
            who,
            *("" if not one else f"{one:,.3g}" if one < 100 else f"{one:,.0f}" for one in figures),
        )
