"""What the ledger tells: journals, their lines, lots and what became of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.graphql.explain.graph import ROWS_MAX, Finding, Look, Ref, Said, Who, adds, reads
from api.graphql.permissions import EVERYONE
from payouts import events, ledger

CAUSES: dict[str, str] = {}
"""Which kind of object a cause of journals is; each reader of one says so beside itself."""


def cause_of(ref: Ref) -> ledger.Cause | None:
    """Name an object as journals name what caused them."""
    for name, kind in CAUSES.items():
        if kind == ref.kind:
            return ledger.Cause(name, str(ref.key))
    return None


def ref_of(cause: ledger.Cause) -> Ref | None:
    """Name the object that a journal or a lot says it comes from."""
    try:
        return Ref(CAUSES[cause.kind], UUID(cause.id))
    except (KeyError, ValueError):
        return None


def who_has(account: ledger.Account) -> Who:
    """Tell whose an account is."""
    return Who(account.owner_kind, account.owner_id)


@reads("Journal", allow=EVERYONE)
async def read_journals(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read journals: all their lines, or those of the party alone."""
    keys = [one.key for one in refs]
    found = await ledger.read_journals(look.db, network_id=look.network_id, journal_ids=keys)
    told = [found[key] for key in keys if key in found]
    return [
        _journal(look, one)
        for one in told
        if any(look.is_own(line.account) for line in one.postings)
    ]


def _journal(look: Look, one: ledger.Journal) -> Finding:
    ref = Ref("Journal", one.journal_id)
    made = Finding(
        ref,
        Said("label.journal", {"kind": one.kind, "at": one.effective_at}),
        one,
        at=one.effective_at,
    )
    made.facts = {
        "kind": one.kind,
        "effectiveAt": one.effective_at.isoformat(),
        "recordedAt": one.recorded_at.isoformat(),
        "period": one.period,
    }
    made.say(
        "journal", kind=one.kind, at=one.effective_at, recorded=one.recorded_at, period=one.period
    )
    if one.origin_period:
        made.facts["originPeriod"] = one.origin_period
        made.say("journal.late", origin=one.origin_period, period=one.period)
    if one.seq is not None:
        made.facts["seq"] = str(one.seq)
        made.say("journal.sealed", seq=one.seq)
    if look.is_staff:
        made.facts["actor"] = one.actor
        _tell_event(made, one.kind)
        _tell_rate(made, one.note)
    for line in one.postings:
        if look.is_own(line.account):
            _tell_line(made, line)
    cause = ref_of(one.cause)
    if cause:
        made.follows(cause, "caused_by")
    if one.reverses:
        made.follows(Ref("Journal", one.reverses), "reverses")
    return made


def _tell_event(made: Finding, kind: str) -> None:
    named = next(events.events_of(kind), None)
    if named is not None:
        made.facts["event"] = named.name
        made.facts["reversedBy"] = named.reversal


def _tell_rate(made: Finding, note: Mapping[str, object]) -> None:
    if "fx_rate" not in note:
        return
    named = ("fx_rate", "fx_base", "fx_quote", "fx_source", "fx_observed_at")
    values = {name.removeprefix("fx_"): str(note.get(name, "")) for name in named}
    made.facts["rate"] = f"1 {values['base']} = {values['rate']} {values['quote']}"
    made.facts["rateSource"] = values["source"]
    made.facts["rateObservedAt"] = values["observed_at"]
    made.say("journal.rate", **values)
    made.follows(Ref("FxRate", UUID(str(note["fx_rate_id"]))), "quoted_at")


def _tell_line(made: Finding, line: ledger.Posting) -> None:
    side = "debit" if line.amount.minor > 0 else "credit"
    amount = line.amount if line.amount.minor > 0 else -line.amount
    made.say(f"line.{side}", amount=amount, account=line.account.type, owner=who_has(line.account))


@adds("Journal")
async def tell_reversals(look: Look, found: Sequence[Finding]) -> None:
    """Say what took journals back."""
    back = await ledger.find_reversals(
        look.db,
        network_id=look.network_id,
        journal_ids=[one.ref.key for one in found],
        limit=ROWS_MAX,
    )
    for one in found:
        for journal_id in back[one.ref.key]:
            one.leads_to(Ref("Journal", journal_id), "reverses")


@adds("Journal")
async def tell_lots(look: Look, found: Sequence[Finding]) -> None:
    """Say which lots journals made, took from and gave back to."""
    by_key = {one.ref.key: one for one in found}
    keys = list(by_key)
    uses = await ledger.list_lot_uses(look.db, network_id=look.network_id, journal_ids=keys)
    for use in uses:
        _tell_use(by_key[use.journal_id], Ref("Lot", use.lot_id), use)
    for lot in await ledger.list_lots_from(
        look.db, network_id=look.network_id, journal_ids=keys, limit=ROWS_MAX
    ):
        if lot.journal_id in by_key:
            by_key[lot.journal_id].leads_to(Ref("Lot", lot.lot_id), "made_by", lot.amount)


