"""What settlement and disbursement tell: statements, cycles, payouts, debits and top-ups."""

from collections.abc import Sequence
from uuid import UUID

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import plain
from api.graphql.explain.graph import ROWS_MAX, Finding, Look, Ref, Said, Who, adds, reads
from payouts import disbursement, ledger, settlement

CAUSES |= {"payout": "Payout", "settlement_cycle": "SettlementCycle"}
LINES_MAX = 50
"""How many lines of a statement are told when it is the statement that is asked about."""


@adds("Journal")
async def tell_statements(look: Look, found: Sequence[Finding]) -> None:
    """Say into which statement the lines of journals fell."""
    places = {
        (UUID(line.account.owner_id), line.account.unit, journal.seq): one
        for one in found
        if isinstance(journal := one.origin, ledger.Journal) and journal.seq is not None
        for line in journal.postings
        if line.account.type in settlement.SCOPE and look.is_own(line.account)
    }
    statements = await settlement.find_statements(
        look.db, network_id=look.network_id, places=list(places)
    )
    for (partner_id, currency, seq), one in places.items():
        journal = one.origin
        assert isinstance(journal, ledger.Journal), "only these have places"
        for statement in statements:
            if (statement.partner_id, statement.currency) == (partner_id, currency) and (
                statement.stretch.holds(seq, journal.effective_at, journal.kind)
            ):
                one.follows(Ref("Statement", statement.statement_id), "fell_into")


