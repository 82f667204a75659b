"""The figures of documents: statements of five hundred lines each, by form, and what memory takes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from api.database.engine import open_engine
from api.database.transaction import WHOLE_NETWORK, Database
from api.documents.csv_document import write_csv
from api.documents.heading import Heading
from api.documents.json_document import write_json
from api.documents.lines import read_lines
from api.documents.pdf_document import write_pdf
from api.graphql.languages import Spoken
from payouts.ledger import Movement
from payouts.reserves import describe_reserves
from payouts.settlement import describe_statement, list_cycle_statements
from tests.benchmarks.books.comparison import Comparison
from tests.benchmarks.books.settling import Settler

Write = Callable[[Heading, AsyncIterator[Movement]], AsyncIterator[bytes]]
_PARTS = 10  # the memory of all statements is held against that of a tenth of them


@dataclass(frozen=True)
class _Form:
    name: str
    write: Write
    share: int
    """One statement of so many is written in this form."""


_FORMS = (
    _Form("JSON", write_json, 1),
    _Form("CSV", write_csv, 1),
    _Form("PDF", write_pdf, 10),
)


def measure_rendering(settler: Settler) -> list[Comparison]:
    """Write statements of the cycle that was approved, form by form; each is written whole and thrown away."""
    return asyncio.run(_measure(settler))


async def _measure(settler: Settler) -> list[Comparison]:
    engine = open_engine(settler.ground.application_url, pool_size=2)
    database, network_id = Database(engine), settler.network_id
    assert settler.approved is not None, "a cycle was approved"
    async with database.reading(network_id) as db:
        statements = await list_cycle_statements(
            db, network_id=network_id, cycle_id=settler.approved
        )
    ids = [one.statement_id for one in statements[: settler.sizes.rendered]]
    found = []
    for form in _FORMS:
        chosen = ids[:: form.share]
        first = chosen[: max(1, len(chosen) // _PARTS)]
        await _render(database, network_id, form.write, first)  # what is loaded once is loaded
        tenth = await _render(database, network_id, form.write, first)
        whole = await _render(database, network_id, form.write, chosen)
        found.append(
            Comparison(
                name=f"peak memory of {len(chosen):,} statements as {form.name},"
                f" {statements[0].lines_count:,} lines each / of {len(first):,} of them",
                ratio=whole.peak_mb / tenth.peak_mb,
                measured=f"{whole.peak_mb:.0f} MB, {whole.ms:.3g} ms each",
                against=f"{tenth.peak_mb:.0f} MB, {tenth.ms:.3g} ms each",
                bound=1.2,
                direction="lower",
            )
        )
    await engine.dispose()
    return found


@dataclass(frozen=True)
class _Rendered:
    ms: float
    peak_mb: float


async def _render(
    database: Database, network_id: int, write: Write, statement_ids: list[UUID]
) -> _Rendered:
    _forget_peak()
    begun = time.perf_counter()
    for statement_id in statement_ids:
        async with database.reading(network_id) as db:
            described = await describe_statement(
                db, network_id=network_id, statement_id=statement_id
            )
            held = await describe_reserves(db, network_id=network_id, described=described)
        heading = Heading(described, {"en": "Souq"}, {"en": "A partner"}, Spoken.EN, held)
        lines = read_lines(database, WHOLE_NETWORK, described)
        assert sum([len(chunk) async for chunk in write(heading, lines)]) > 0
    seconds = time.perf_counter() - begun
    return _Rendered(seconds * 1_000 / len(statement_ids), _peak_mb())


def _forget_peak() -> None:
    # The kernel counts the peak of resident memory anew from here.
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    [line] = [one for one in status if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
