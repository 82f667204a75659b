"""A process of its own that imports suppliers' files: it reads a job as JSON and tells what it saw.

Each file is in the form of Reloadly and is imported as `mizan catalog import` does, from the
opening of the file to the closing of the import; writing the file is not counted.
"""

import contextlib
import hashlib
import io
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import uvloop

from api.catalogue_readers import READERS
from api.cli.catalog import import_catalogue
from api.cli.running import collect_seldom
from api.database.engine import open_engine
from api.database.transaction import Database
from catalog.suppliers import Feed, FeedItem, Translation, read_reloadly_feed
from tests.benchmarks.books.job import rss_mb
from tests.benchmarks.world import CURRENCY, NOW

FACES = (20, 50, 100, 200, 500)
LANGUAGES = ("ar", "fr")
"""Beside English. No supplier's file has further languages, so they are added to what was read."""
BRANDS = 400
"""Of a supplier. It sells a card of each in one country after the other."""
SHARED_BRANDS = 40
"""Of them, brands that the others of its round sell as well, whose cards are matched."""
SUPPLIERS = 6
"""In a round: as a catalogue grows further, other suppliers bring other brands."""
COUNTRIES = [
    "SA",
    "AE",
    "EG",
    "JO",
    "KW",
    "QA",
    "BH",
    "OM",
    "LB",
    "MA",
    "TN",
    "DZ",
    "TR",
    "IN",
    "PK",
    "ID",
    "MY",
    "SG",
    "PH",
    "TH",
    "VN",
    "JP",
    "KR",
    "AU",
    "NZ",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "PT",
    "NL",
    "BE",
    "AT",
    "CH",
    "SE",
    "NO",
    "DK",
    "FI",
    "PL",
    "US",
    "CA",
    "MX",
    "BR",
]


@dataclass
class Told:
    """What the job saw: of each file, how many rewards it added and how long that took."""

    counts: list[int]
    seconds: list[float]
    cpu_us: float
    rss_mb: float
    base_mb: float
    """What the process had before it read anything."""


def read_in_three_languages(raw: bytes) -> Feed:
    """Read a file, and name each item in two further languages."""
    feed = read_reloadly_feed(raw)
    return replace(feed, items=tuple(_translated(item) for item in feed.items))


def _translated(item: FeedItem) -> FeedItem:
    said = tuple(
        Translation(
            locale,
            f"{item.name} ({locale})",
            item.instructions_concise,
            item.instructions_verbose,
        )
        for locale in LANGUAGES
    )
    return replace(item, translations=said)


def write_file(path: Path, *, supplier: int, items: int) -> None:
    """Write a supplier's whole catalogue file of cards with five faces each."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(items):
            file.write("," * (number > 0) + json.dumps(_product(supplier, number)))
        file.write("]")


def _name_of(supplier: int, brand: int) -> str:
    """A brand's name: four syllables, the same for all suppliers of a round if it is shared."""
    of = (supplier // SUPPLIERS, brand < SHARED_BRANDS or supplier % SUPPLIERS, brand)
    drawn = hashlib.sha256(repr(of).encode()).digest()
    return "".join(
        "bcdfghjklmnprstvwxyz"[byte % 20] + "aeiou"[byte // 20 % 5] for byte in drawn[:4]
    ).title()


def _product(supplier: int, number: int) -> dict[str, Any]:
    brand, country = number % BRANDS, COUNTRIES[number // BRANDS % len(COUNTRIES)]
    name = _name_of(supplier, brand)
    return {
        "productId": 100_000 + number,
        "productName": f"{name} {country}",
        "status": "ACTIVE",
        "senderFee": 0.5,
        "discountPercentage": number % 80 / 10,
        "denominationType": "FIXED",
        "recipientCurrencyCode": CURRENCY,
        "senderCurrencyCode": CURRENCY,
        "fixedRecipientDenominations": list(FACES),
        "fixedSenderDenominations": list(FACES),
        "logoUrls": [f"https://cards.example.com/logos/{brand}.png"],
        "brand": {"brandId": brand + 1, "brandName": name},
        "category": {"id": 1, "name": "Shopping"},
        "country": {"isoName": country, "name": country},
        "redeemInstruction": {
            "concise": "Show the code at the till.",
            "verbose": "Open the app, choose a card and enter the number and the PIN. " * 3,
        },
    }


async def _do(job: dict[str, Any]) -> Told:
    engine = open_engine(job["database_url"], pool_size=2)
    database = Database(engine)
    counts: list[int] = []
    seconds: list[float] = []
    base, spent = rss_mb(), 0.0
    for number, items in enumerate(job["files"]):
        path = Path(job["folder"]) / f"supplier-{number}.json"
        write_file(path, supplier=number, items=items)
        name = f"supplier-{number}"
        READERS[name] = read_in_three_languages
        begun, used = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = await import_catalogue(
                database,
                network_id=job["network_id"],
                supplier_name=name,
                path=path,
                actor="bench",
                now=lambda: NOW,
            )
        seconds.append(time.perf_counter() - begun)
        spent += time.process_time() - used
        path.unlink()
        if code or not said.getvalue().startswith(f"added {items},"):
            raise RuntimeError(f"exit code {code}: {said.getvalue()[:500]}")
        counts.append(items)
    await engine.dispose()
    return Told(counts, seconds, spent * 1e6 / sum(counts), rss_mb(), base)


def main() -> None:
    """Do the job that stands on the standard input."""
    collect_seldom()  # as every command does
    json.dump(asdict(uvloop.run(_do(json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