@reads("Statement")
async def read_statements(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read statements, what they led to, and the journals that settle them."""
    found = await settlement.read_statements(
        look.db, network_id=look.network_id, statement_ids=[one.key for one in refs]
    )
    orders = await disbursement.list_orders_of_statements(
        look.db, network_id=look.network_id, statements=list(found.values())
    )
    keys = {
        f"cycle:{one.cycle_id}:{one.partner_id}:{one.currency}:{part}": key
        for key, one in found.items()
        for part in ("net", "pos", "fx")
    }
    journals = await ledger.find_journals_by_key(
        look.db, network_id=look.network_id, keys=list(keys)
    )
    made = {ref.key: _statement(ref, found[ref.key]) for ref in refs if ref.key in found}
    for name, journal_id in journals.items():
        made[keys[name]].leads_to(Ref("Journal", journal_id), "settles")
    for key, order in orders.items():
        made[key].leads_to(_ref_of(order), "ordered_by", order.amount)
    if look.root.key in found:
        await _tell_lines(look, made[look.root.key], found[look.root.key])
    return list(made.values())


def _ref_of(order: disbursement.Payout | disbursement.Collection) -> Ref:
    if isinstance(order, disbursement.Payout):
        return Ref("Payout", order.payout_id)
    return Ref("Collection", order.collection_id)


async def _tell_lines(look: Look, made: Finding, one: settlement.Statement) -> None:
    lines = await settlement.list_statement_lines(
        look.db, network_id=look.network_id, of=one, limit=LINES_MAX
    )
    for line in lines:
        made.leads_to(Ref("Journal", line.journal_id), "fell_into")


def _statement(ref: Ref, one: settlement.Statement) -> Finding:
    made = Finding(
        ref,
        Said("label.statement", {"number": one.number}),
        one,
        at=one.issued_at,
        amount=one.net,
    )
    made.facts = {
        "number": str(one.number),
        "fromSeq": str(one.from_seq),
        "toSeq": str(one.to_seq),
        "receivable": plain(one.gross_receivable),
        "payable": plain(one.gross_payable),
        "outcome": one.outcome.value,
        "state": one.state.value,
        "lines": str(one.lines_count),
    }
    made.say(
        "statement",
        number=one.number,
        owner=Who("partner", str(one.partner_id)),
        first=one.from_seq,
        last=one.to_seq,
        owes=one.gross_receivable,
        owed=one.gross_payable,
        net=one.net,
    )
    if one.conversion is not None:
        made.facts["converted"] = plain(one.conversion.amount)
        made.say("statement.converted", amount=one.conversion.amount)
    elif one.waits_for_rate:
        made.say("statement.unconverted")
    else:
        made.say(f"statement.{one.outcome.value}")
    made.follows(Ref("SettlementCycle", one.cycle_id), "part_of")
    return made


@reads("SettlementCycle")
async def read_cycles(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read settlement cycles; their statements are explained one by one."""
    found = await settlement.read_settlement_cycles(
        look.db, network_id=look.network_id, cycle_ids=[one.key for one in refs]
    )
    made = []
    for ref in refs:
        if (one := found.get(ref.key)) is None:
            continue
        label = Said("label.cycle", {"number": one.number})
        finding = Finding(ref, label, one, at=one.closed_at)
        finding.facts = {"state": one.state.value, "closedBy": one.closed_by}
        finding.say("cycle", number=one.number, at=one.closed_at, who=one.closed_by)
        if one.approved_by:
            finding.facts["approvedBy"] = one.approved_by
        if one.first_approved_by:
            finding.facts["firstApprovedBy"] = one.first_approved_by
        for given in one.approvals:
            finding.say("cycle.approved", who=given.by, at=given.at)
        made.append(finding)
    return made


@reads("Payout")
async def read_payouts(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read payouts, and to staff their tries at the provider."""
    found = await disbursement.read_payouts(
        look.db, network_id=look.network_id, payout_ids=[one.key for one in refs]
    )
    made = {ref.key: _payout(look, ref, found[ref.key]) for ref in refs if ref.key in found}
    orders = {
        (one.cycle_id, one.partner_id, one.amount.currency): key
        for key, one in found.items()
        if one.cycle_id and one.partner_id
    }
    statements = await settlement.find_statements(
        look.db, network_id=look.network_id, orders=list(orders)
    )
    for statement in statements:
        key = orders[statement.cycle_id, statement.partner_id, statement.currency]
        made[key].follows(Ref("Statement", statement.statement_id), "ordered_by", made[key].amount)
    if look.is_staff:
        tries = await disbursement.list_attempts_of(
            look.db, network_id=look.network_id, payout_ids=list(made), limit=ROWS_MAX
        )
        for number, one in enumerate(tries, 1):
            if isinstance(one, disbursement.Attempt):
                _tell_try(made[one.payout_id], number, one.leg.value, one)
    return list(made.values())


adds("Payout")(tell_journals)


def _payout(look: Look, ref: Ref, one: disbursement.Payout) -> Finding:
    made = Finding(
        ref, Said("label.payout", {"amount": one.amount}), one, at=one.created_at, amount=one.amount
    )
    made.facts = {"kind": one.kind, "state": one.state.value, "round": str(one.round)}
    kind = "member" if one.member_id else "partner"
    made.say("payout", amount=one.amount, owner=Who(kind, str(one.owner_id)), at=one.created_at)
    if one.paid_at:
        made.facts["paidAt"] = one.paid_at.isoformat()
        made.say("payout.paid", at=one.paid_at)
    if look.is_staff:
        made.facts["requestedBy"] = one.requested_by
        if one.approved_by:
            made.facts["approvedBy"] = one.approved_by
    return made


def _tell_try(
    made: Finding,
    number: int,
    leg: str,
    one: disbursement.Attempt | disbursement.CollectionAttempt,
) -> None:
    external = one.external_id or "-"
    made.facts[f"try{number}"] = f"{leg} {one.state.value} {external}"
    made.say("try", leg=leg, state=one.state.value, external=external, at=one.prepared_at)


@reads("Collection")
async def read_collections(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read debits of partners, and to staff their tries at the provider."""
    found = await disbursement.read_collections(
        look.db, network_id=look.network_id, collection_ids=[one.key for one in refs]
    )
    made = {ref.key: _collection(ref, found[ref.key]) for ref in refs if ref.key in found}
    orders = {
        (one.cycle_id, one.partner_id, one.amount.currency): key for key, one in found.items()
    }
    statements = await settlement.find_statements(
        look.db, network_id=look.network_id, orders=list(orders)
    )
    for statement in statements:
        key = orders[statement.cycle_id, statement.partner_id, statement.currency]
        made[key].follows(Ref("Statement", statement.statement_id), "ordered_by", made[key].amount)
    if look.is_staff:
        tries = await disbursement.list_attempts_of(
            look.db, network_id=look.network_id, collection_ids=list(made), limit=ROWS_MAX
        )
        for number, one in enumerate(tries, 1):
            if isinstance(one, disbursement.CollectionAttempt):
                _tell_try(made[one.collection_id], number, "debit", one)
    return list(made.values())


def _collection(ref: Ref, one: disbursement.Collection) -> Finding:
    made = Finding(
        ref,
        Said("label.collection", {"amount": one.amount}),
        one,
        at=one.created_at,
        amount=one.amount,
    )
    made.facts = {"state": one.state.value}
    owner = Who("partner", str(one.partner_id))
    made.say("collection", amount=one.amount, owner=owner, at=one.created_at)
    return made


@reads("TopUp")
async def read_topups(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read money drawn from the network's own bank."""
    found = await disbursement.read_topups(
        look.db, network_id=look.network_id, topup_ids=[one.key for one in refs]
    )
    made = []
    for ref in refs:
        if (one := found.get(ref.key)) is None:
            continue
        label = Said("label.topup", {"amount": one.amount})
        finding = Finding(ref, label, one, at=one.created_at, amount=one.amount)
        finding.facts = {"state": one.state.value, "externalId": one.external_id or "-"}
        finding.say("topup", amount=one.amount, at=one.created_at, external=one.external_id or "-")
        made.append(finding)
    return made
