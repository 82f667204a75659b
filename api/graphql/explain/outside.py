"""What reconciliation tells, to staff: the provider's movements, bank lines and their items."""

from collections.abc import Sequence
from uuid import UUID

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import plain
from api.graphql.explain.graph import ROWS_MAX, Finding, Look, Ref, Said, adds, reads
from api.graphql.permissions import STAFF
from payouts import ledger, reconciliation

CAUSES |= {"bank_entry": "BankEntry", "reconciliation_item": "ReconciliationItem"}


@adds("Journal")
async def tell_movements(look: Look, found: Sequence[Finding]) -> None:
    """Say which movement of the provider a journal books."""
    if not look.is_staff:
        return
    named = {
        journal.cause.id: one
        for one in found
        if isinstance(journal := one.origin, ledger.Journal)
        and journal.cause.kind == "provider_transaction"
    }
    if named:
        moved, _ = await reconciliation.list_outside_lines(
            look.db, network_id=look.network_id, transaction_ids=list(named), limit=ROWS_MAX
        )
        for one in moved:
            named[one.transaction_id].follows(Ref("ProviderTransaction", one.key), "caused_by")


async def tell_orders(look: Look, found: Sequence[Finding]) -> None:
    """Say which movements of the provider carried out what was ordered."""
    by_key = {one.ref.key: one for one in found}
    if not look.is_staff or not by_key:
        return
    moved, _ = await reconciliation.list_outside_lines(
        look.db, network_id=look.network_id, order_ids=list(by_key), limit=ROWS_MAX
    )
    for one in moved:
        if one.order_id:
            by_key[one.order_id].leads_to(Ref("ProviderTransaction", one.key), "carries_out")


_ORDERS = {"payout": "Payout", "collection": "Collection", "topup": "TopUp"}
for _kind in _ORDERS.values():
    adds(_kind)(tell_orders)


@reads("ProviderTransaction", allow=STAFF)
async def read_movements(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read movements of the provider's balance, and the bank lines they arrived as."""
    keys = [one.key for one in refs]
    moved, arrived = await reconciliation.list_outside_lines(
        look.db, network_id=look.network_id, transaction_keys=keys, limit=ROWS_MAX
    )
    made = {one.key: _movement(one) for one in moved}
    for line in arrived:
        if line.transaction_key in made:
            made[line.transaction_key].leads_to(Ref("BankEntry", line.bank_entry_id), "arrived_as")
    return list(made.values())


def _movement(one: reconciliation.BookedTransaction) -> Finding:
    label = Said("label.movement", {"id": one.transaction_id})
    made = Finding(
        Ref("ProviderTransaction", one.key), label, one, at=one.occurred_at, amount=one.amount
    )
    made.facts = {
        "transactionId": one.transaction_id,
        "type": one.type,
        "sourceId": one.source_id or "-",
        "fee": plain(one.fee),
        "net": plain(one.net),
    }
    made.say(
        "movement",
        id=one.transaction_id,
        type=one.type,
        source=one.source_id or "-",
        amount=one.amount,
        fee=one.fee,
        at=one.occurred_at,
    )
    if one.order_id and one.order_kind:
        made.follows(Ref(_ORDERS[one.order_kind], one.order_id), "carries_out")
    if one.journal_id:
        made.leads_to(Ref("Journal", one.journal_id), "caused_by")
    if one.item_id:
        made.leads_to(Ref("ReconciliationItem", one.item_id), "noticed_as")
    return made


@reads("BankEntry", allow=STAFF)
async def read_bank_lines(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read lines of the network's bank."""
    _, arrived = await reconciliation.list_outside_lines(
        look.db,
        network_id=look.network_id,
        bank_entry_ids=[one.key for one in refs],
        limit=ROWS_MAX,
    )
    return [_bank_line(one) for one in arrived]


adds("BankEntry")(tell_journals)


def _bank_line(one: reconciliation.BankLine) -> Finding:
    label = Said("label.bank", {"line": one.line, "statement": one.statement_ref})
    made = Finding(Ref("BankEntry", one.bank_entry_id), label, one, amount=one.amount)
    made.facts = {
        "bankStatement": one.statement_ref,
        "line": str(one.line),
        "bookedOn": one.booked_on.isoformat(),
        "bankReference": one.bank_reference or "-",
    }
    made.say(
        "bank",
        line=one.line,
        statement=one.statement_ref,
        amount=one.amount,
        day=one.booked_on.isoformat(),
    )
    if one.transaction_key:
        made.follows(Ref("ProviderTransaction", one.transaction_key), "arrived_as")
    if one.journal_id:
        made.leads_to(Ref("Journal", one.journal_id), "caused_by")
    if one.item_id:
        made.leads_to(Ref("ReconciliationItem", one.item_id), "noticed_as")
    return made


@reads("ReconciliationItem")
async def read_items(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read outside lines with what they were found to be."""
    found = await reconciliation.read_items(
        look.db, network_id=look.network_id, item_ids=[one.key for one in refs]
    )
    return [_item(ref, found[ref.key]) for ref in refs if ref.key in found]


adds("ReconciliationItem")(tell_journals)


def _item(ref: Ref, one: reconciliation.ReconciliationItem) -> Finding:
    label = Said("label.item", {"reference": one.reference})
    made = Finding(ref, label, one, at=one.occurred_at, amount=one.amount)
    made.facts = {
        "leg": one.leg,
        "state": one.state.value,
        "reference": one.reference,
        "openAmount": plain(one.open_amount),
    }
    made.say("item", reference=one.reference, amount=one.amount, state=one.state.value)
    if one.resolution:
        made.facts["resolution"] = one.resolution.value
        made.say("item.resolved", resolution=one.resolution.value, who=one.approved_by or "-")
    _link(made, one.provider_transaction_id, "ProviderTransaction")
    _link(made, one.bank_entry_id, "BankEntry")
    return made


def _link(made: Finding, key: UUID | None, kind: str) -> None:
    if key is not None:
        made.follows(Ref(kind, key), "noticed_as")
