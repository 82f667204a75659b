"""The sealed order and its blocks, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from payouts.seals.canonical import NO_HASH, Missing, Value, digest_of, encode, or_missing
from payouts.seals.merkle import LEAF_PREFIX

BLOCK_JOURNALS_MAX = 5_000
"""The most that one block holds; a block of fewer took everything that was waiting."""

BLOCK_DOMAIN = "mizan.block"
HEADER_DOMAIN = "mizan.journal"
PARTICULARS_DOMAIN = "mizan.particulars"
LINE_DOMAIN = "mizan.line"
RESTORED_DOMAIN = "mizan.restored"


@dataclass(frozen=True, slots=True)
class SealPosition:
    """The last place of a book's order, and how many journals were given theirs just now."""

    last_seq: int
    sealed: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a book's sealed order, with the root of its tree, chained and signed."""

    book_id: int
    block: int
    version: int
    from_seq: int
    to_seq: int
    root: bytes
    previous: bytes
    sealed_at: datetime
    digest: bytes = NO_HASH
    key_id: str = ""
    signature: bytes = b""

    def own_digest(self) -> bytes:
        """Compute what its signer signs."""
        return digest_of(
            BLOCK_DOMAIN,
            self.version,
            self.book_id,
            self.block,
            self.from_seq,
            self.to_seq,
            self.root,
            self.previous,
            self.sealed_at,
        )

    @property
    def size(self) -> int:
        """How many journals it holds."""
        return self.to_seq - self.from_seq + 1


def digest_of_restoration(*, book_id: int, block: int, digest: bytes, at: datetime) -> bytes:
    """Compute what is signed when a book goes back to a block of its past."""
    return digest_of(RESTORED_DOMAIN, 1, book_id, block, digest, at)


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A posting as its leaf covers it, with the names of its account."""

    line: int
    account_id: UUID
    account_type: str | None
    owner_kind: str | None
    owner_id: str | None
    sub: str | None
    unit: str
    amount: int
    effective_at: datetime

    def digest(self, *, book_id: int, journal_id: UUID) -> bytes:
        """Compute the only thing that others than its owner are shown of it."""
        return digest_of(
            LINE_DOMAIN,
            book_id,
            journal_id,
            self.line,
            self.account_id,
            or_missing(self.account_type, "text"),
            or_missing(self.owner_kind, "text"),
            or_missing(self.owner_id, "text"),
            or_missing(self.sub, "text"),
            self.unit,
            self.amount,
            self.effective_at,
        )


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a journal says to staff alone."""

    ledger_key: str
    request_hash: bytes
    actor: str
    note: str

    def digest(self) -> bytes:
        """Compute what the header holds of them."""
        return digest_of(
            PARTICULARS_DOMAIN, self.ledger_key, self.request_hash, self.actor, self.note
        )


@dataclass(frozen=True, slots=True)
class SealedJournal:
    """A journal as its leaf covers it."""

    book_id: int
    network_id: int
    journal_id: UUID
    kind: str
    effective_at: datetime
    recorded_at: datetime
    period: date
    origin_period: date | None
    cause_kind: str
    cause_id: str
    reverses: UUID | None
    lines_count: int
    particulars: Particulars
    lines: tuple[SealedLine, ...]

    def header(self) -> tuple[Value | Missing, ...]:
        """List what every party to the journal is shown of it, in the order of its encoding."""
        return (
            HEADER_DOMAIN,
            self.book_id,
            self.network_id,
            self.journal_id,
            self.kind,
            self.effective_at,
            self.recorded_at,
            self.period,
            or_missing(self.origin_period, "date"),
            self.cause_kind,
            self.cause_id,
            or_missing(self.reverses, "uuid"),
            self.lines_count,
            self.particulars.digest(),
        )

    def line_digests(self) -> list[bytes]:
        """Compute the digest of each line, in their order."""
        return [
            line.digest(book_id=self.book_id, journal_id=self.journal_id) for line in self.lines
        ]

    def leaf(self) -> bytes:
        """Compute its leaf of the tree."""
        content = LEAF_PREFIX + encode(*self.header()) + b"".join(self.line_digests())
        return sha256(content).digest()


@dataclass(frozen=True, slots=True)
class Party:
    """Whose lines a proof shows; `owner_kind` and `owner_id` as accounts have them."""

    owner_kind: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That a journal stands at its place: itself, the path to the root, and the signed block.

    `shown` are the numbers of the lines that may be disclosed; None: all, and the particulars.
    """

    seq: int
    journal: SealedJournal
    path: tuple[bytes, ...]
    block: Block
    shown: frozenset[int] | None

    @property
    def index(self) -> int:
        """Its place in the block, from 0."""
        return self.seq - self.block.from_seq


class FaultKind(StrEnum):
    """What can be wrong with a book that somebody tampered with."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT_TAIL = "cut tail"
    REWRITTEN_CHAIN = "rewritten chain"
    FOREIGN_KEY = "foreign key"
    ANCHOR_MISSING = "anchor missing"
    ANCHOR_ALTERED = "anchor altered"
    UNSEALED_TOO_LONG = "unsealed too long"
    BACKDATED = "backdated"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing found wrong, and where."""

    kind: FaultKind
    says: str
    book_id: int
    block: int | None = None
    seq: int | None = None
    journal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification looked at, and what it found wrong, the first first."""

    journals: int
    blocks: int
    anchors: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults
