"""Seals: the order that committed journals get, once and for all, in blocks that prove it."""

from payouts.seals.append_block import append_block
from payouts.seals.errors import ChainBroken
from payouts.seals.model import (
    BLOCK_JOURNALS_MAX,
    Block,
    Fault,
    FaultKind,
    Party,
    Proof,
    SealPosition,
    Verdict,
    digest_of_restoration,
)
from payouts.seals.port import Anchors, AnchorState, Signer, TrustedKeys
from payouts.seals.proof_document import (
    is_shown,
    lay_out_proof,
    read_block,
    show_block,
    write_document,
)
from payouts.seals.queries import (
    count_sealed,
    find_block_holding,
    list_blocks,
    read_last_block,
    read_seal_position,
    read_unsealed_age,
)
from payouts.seals.read_proof import LastTree, read_proof
from payouts.seals.seal_journals import seal_journals
from payouts.seals.verify_book import Trust
from payouts.seals.verify_books import verify_books

__all__ = [
    "BLOCK_JOURNALS_MAX",
    "AnchorState",
    "Anchors",
    "Block",
    "ChainBroken",
    "Fault",
    "FaultKind",
    "LastTree",
    "Party",
    "Proof",
    "SealPosition",
    "Signer",
    "Trust",
    "TrustedKeys",
    "Verdict",
    "append_block",
    "count_sealed",
    "digest_of_restoration",
    "find_block_holding",
    "is_shown",
    "lay_out_proof",
    "list_blocks",
    "read_block",
    "read_last_block",
    "read_proof",
    "read_seal_position",
    "read_unsealed_age",
    "seal_journals",
    "show_block",
    "verify_books",
    "write_document",
]
