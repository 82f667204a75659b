"""How statements and their cycles are hashed: in one canonical writing."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC
from hashlib import sha256

from payouts.ledger import Cut, Stretch
from payouts.settlement.model import Position


def hash_position(
    position: Position,
    *,
    number: int,
    version: int,
    stretch: Stretch,
    block_digest: bytes,
    conversion: Mapping[str, object] | None = None,
) -> str:
    """Hash all that a statement says in one canonical writing.

    Its lines are those of the sealed order between two cuts, which the digest of the last block
    before the cut and those after it fix. Without a conversion nothing is said of one.
    """
    opening, settled, moved = position.opening, position.settled, position.moved
    before = stretch.before
    content = {
        "before": [show_cut(before), before.seq] if before else None,
        "block": block_digest.hex(),
        "currency": position.currency,
        "cut": [show_cut(stretch.cut), stretch.cut.seq],
        "lines": position.lines_count,
        "moved": [moved.receivable.minor, moved.payable.minor],
        "number": number,
        "opening": [opening.receivable.minor, opening.payable.minor],
        "partner": str(position.partner_id),
        "settled": [settled.receivable.minor, settled.payable.minor],
        "version": version,
        **({"conversion": conversion} if conversion else {}),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def show_cut(cut: Cut) -> str | None:
    """Write the instant of a cut as it is hashed."""
    return cut.at.astimezone(UTC).isoformat() if cut.at else None


def hash_result(hashes: Iterable[str]) -> str:
    """Hash the result of a cycle: all its statements in the order of their numbers."""
    return sha256("\n".join(hashes).encode()).hexdigest()
