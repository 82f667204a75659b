"""What the Reloadly double sells besides its own catalogue: the files that were imported here."""

import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

_NAMES = "stock-*.json"


def add_to_stock(folder: Path, raw: bytes) -> None:
    """Sell what a catalogue file offers from now on; the same file twice is one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{os.getpid()}.draft"
    draft.write_bytes(raw)
    os.replace(draft, folder / f"stock-{hashlib.sha256(raw).hexdigest()[:16]}.json")


def find_in_stock(folder: Path, number: object) -> dict[str, Any] | None:
    """Find a product by its number, in the newest file first."""
    files = sorted(folder.glob(_NAMES), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files:
        for product in _products(file):
            if isinstance(product, dict) and product.get("productId") == number:
                return product
    return None


def _products(file: Path) -> list[Any]:
    try:
        page = json.loads(file.read_bytes(), parse_float=Decimal)
    except (ValueError, RecursionError):
        return []  # damaged: the import has said so
    content = page.get("content") if isinstance(page, dict) else page
    return content if isinstance(content, list) else []