def _tell_use(journal: Finding, lot: Ref, use: ledger.LotUse) -> None:
    if use.amount.minor < 0:
        journal.follows(lot, "took_from", -use.amount)
    else:
        journal.follows(lot, "gave_back_to", use.amount)


@reads("Posting", allow=EVERYONE)
async def read_postings(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read lines of journals."""
    found = await ledger.read_journals(
        look.db, network_id=look.network_id, journal_ids=list({one.key for one in refs})
    )
    return [
        _posting(ref, line)
        for ref in refs
        for line in (found[ref.key].postings if ref.key in found else ())
        if line.line == ref.line and look.is_own(line.account)
    ]


def _posting(ref: Ref, line: ledger.Posting) -> Finding:
    side = "debit" if line.amount.minor > 0 else "credit"
    label = Said("label.posting", {"amount": line.amount, "account": line.account.type})
    made = Finding(ref, label, line, amount=line.amount)
    made.facts = {"account": line.account.type, "side": side, "line": str(line.line)}
    made.follows(Ref("Journal", ref.key), "line_of")
    return made


@reads("Lot", allow=EVERYONE)
async def read_lots(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read lots: a member's own, those a partner pays for, and to staff all."""
    found = await ledger.read_lots(
        look.db, network_id=look.network_id, lot_ids=[one.key for one in refs]
    )
    return [
        _lot(look, ref, found[ref.key])
        for ref in refs
        if ref.key in found and _may_tell(look, found[ref.key])
    ]


def _may_tell(look: Look, lot: ledger.Lot) -> bool:
    paid_by_party = look.party is not None and lot.funder == f"{look.party.kind}:{look.party.id}"
    return paid_by_party or look.is_own(lot.account)


def _lot(look: Look, ref: Ref, lot: ledger.Lot) -> Finding:
    made = Finding(
        ref,
        Said("label.lot", {"amount": lot.amount, "account": lot.account.type}),
        lot,
        at=lot.earned_at,
        amount=lot.amount,
    )
    made.facts = {
        "account": lot.account.type,
        "earnedAt": lot.earned_at.isoformat(),
        "expiresAt": lot.expires_at.isoformat() if lot.expires_at else "never",
        "lapsesTo": lot.lapses_to,
    }
    made.say("lot", amount=lot.amount, at=lot.earned_at)
    if look.is_own(lot.account):  # who paid for it does not learn what the member spends
        made.facts["remaining"] = str(lot.remaining)
        made.say("lot.left", remaining=lot.remaining)
    if lot.expires_at:
        made.say("lot.ends", at=lot.expires_at)
    kind, _, owner = lot.funder.partition(":")
    if look.party is None or look.party.kind != "member":
        made.say("lot.paid", owner=Who("partner", owner) if kind == "partner" else Who("-", "-"))
    origin = ref_of(lot.origin)
    if origin:
        made.follows(origin, "comes_from", lot.amount)
    if lot.journal_id:
        made.follows(Ref("Journal", lot.journal_id), "made_by", lot.amount)
    if lot.from_lot_id:
        made.follows(Ref("Lot", lot.from_lot_id), "carried_from", lot.amount)
    return made


@adds("Lot")
async def tell_uses(look: Look, found: Sequence[Finding]) -> None:
    """Say what was taken from lots and given back to them."""
    by_key = {one.ref.key: one for one in found}
    uses = await ledger.list_uses_of_lots(
        look.db, network_id=look.network_id, lot_ids=list(by_key), limit=ROWS_MAX
    )
    for use in uses:
        relation = "took_from" if use.amount.minor < 0 else "gave_back_to"
        amount = -use.amount if use.amount.minor < 0 else use.amount
        by_key[use.lot_id].leads_to(Ref("Journal", use.journal_id), relation, amount)


async def tell_journals(look: Look, found: Sequence[Finding]) -> None:
    """Say which journals were caused by what was found; for whoever reads such causes."""
    causes = {cause: one for one in found if (cause := cause_of(one.ref)) is not None}
    if not causes:
        return
    journals = await ledger.find_journals_by_cause(
        look.db, network_id=look.network_id, causes=list(causes), limit=ROWS_MAX
    )
    for cause, one in causes.items():
        for journal_id in journals[cause]:
            one.leads_to(Ref("Journal", journal_id), "caused_by")
