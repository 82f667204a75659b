"""What bank files tell, to staff: the file a payout stands in, and the bank's line about it."""

from collections.abc import Sequence
from uuid import UUID

from api.graphql.explain.graph import ROWS_MAX, Finding, Look, Ref, Said, adds, reads
from payouts import bank_files, reconciliation

LINES_MAX = 50
"""How many payouts of a file are told when it is the file that is asked about."""


@reads("BankFile")
async def read_files(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read bank files; of the one that is asked about, what is in it."""
    found = await bank_files.list_bank_files(
        look.db,
        network_id=look.network_id,
        bank_file_ids=[one.key for one in refs],
        limit=len(refs),
    )
    made = {one.bank_file_id: _file(one) for one in found}
    if look.root.key in made:
        lines = await bank_files.list_bank_file_lines(
            look.db, network_id=look.network_id, bank_file_id=look.root.key, limit=LINES_MAX
        )
        for line in lines:
            made[look.root.key].leads_to(Ref("Payout", line.payout_id), "filed_in", line.amount)
    return list(made.values())


def _file(one: bank_files.BankFile) -> Finding:
    label = Said("label.file", {"message": one.message_id})
    made = Finding(
        Ref("BankFile", one.bank_file_id), label, one, at=one.opened_at, amount=one.amount
    )
    made.facts = {
        "messageId": one.message_id,
        "state": one.state.value,
        "payouts": str(one.lines_count),
    }
    made.say(
        "file",
        message=one.message_id,
        amount=one.amount,
        count=one.lines_count,
        at=one.opened_at,
    )
    if one.content_hash:
        made.facts["contentHash"] = one.content_hash
    if one.created_by and one.created_at:
        made.facts["createdBy"] = one.created_by
        made.say("file.created", who=one.created_by, at=one.created_at)
    if one.released_by and one.released_at:
        made.facts["releasedBy"] = one.released_by
        made.say("file.released", who=one.released_by, at=one.released_at)
    return made


@adds("Payout")
async def tell_files(look: Look, found: Sequence[Finding]) -> None:
    """Say in which bank file payouts stand, what the bank calls them, and what it said of them."""
    by_key = {one.ref.key: one for one in found}
    if not look.is_staff or not by_key:
        return
    lines = await bank_files.find_filed_lines(
        look.db, network_id=look.network_id, payout_ids=list(by_key), limit=ROWS_MAX
    )
    payouts = {line.attempt_id: by_key[line.payout_id] for line in lines}
    for number, line in enumerate(lines, 1):
        one = by_key[line.payout_id]
        one.facts[f"endToEndId{number}"] = line.end_to_end_id
        one.say("payout.filed", reference=line.end_to_end_id)
        if line.returned_by:
            one.say("payout.unpaid", maker=line.unpaid_by or "-", who=line.returned_by)
        one.follows(Ref("BankFile", line.bank_file_id), "filed_in", line.amount)
    if not payouts:
        return
    _, arrived = await reconciliation.list_outside_lines(
        look.db, network_id=look.network_id, attempt_ids=list(payouts), limit=ROWS_MAX
    )
    for entry in arrived:
        if entry.attempt_id:
            payouts[entry.attempt_id].leads_to(Ref("BankEntry", entry.bank_entry_id), _way(entry))


@adds("BankEntry")
async def tell_payouts(look: Look, found: Sequence[Finding]) -> None:
    """Say which payout of a bank file a line of the bank paid or brought back."""
    by_attempt: dict[UUID, list[tuple[Finding, reconciliation.BankLine]]] = {}
    for one in found:
        entry = one.origin
        if isinstance(entry, reconciliation.BankLine) and entry.attempt_id:
            by_attempt.setdefault(entry.attempt_id, []).append((one, entry))
    if not by_attempt:
        return
    lines = await bank_files.find_filed_lines(
        look.db, network_id=look.network_id, attempt_ids=list(by_attempt), limit=ROWS_MAX
    )
    for line in lines:
        for one, entry in by_attempt[line.attempt_id]:
            one.facts["endToEndId"] = line.end_to_end_id
            one.follows(Ref("Payout", line.payout_id), _way(entry))


def _way(entry: reconciliation.BankLine) -> str:
    return "paid_as" if entry.amount.minor < 0 else "returned_as"
