"""Judging blocks, their places and their anchors: what is wrong, if anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from payouts.seals.canonical import NO_HASH, VERSION
from payouts.seals.merkle import root_of
from payouts.seals.model import BLOCK_JOURNALS_MAX, Block, Fault, FaultKind
from payouts.seals.port import Anchors, AnchorState, TrustedKeys

GRACE = timedelta(seconds=60)
"""How long a journal may wait for its place and block, and a block for its anchor."""


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a place of the sealed order; `leaf` is None when its journal is gone."""

    seq: int
    journal_id: UUID
    recorded_at: datetime | None
    leaf: bytes | None


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a block: its predecessor, and when somebody last took all there was."""

    last: Block | None = None
    complete_at: datetime | None = None

    def then(self, block: Block) -> "Before":
        """Go on to the next; a full block says nothing about what else was waiting."""
        is_full = block.size >= BLOCK_JOURNALS_MAX
        return Before(block, self.complete_at if is_full else block.sealed_at)

    def is_backdated(self, recorded_at: datetime | None) -> bool:
        """Tell whether a journal would have been taken long before, had it been there."""
        return (
            recorded_at is not None
            and self.complete_at is not None
            and recorded_at < self.complete_at - GRACE
        )


def judge_chain(
    block: Block, leaves: Sequence[bytes], *, before: Before, keys: TrustedKeys
) -> Fault | None:
    """Judge the head of a block: its place in the chain, its root and its signature."""
    last = before.last
    expected = 1 if last is None else last.block + 1
    if block.block != expected:
        return _of(block, FaultKind.MISSING, f"there is no block {expected}", number=expected)
    if not keys.has(block.key_id):
        return _of(block, FaultKind.FOREIGN_KEY, f"signed with the unknown key {block.key_id}")
    reason = _chain_reason(block, leaves, last)
    if reason is None and not keys.verifies(
        block.key_id, content=block.digest, signature=block.signature
    ):
        reason = "its signature is not of its key"
    return None if reason is None else _of(block, FaultKind.REWRITTEN_CHAIN, reason)


def _chain_reason(block: Block, leaves: Sequence[bytes], last: Block | None) -> str | None:
    if block.from_seq != (1 if last is None else last.to_seq + 1):
        return "it does not begin where the block before it ends"
    if block.previous != (NO_HASH if last is None else last.digest):
        return "it does not follow from the block before it"
    if block.version != VERSION or len(leaves) != block.size:
        return "it is not written as a block"
    if root_of(leaves) != block.root:
        return "its root is not that of its leaves"
    if block.own_digest() != block.digest:
        return "its digest is not its own"
    return None


def judge_anchor(
    block: Block, anchors: Anchors, *, keys: TrustedKeys, is_due: bool
) -> Fault | None:
    """Judge how a block was anchored; `is_due` when it must have been by now."""
    state = anchors.find(block)
    if state is AnchorState.EXACT or (state is AnchorState.ABSENT and not is_due):
        return None
    if state is AnchorState.ABSENT:
        return _of(block, FaultKind.ANCHOR_MISSING, "the block was never anchored")
    if is_genuine(anchors.read(block.book_id, block.block), keys):
        return _of(block, FaultKind.REWRITTEN_CHAIN, "another block was anchored in its place")
    return _of(block, FaultKind.ANCHOR_ALTERED, "its anchor is not one that was written")


def is_genuine(claimed: Block | None, keys: TrustedKeys) -> bool:
    """Tell whether the head of a block was signed by somebody we trust."""
    return (
        claimed is not None
        and claimed.own_digest() == claimed.digest
        and keys.has(claimed.key_id)
        and keys.verifies(claimed.key_id, content=claimed.digest, signature=claimed.signature)
    )


def judge_place(
    seq: int,
    stored: bytes,
    place: Place | None,
    *,
    leaves: Collection[bytes],
    now_there: Collection[bytes],
) -> tuple[FaultKind, str] | None:
    """Judge one place by the leaf it had: `leaves` are its block's, `now_there` what they are now."""
    if place is None:
        return FaultKind.MISSING, f"nothing stands at place {seq}"
    if place.leaf is None:
        return FaultKind.MISSING, "the journal is gone"
    if place.leaf == stored:
        return None
    if place.leaf in leaves:
        return FaultKind.REORDERED, "the journal stood at another place"
    if stored in now_there:
        return FaultKind.INSERTED, "the journal was not there when the block was sealed"
    return FaultKind.ALTERED, "the journal is not what it was when the block was sealed"


def judge_places(
    block: Block, stored: Sequence[bytes], places: Mapping[int, Place], *, before: Before
) -> list[Fault]:
    """Judge every place of a block."""
    now_there = {one.leaf for one in places.values() if one.leaf is not None}
    leaves, faults = frozenset(stored), []
    for seq, leaf in enumerate(stored, block.from_seq):
        place = places.get(seq)
        found = judge_place(seq, leaf, place, leaves=leaves, now_there=now_there)
        if found is None and place is not None and before.is_backdated(place.recorded_at):
            found = FaultKind.BACKDATED, "recorded long before it was first seen"
        if found is not None:
            journal_id = None if place is None else place.journal_id
            faults.append(Fault(*found, block.book_id, block.block, seq, journal_id))
    return faults


def _of(block: Block, kind: FaultKind, says: str, *, number: int | None = None) -> Fault:
    return Fault(kind, says, block.book_id, number or block.block, block.from_seq)
