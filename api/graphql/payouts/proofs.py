"""Proofs: that a journal stands at its place in the sealed order, for whoever has a part in it."""

from datetime import datetime

import strawberry
from strawberry.types import Info

from api.auth.caller import Caller, CallerKind
from api.graphql.context import Context
from api.graphql.nodes import GlobalId, id_of
from api.graphql.permissions import EVERYONE, query
from api.graphql.scalars import Money, Points, money_of, points_of
from payouts import money
from payouts.seals import Party, Proof, is_shown, read_proof, write_document


@strawberry.type(description="A line of a proved journal; what it says only for its owner.")
class ProofLine:
    """A line, or its digest alone."""

    digest: str = strawberry.field(description="SHA-256 of the line, in hex.")
    line: int
    account_type: str | None
    owner_id: str | None
    amount: Money | None = strawberry.field(description="Debits are positive.")
    points: Points | None = strawberry.field(description="In the place of `amount`, of points.")


@strawberry.type(description="The head of a block: chained to the one before it, and signed.")
class ProofBlock:
    """A block's head."""

    number: str
    from_seq: str
    to_seq: str
    root: str = strawberry.field(description="The root of its Merkle tree, in hex.")
    previous: str = strawberry.field(description="The digest of the block before it, in hex.")
    digest: str = strawberry.field(description="What its key signed, in hex.")
    key_id: str = strawberry.field(description="One of those at /.well-known/seal-keys.json.")
    signature: str = strawberry.field(description="Ed25519, in hex.")
    sealed_at: datetime


@strawberry.type(
    description="That a journal stands at its place. It can be checked without this service, from"
    " `document`, the published keys and a copy of the anchors."
)
class LedgerProof:
    """A proof."""

    journal_id: strawberry.ID
    seq: str = strawberry.field(description="Its place in the sealed order.")
    leaf: str = strawberry.field(description="Its leaf of the block's tree, in hex.")
    path: list[str] = strawberry.field(
        description="The hashes beside it on the way up to the root, the nearest first."
    )
    lines: list[ProofLine]
    block: ProofBlock
    document: str = strawberry.field(description="All of it as JSON text, ready to be saved.")

    @classmethod
    def from_domain(cls, network_id: int, one: Proof) -> "LedgerProof":
        """Show a proof."""
        block = one.block
        return cls(
            journal_id=strawberry.ID(str(id_of("Journal", network_id, one.journal.journal_id))),
            seq=str(one.seq),
            leaf=one.journal.leaf().hex(),
            path=[beside.hex() for beside in one.path],
            lines=_show_lines(one),
            block=ProofBlock(
                number=str(block.block),
                from_seq=str(block.from_seq),
                to_seq=str(block.to_seq),
                root=block.root.hex(),
                previous=block.previous.hex(),
                digest=block.digest.hex(),
                key_id=block.key_id,
                signature=block.signature.hex(),
                sealed_at=block.sealed_at,
            ),
            document=write_document(one),
        )


def _show_lines(one: Proof) -> list[ProofLine]:
    shown = []
    for line, digest in zip(one.journal.lines, one.journal.line_digests(), strict=True):
        is_own = is_shown(one, line)
        amount = money.amount_in(line.unit, line.amount) if is_own else None
        shown.append(
            ProofLine(
                digest=digest.hex(),
                line=line.line,
                account_type=line.account_type if is_own else None,
                owner_id=line.owner_id if is_own else None,
                amount=money_of(amount),
                points=points_of(amount),
            )
        )
    return shown


def party_of(caller: Caller) -> Party | None:
    """Tell whose lines a caller is shown; None: all."""
    if caller.kind is CallerKind.PARTNER:
        return Party("partner", str(caller.partner_id))
    if caller.kind is CallerKind.MEMBER:
        return Party("member", str(caller.member_id))
    return None


@strawberry.type
class Query:
    """Proofs."""

    @query(allow=EVERYONE)
    async def ledger_proof(self, info: Info, journal_id: strawberry.ID) -> LedgerProof | None:
        """The proof of a journal in a block, with one's own lines shown; staff are shown all."""
        context: Context = info.context
        key = GlobalId.parse(journal_id)
        if key is None or (key.type, key.network_id) != ("Journal", context.network_id):
            return None
        async with context.reading() as db:
            found = await read_proof(
                db,
                network_id=context.network_id,
                journal_id=key.id,
                party=party_of(context.known_caller),
            )
        return None if found is None else LedgerProof.from_domain(context.network_id, found)
