"""What disputes tell: the line that is contested, and who bears it in the end."""

from collections.abc import Sequence

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import plain
from api.graphql.explain.graph import Finding, Look, Ref, Said, Who, adds, reads
from payouts import disputes

CAUSES |= {"dispute": "Dispute"}


@reads("Dispute")
async def read_disputes(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read disputes, each with its statement and the journal of its line."""
    found = await disputes.read_disputes(
        look.db, network_id=look.network_id, dispute_ids=[one.key for one in refs]
    )
    return [_dispute(ref, found[ref.key]) for ref in refs if ref.key in found]


adds("Dispute")(tell_journals)


def _dispute(ref: Ref, one: disputes.Dispute) -> Finding:
    label = Said("label.dispute", {"amount": one.amount})
    made = Finding(ref, label, one, at=one.opened_at, amount=one.amount)
    made.facts = {"state": one.state.value, "line": str(one.line), "reason": one.reason}
    owner = Who("partner", str(one.partner_id))
    made.say("dispute", amount=one.amount, owner=owner, at=one.opened_at, line=one.line)
    if one.accepted is not None and one.decided_at is not None:
        made.facts["accepted"] = plain(one.accepted)
        made.say("dispute.ended", accepted=one.accepted, at=one.decided_at)
    made.follows(Ref("Statement", one.statement_id), "contests")
    made.follows(Ref("Journal", one.journal_id), "contests", one.amount)
    return made
