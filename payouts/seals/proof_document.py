"""A proof as a document that anybody can check without us; `docs/proof-format.md` describes it."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from payouts.seals.canonical import Missing, Value
from payouts.seals.model import Block, Proof, SealedJournal, SealedLine

FORMAT = "mizan-proof"
_HEADER_NAMES = (
    "book", "network", "journal", "kind", "effective_at", "recorded_at", "period",
    "origin_period", "cause_kind", "cause_id", "reverses", "lines",
)  # fmt: skip


def write_document(proof: Proof) -> str:
    """Write a proof as JSON, ready to be saved."""
    return json.dumps(lay_out_proof(proof), indent=1, ensure_ascii=False)


def lay_out_proof(proof: Proof) -> dict[str, Any]:
    """Lay a proof out as it is written."""
    journal = proof.journal
    return {
        "format": FORMAT,
        "version": proof.block.version,
        "seq": show(proof.seq),
        "header": _header(journal),
        "particulars": _particulars(proof),
        "lines": [
            {"hash": digest.hex()} if not is_shown(proof, line) else {"fields": _line(line)}
            for line, digest in zip(journal.lines, journal.line_digests(), strict=True)
        ],
        "path": [beside.hex() for beside in proof.path],
        "block": show_block(proof.block),
    }


def is_shown(proof: Proof, line: SealedLine) -> bool:
    """Tell whether a line is disclosed."""
    return proof.shown is None or line.line in proof.shown


def show_block(block: Block) -> dict[str, str]:
    """Show the head of a block, as proofs and anchors hold it."""
    return {
        "book": show(block.book_id),
        "block": show(block.block),
        "version": show(block.version),
        "from_seq": show(block.from_seq),
        "to_seq": show(block.to_seq),
        "root": block.root.hex(),
        "previous": block.previous.hex(),
        "sealed_at": show(block.sealed_at),
        "digest": block.digest.hex(),
        "key_id": block.key_id,
        "signature": block.signature.hex(),
    }


def read_block(shown: dict[str, Any]) -> Block:
    """Read the head of a block from where it was shown; raises ValueError when it is none."""
    try:
        return Block(
            book_id=int(shown["book"]),
            block=int(shown["block"]),
            version=int(shown["version"]),
            from_seq=int(shown["from_seq"]),
            to_seq=int(shown["to_seq"]),
            root=bytes.fromhex(shown["root"]),
            previous=bytes.fromhex(shown["previous"]),
            sealed_at=datetime.fromisoformat(shown["sealed_at"]).astimezone(UTC),
            digest=bytes.fromhex(shown["digest"]),
            key_id=str(shown["key_id"]),
            signature=bytes.fromhex(shown["signature"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError("not the head of a block") from None


def show(value: Value) -> str:
    """Write one value as text: whole numbers in decimals, bytes in hex, instants in UTC."""
    match value:
        case bytes():
            return value.hex()
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID() | int() | str():
            return str(value)
    raise TypeError("nothing is not shown")


def _shown_or_null(value: Value | Missing) -> str | None:
    return None if isinstance(value, Missing) else show(value)


def _header(journal: SealedJournal) -> dict[str, str | None]:
    values = journal.header()[1:-1]
    return {name: _shown_or_null(value) for name, value in zip(_HEADER_NAMES, values, strict=True)}


def _particulars(proof: Proof) -> dict[str, str]:
    own = proof.journal.particulars
    if proof.shown is not None:
        return {"hash": own.digest().hex()}
    return {
        "ledger_key": own.ledger_key,
        "request_hash": own.request_hash.hex(),
        "actor": own.actor,
        "note": own.note,
    }


def _line(line: SealedLine) -> dict[str, str | None]:
    return {
        "line": show(line.line),
        "account": show(line.account_id),
        "account_type": line.account_type,
        "owner_kind": line.owner_kind,
        "owner": line.owner_id,
        "sub": line.sub,
        "unit": line.unit,
        "amount": show(line.amount),
        "effective_at": show(line.effective_at),
    }
