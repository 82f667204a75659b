"""Where reports of purchases arrive: each under its key, many in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.crash import crash_here
from api.database.transaction import Database
from api.group_commit import GroupCommit, TryAgain, Work
from api.request_keys import (
    KeyedRequest,
    Name,
    claim_of_keys,
    correct_keys,
    read_keys,
    tell_refusal,
)
from partners.purchases import KnownTerms, Report, SomeNotPosted, record_purchases
from payouts.refusal import Refusal
from payouts.statement import First, FirstIncomplete

MUTATION = "recordPurchase"


@dataclass(slots=True)
class PurchaseCall:
    """A report under its key, or why it was refused before it could be made.

    A refusal that a retry may cure is not `is_lasting`: nothing is kept of it.
    """

    request: KeyedRequest
    now: datetime
    report: Report | None = None
    refusal: Refusal | None = None
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """How a call ended: as its key now tells, by a refusal nothing keeps, or by a used key."""

    outcome: Mapping[str, Any] | None = None
    refusal: Refusal | None = None
    is_mismatch: bool = False
    replayed: bool = False


PurchaseDesk = GroupCommit[PurchaseCall, Answered]


def open_purchase_desk(database: Database) -> PurchaseDesk:
    """Make the desk of one process."""
    return GroupCommit(
        database,
        Work(
            carry_out=partial(answer_calls, terms=KnownTerms()),
            committing=lambda answers: _pass(answers, "before_commit"),
            committed=lambda answers: _pass(answers, "after_commit"),
        ),
    )


def _pass(answers: Sequence[Answered], place: str) -> None:
    for answer in answers:
        if answer.outcome is not None and "ids" in answer.outcome and not answer.replayed:
            crash_here(f"{MUTATION}.{place}")


async def answer_calls(
    db: AsyncConnection,
    network_id: int,
    calls: Sequence[PurchaseCall],
    terms: KnownTerms | None = None,
) -> list[Answered]:
    """Carry out calls of one network: keys first, then the purchases, then what came otherwise.

    Of two calls with one key the second is a replay. Raises TryAgain after the ledger refused
    some: those are then answered by their refusals, and the others carried out without them.
    """
    leaders: dict[Name, PurchaseCall] = {}
    for call in calls:
        if call.refusal is None or call.is_lasting:
            leaders.setdefault(call.request.name, call)
    now = max(call.now for call in calls)
    claim = claim_of_keys(
        network_id=network_id,
        mutation=MUTATION,
        expected=[(call.request, _expected(call)) for call in leaders.values()],
        now=now,
    )
    claimed = set(leaders)
    try:
        outcomes = await _record(db, network_id, leaders, now, claim, terms)
    except FirstIncomplete as incomplete:
        claimed = {(caller, key) for caller, key in incomplete.ids}
        own = {name: leaders[name] for name in claimed}
        outcomes = await _record(db, network_id, own, now)
    used = {call.request.name for call in calls} - claimed
    known = await read_keys(db, network_id=network_id, mutation=MUTATION, names=sorted(used))
    answers = []
    for call in calls:
        name = call.request.name
        if name not in claimed:
            digest, outcome = (
                (known[name].digest, known[name].outcome) if name in known else (b"", None)
            )
        else:
            digest, outcome = leaders[name].request.digest, outcomes[name]
        if outcome is None:
            answers.append(Answered(refusal=call.refusal))
        elif digest != call.request.digest:
            answers.append(Answered(is_mismatch=True))
        else:
            is_first = name in claimed and leaders[name] is call
            answers.append(Answered(outcome=outcome, replayed=not is_first))
    return answers


async def _record(
    db: AsyncConnection,
    network_id: int,
    leaders: Mapping[Name, PurchaseCall],
    now: datetime,
    claim: First | None = None,
    terms: KnownTerms | None = None,
) -> dict[Name, Mapping[str, Any]]:
    calls = [leaders[name] for name in sorted(leaders)]
    outcomes = {call.request.name: _expected(call) for call in calls}
    reporting = [(call, call.report) for call in calls if call.report is not None]
    reports = [report for _, report in reporting]
    try:
        found = await record_purchases(
            db, network_id=network_id, reports=reports, now=now, first=claim, known=terms
        )
    except SomeNotPosted as some:
        _refuse(
            {reporting[index][0].request.name: one for index, one in some.refusals.items()}, calls
        )
        raise TryAgain from None
    passing: dict[Name, Refusal] = {}
    otherwise: dict[Name, Mapping[str, Any]] = {}
    for (call, report), outcome in zip(reporting, found, strict=True):
        name = call.request.name
        if not isinstance(outcome, Refusal):
            if outcome.purchase.purchase_id != report.purchase_id:
                otherwise[name] = _made(outcome.purchase.purchase_id)
        elif outcome.retryable:
            passing[name] = outcome
        else:
            otherwise[name] = tell_refusal(outcome)
    if passing:
        _refuse(passing, calls)
        raise TryAgain
    await correct_keys(db, network_id=network_id, mutation=MUTATION, outcomes=otherwise)
    return outcomes | otherwise


def _refuse(refusals: Mapping[Name, Refusal], calls: Sequence[PurchaseCall]) -> None:
    for call in calls:
        refusal = refusals.get(call.request.name)
        if refusal is not None:
            call.report, call.refusal, call.is_lasting = None, refusal, not refusal.retryable


def _expected(call: PurchaseCall) -> Mapping[str, Any]:
    if call.report is not None:
        return _made(call.report.purchase_id)
    assert call.refusal is not None, "a call has a report or a refusal"
    return tell_refusal(call.refusal)


def _made(purchase_id: UUID) -> Mapping[str, Any]:
    return {"ids": {"purchase": purchase_id.hex}}
