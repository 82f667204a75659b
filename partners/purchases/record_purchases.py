"""Recording purchases, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals import Earning, record_accruals
from partners.agreements import Agreement, PartnerNotFound, read_partners
from partners.members import MemberNotFound
from partners.purchases.choose_funded_rules import Bought, choose_funded_rules
from partners.purchases.errors import (
    CurrencyNotAgreed,
    PurchaseBeforeAgreement,
    PurchaseConflict,
    PurchaseInFuture,
    SomeNotPosted,
)
from partners.purchases.known_terms import KnownTerms, in_force
from partners.purchases.model import (
    CLOCK_TOLERANCE,
    Purchase,
    Recorded,
    Report,
    check_member_named,
    check_report,
)
from partners.purchases.queries import find_purchases
from partners.purchases.resolve_reports import Resolved, resolve_reports
from partners.purchases.stage_reports import stage_reports
from partners.purchases.unstage_reports import unstage_reports
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from payouts.statement import First, FirstIncomplete, Statement

# Rows come in the order of their unique key, so that two batches never wait for each other.
_INSERT = """
    INSERT INTO partners.purchase (network_id, purchase_id, partner_id, member_id, external_id,
        amount, returned, currency, category, agreement_id, purchased_at, recorded_at)
      SELECT CAST(:network_id AS bigint), p.purchase_id, p.partner_id, p.member_id, p.external_id,
          p.amount, 0, p.currency, p.category, p.agreement_id, p.purchased_at,
          CAST(:recorded_at AS timestamptz)
        FROM unnest(CAST(:bought_purchase_id AS uuid[]), CAST(:bought_partner_id AS uuid[]),
          CAST(:bought_member_id AS uuid[]), CAST(:bought_external_id AS text[]), CAST(:bought_amount AS bigint[]),
          CAST(:bought_currency AS text[]), CAST(:bought_category AS text[]), CAST(:bought_agreement_id AS uuid[]),
          CAST(:bought_purchased_at AS timestamptz[]))
        AS p (purchase_id, partner_id, member_id, external_id, amount, currency, category,
          agreement_id, purchased_at)
        WHERE %(where)s
      ON CONFLICT ON CONSTRAINT purchase_external_key DO NOTHING
      RETURNING purchase_id AS id
    """

_INSERT_ALONE = Statement(text(_INSERT % {"where": "true"}))

Name = tuple[UUID, str]
Outcome = Recorded | Refusal


@dataclass(frozen=True, slots=True)
class _New:
    """A report that is booked unless somebody else books it first."""

    index: int
    report: Report
    purchase: Purchase
    resolved: Resolved
    agreement: Agreement

    @property
    def name(self) -> Name:
        return self.purchase.partner_id, self.purchase.external_id

    @property
    def has_budget(self) -> bool:
        rule = self.resolved.rule
        return rule is not None and rule.budget is not None


async def record_purchases(
    db: AsyncConnection,
    *,
    network_id: int,
    reports: Sequence[Report],
    now: datetime,
    first: First | None = None,
    known: KnownTerms | None = None,
    is_staged: bool = False,
) -> list[Outcome]:
    """Book purchases once for each external id, and what they earned as pending.

    Each is answered in its place, with the purchase or with why it was refused; a bad report never
    hinders its neighbours. The terms are those in force at `purchased_at`. The same report again,
    in this batch or before, gives the same purchase. A rule whose budget cannot pay is passed over.
    The refusals are InvalidExternalId, InvalidCategory, AmountNotPositive, AmountOutOfRange,
    MemberNotFound, PurchaseConflict, PurchaseInFuture, PartnerNotFound, PurchaseBeforeAgreement
    and CurrencyNotAgreed.

    What comes `first` is written with the first look at the reports, FirstIncomplete is raised if
    that went wrong. Terms that are `known` spare that look if they are those in force, which the
    statement that books asks. A large batch `is_staged`: copied into a table and joined there,
    rather than sent as arrays; then nothing comes first.

    Raises SomeNotPosted when the ledger refused some of them: the transaction must be rolled back.
    """
    outcomes: dict[int, Outcome] = {
        index: refusal
        for index, report in enumerate(reports)
        if (refusal := _misshapen(report)) is not None
    }
    sound = [(index, report) for index, report in enumerate(reports) if index not in outcomes]
    told = [report for _, report in sound]
    if is_staged and told:
        found = await _resolve_staged(db, network_id, told, now)
    else:
        if first and known and (guessed := _guess(network_id, sound, now, known)):
            try:
                outcomes |= await _book(db, network_id, guessed, now, first)
                return [outcomes[index] for index in range(len(reports))]
            except FirstIncomplete as incomplete:
                if incomplete.number == 0:
                    raise
                wrong = [one for one in told if one.purchase_id not in incomplete.ids]
                known.distrust(network_id, wrong)
                first = None  # that is written
        found = await resolve_reports(db, network_id=network_id, reports=told, first=first)
        if known:
            known.learn(network_id, told, found)
    outcomes |= await _record(db, network_id, list(zip(sound, found, strict=True)), now)
    return [outcomes[index] for index in range(len(reports))]


async def _resolve_staged(
    db: AsyncConnection, network_id: int, reports: Sequence[Report], now: datetime
) -> list[Resolved]:
    batch_id = new_id(now)
    await stage_reports(db, network_id=network_id, batch_id=batch_id, reports=reports)
    found = await resolve_reports(db, network_id=network_id, reports=reports, staged_as=batch_id)
    await unstage_reports(db, network_id=network_id, batch_id=batch_id)
    return found


def _guess(
    network_id: int, sound: Sequence[tuple[int, Report]], now: datetime, known: KnownTerms
) -> list[_New] | None:
    """Guess what is booked, where each report is one of a new purchase if the terms are known."""
    resolved = known.guess(network_id, [report for _, report in sound])
    if resolved is None:
        return None
    new: dict[Name, _New] = {}
    for (index, report), one in zip(sound, resolved, strict=True):
        name = (report.partner_id, report.external_id)
        if name in new or _refused(report, one, set(), now) is not None:
            return None
        new[name] = _new(index, report, one, now)
    return list(new.values())


async def _record(
    db: AsyncConnection,
    network_id: int,
    reports: Sequence[tuple[tuple[int, Report], Resolved]],
    now: datetime,
) -> dict[int, Outcome]:
    without_terms = {report.partner_id for (_, report), one in reports if one.agreement is None}
    partners = set[UUID]()
    if without_terms:
        partners |= set(
            await read_partners(db, network_id=network_id, partner_ids=sorted(without_terms))
        )
    outcomes: dict[int, Outcome] = {}
    new: dict[Name, _New] = {}
    again = list[tuple[int, Report, Resolved]]()
    doubtful = list[tuple[int, Report, Resolved]]()
    for (index, report), one in reports:
        name = (report.partner_id, report.external_id)
        if name in new:
            again.append((index, report, one))
        elif (refusal := _refused(report, one, partners, now)) is not None:
            outcomes[index] = refusal
            doubtful.append((index, report, one))
        else:
            new[name] = _new(index, report, one, now)
    # Whatever is wrong with it: what was booked before is a replay, or a conflict.
    outcomes |= await _find_earlier(db, network_id, doubtful)
    booked = await _book(db, network_id, list(new.values()), now)
    outcomes |= booked
    conflicting = list[tuple[int, Report, Resolved]]()
    for index, report, one in again:
        first = booked[new[report.partner_id, report.external_id].index]
        if isinstance(first, Recorded):
            outcomes[index] = _compare(first.purchase, report, one)
        else:
            conflicting.append((index, report, one))
    return outcomes | await _find_earlier(db, network_id, conflicting)


async def _find_earlier(
    db: AsyncConnection, network_id: int, reports: Sequence[tuple[int, Report, Resolved]]
) -> dict[int, Outcome]:
    if not reports:
        return {}
    names = [(report.partner_id, report.external_id) for _, report, _ in reports]
    found = await find_purchases(db, network_id=network_id, names=names)
    return {
        index: _compare(found[name], report, one)
        for name, (index, report, one) in zip(names, reports, strict=True)
        if name in found
    }


async def _book(
    db: AsyncConnection,
    network_id: int,
    new: Sequence[_New],
    now: datetime,
    guessed_after: First | None = None,
) -> dict[int, Outcome]:
    if not new:
        return {}
    ordered = sorted(new, key=lambda one: one.name)
    first = _first(ordered, now)
    before: tuple[First, ...] = ()
    if guessed_after is not None:
        before = guessed_after, in_force([one.resolved for one in ordered])
    if any(one.has_budget for one in ordered):
        # Only what is certain to be new is paid out of a budget.
        made = await _INSERT_ALONE.rows(db, {"network_id": network_id, **first.values})
        inserted = {row["id"] for row in made}
    else:
        try:
            return await _earn(db, network_id, ordered, now, (*before, first))
        except FirstIncomplete as incomplete:
            if incomplete.number < len(before):
                raise
            inserted = set(incomplete.ids)
    # What was reported before, or elsewhere at the same time, is found now that it is committed.
    lost = [one for one in ordered if one.purchase.purchase_id not in inserted]
    outcomes = await _find_earlier(
        db, network_id, [(one.index, one.report, one.resolved) for one in lost]
    )
    assert all(one.index in outcomes for one in lost), "a purchase is never deleted"
    won = [one for one in ordered if one.purchase.purchase_id in inserted]
    if any(one.has_budget for one in won):
        won = await _fund(db, network_id, won, now)
    return outcomes | await _earn(db, network_id, won, now)


async def _fund(
    db: AsyncConnection, network_id: int, booked: Sequence[_New], now: datetime
) -> list[_New]:
    bought = [Bought(one.purchase, one.report.actor, one.resolved.rule) for one in booked]
    await choose_funded_rules(db, network_id=network_id, bought=bought, now=now)
    return [
        replace(one, resolved=replace(one.resolved, rule=funded.rule))
        for one, funded in zip(booked, bought, strict=True)
    ]


async def _earn(
    db: AsyncConnection,
    network_id: int,
    booked: Sequence[_New],
    now: datetime,
    firsts: Sequence[First] = (),
) -> dict[int, Outcome]:
    earnings = [
        Earning(
            purchase_id=one.purchase.purchase_id,
            member_id=one.purchase.member_id,
            amount=one.purchase.amount,
            agreement=one.agreement,
            rule=one.resolved.rule,
            purchased_at=one.purchase.purchased_at,
            actor=one.report.actor,
        )
        for one in booked
    ]
    earned = await record_accruals(
        db, network_id=network_id, earnings=earnings, now=now, firsts=firsts
    )
    refusals = {
        one.index: outcome
        for one, outcome in zip(booked, earned, strict=True)
        if isinstance(outcome, Refusal)
    }
    if refusals:
        raise SomeNotPosted(refusals)
    return {one.index: Recorded(one.purchase, False) for one in booked}


def _misshapen(report: Report) -> Refusal | None:
    try:
        check_member_named(report)
        check_report(report.external_id, report.amount, report.category)
    except Refusal as refusal:
        return refusal
    return None


def _compare(earlier: Purchase, report: Report, found: Resolved) -> Outcome:
    member_id = report.member_id or found.member_id
    if member_id is None:
        return MemberNotFound(path=("member_external_id",))
    if not earlier.is_told_by(report, member_id):
        return PurchaseConflict(path=("external_id",))
    return Recorded(earlier, True)


def _refused(report: Report, found: Resolved, partners: set[UUID], now: datetime) -> Refusal | None:
    if report.member_id is None and found.member_id is None:
        return MemberNotFound(path=("member_external_id",))
    if report.purchased_at > now + CLOCK_TOLERANCE:
        return PurchaseInFuture(path=("purchased_at",))
    if found.agreement is None:
        if report.partner_id not in partners:
            return PartnerNotFound()
        return PurchaseBeforeAgreement(path=("purchased_at",))
    agreed, given = found.agreement.currency, report.amount.currency
    if given != agreed:
        return CurrencyNotAgreed(path=("amount",), agreed=agreed, given=given)
    return MemberNotFound() if found.member_id is None else None


def _new(index: int, report: Report, found: Resolved, now: datetime) -> _New:
    assert found.agreement is not None, "it was not refused"
    assert found.member_id is not None, "it was not refused"
    made = Purchase(
        purchase_id=report.purchase_id,
        partner_id=report.partner_id,
        member_id=found.member_id,
        external_id=report.external_id,
        amount=report.amount,
        returned=Money.zero(report.amount.currency),
        category=report.category,
        agreement_id=found.agreement.agreement_id,
        purchased_at=report.purchased_at,
        recorded_at=now,
    )
    return _New(index, report, made, found, found.agreement)


def _first(ordered: Sequence[_New], now: datetime) -> First:
    made = [one.purchase for one in ordered]
    values = {
        "recorded_at": now,
        "bought_purchase_id": [one.purchase_id for one in made],
        "bought_partner_id": [one.partner_id for one in made],
        "bought_member_id": [one.member_id for one in made],
        "bought_external_id": [one.external_id for one in made],
        "bought_amount": [one.amount.minor for one in made],
        "bought_currency": [one.amount.currency for one in made],
        "bought_category": [one.category for one in made],
        "bought_agreement_id": [one.agreement_id for one in made],
        "bought_purchased_at": [one.purchased_at for one in made],
    }
    return First(_INSERT, values, len(made))
