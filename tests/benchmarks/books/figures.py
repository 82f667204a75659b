"""All figures of the ledger in one run, with its invariants."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from api.database.engine import open_engine
from api.database.transaction import Database
from tests.benchmarks.books.comparison import Comparison
from tests.benchmarks.books.following import measure_following
from tests.benchmarks.books.ingesting import measure_growth, measure_ingesting
from tests.benchmarks.books.invariants import require_sound_books
from tests.benchmarks.books.paying import Payer, measure_paying
from tests.benchmarks.books.present import EMPTY, PRESENT, measure_memory, measure_present
from tests.benchmarks.books.reading import Reader, measure_reading
from tests.benchmarks.books.rendering import measure_rendering
from tests.benchmarks.books.sealed import Auditor, measure_verifying
from tests.benchmarks.books.searching import Searcher, measure_searching
from tests.benchmarks.books.settling import Settler, measure_settling
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.books.waiting import measure_waiting
from tests.benchmarks.books.world import Networks, open_networks
from tests.benchmarks.books.writing import Writer, measure_writing
from tests.benchmarks.ground import Ground, empty_folder, empty_ground, settle
from tests.benchmarks.measure import Result
from tests.benchmarks.server import RunningClock
from tests.benchmarks.world import NOW


@dataclass
class Books:
    """What was found."""

    sizes: BookSizes
    comparisons: list[Comparison] = field(default_factory=list)
    writing: Result | None = None
    seconds: float = 0.0

    def take(self, comparisons: list[Comparison], console: Console) -> None:
        """Keep some more, and say what they are: the whole takes minutes."""
        self.comparisons += comparisons
        for one in comparisons:
            console.print(f"  {one.name}: {one.ratio:.3g}")


def measure_books(folder: Path, sizes: BookSizes, console: Console) -> Books:
    """Measure in databases of their own; raises when the books are not sound afterwards."""
    begun = time.monotonic()
    found = Books(sizes)
    work = empty_folder(folder / "books")
    with empty_ground(folder, "books") as ground:
        networks = asyncio.run(found_networks(ground, sizes))
        writer = Writer(work, ground, networks, sizes)
        console.print("measuring: the ledger's writing")
        found.writing, compared = measure_writing(writer)
        found.take(compared, console)
        _require(writer)
        reader = Reader(ground, sizes)
        console.print("measuring: the ledger's balances")
        found.take(measure_reading(reader), console)
    console.print("measuring: verification")
    found.take(measure_books_sealed(folder, sizes), console)
    console.print("measuring: sealing")
    with empty_ground(folder, "waiting") as ground:
        found.take([measure_waiting(ground, folder / "books" / "waiting", sizes)], console)
    console.print("measuring: settling")
    found.take(measure_books_settled(folder, sizes), console)
    console.print("measuring: paying")
    found.take(measure_books_paid(folder, sizes), console)
    console.print("measuring: searching")
    found.take(measure_catalogue_searched(folder, sizes), console)
    console.print("measuring: importing catalogues")
    found.take(measure_ingesting(folder, sizes), console)
    console.print("measuring: following a catalogue")
    found.take([measure_following(folder, sizes)], console)
    found.take(measure_large_books(folder, sizes, console).comparisons, console)
    found.seconds = time.monotonic() - begun
    return found


def measure_large_books(folder: Path, sizes: BookSizes, console: Console) -> Books:
    """Measure what takes long, where the sizes ask for it; raises like `measure_books`."""
    begun = time.monotonic()
    found = Books(sizes)
    if sizes.large_lines:
        console.print("measuring: the memory of an import")
        with empty_ground(folder, "large") as ground:
            networks = asyncio.run(found_networks(ground, replace(sizes, networks=0)))
            writer = Writer(empty_folder(folder / "large"), ground, networks, sizes)
            found.comparisons.append(measure_memory(writer))
            _require(writer)
    if sizes.grown:
        console.print("measuring: a growing catalogue")
        found.comparisons.append(measure_growth(folder, sizes))
    if sizes.present:
        console.print("measuring: postings present")
        found.comparisons += measure_books_present(folder, sizes)
    console.print("invariants: all books balance, and hold what was acknowledged")
    found.seconds = time.monotonic() - begun
    return found


async def found_networks(ground: Ground, sizes: BookSizes) -> Networks:
    """Create the networks in a ground and let it come to rest."""
    engine = open_engine(ground.application_url, pool_size=1)
    networks = await open_networks(Database(engine), sizes)
    await engine.dispose()
    await settle(ground)
    return networks


def _require(writer: Writer) -> None:
    asyncio.run(
        require_sound_books(writer.ground, purchases=writer.purchases, journals=writer.journals)
    )


def measure_books_sealed(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Measure the verification of a book in a database of its own."""
    with empty_ground(folder, "sealed") as ground:
        place = asyncio.run(found_networks(ground, replace(sizes, networks=0))).main
        clock = RunningClock(None, NOW.isoformat(), time.monotonic())
        auditor = Auditor(folder / "books" / "seals", ground, clock)
        found = measure_verifying(auditor, place, sizes)
        journals = {place.network_id: sizes.sealed}
        asyncio.run(require_sound_books(ground, purchases={}, journals=journals))
    return found


def measure_books_settled(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Measure the settling of a book in a database of its own."""
    with empty_ground(folder, "settled") as ground:
        settler = Settler(ground, sizes)
        return [*measure_settling(settler), *measure_rendering(settler)]


def measure_books_paid(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Measure the paying of members in a database of its own."""
    with empty_ground(folder, "paid") as ground:
        return measure_paying(Payer(ground, sizes, folder / "books" / "paid"))


def measure_catalogue_searched(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Measure the search of a large catalogue."""
    with empty_ground(folder, "searched") as ground:
        return measure_searching(Searcher(ground, sizes))


def measure_books_present(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Measure in books that hold postings beside empty ones."""
    with ExitStack() as stack:
        grounds = {}
        for who, name in ((EMPTY, "empty"), (PRESENT, "present")):
            ground = stack.enter_context(empty_ground(folder, name))
            grounds[who] = (ground, asyncio.run(found_networks(ground, sizes)))
        found, journals = measure_present(folder / "books", grounds, sizes)
        asyncio.run(require_sound_books(grounds[PRESENT][0], purchases={}, journals=journals))
    return found
