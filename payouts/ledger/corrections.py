"""Corrections of a stretch: what was sealed behind its cut and yet is about what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    False_,
    ScalarSelect,
    Select,
    and_,
    false,
    literal,
    or_,
    select,
)

from payouts.ledger.model import Account, Movement
from payouts.ledger.stretch import Stretch, bounds_of, select_stretch
from payouts.ledger.tables import journal, posting, seal

_HELD = journal.alias("held")
_HELD_SEAL = seal.alias("held_seal")
_HELD_LINE = posting.alias("held_line")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is corrected: the lines of some accounts in a stretch.

    `sequels` names kinds of journals that decide what journals of other kinds left open, by the
    kind of the latter; both have the same cause.
    """

    accounts: Sequence[Account]
    stretch: Stretch
    sequels: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Correction:
    """A posting behind the cut, and what of the stretch it is about.

    It takes back the journal `reverses`, or decides what the journal `decides` left open, or came
    too late to be held; late it may be besides.
    """

    movement: Movement
    reverses: UUID | None
    decides: UUID | None
    is_late: bool


def select_corrections(
    columns: Sequence[ColumnElement[Any]],
    *,
    network_id: int,
    corrected: Corrected,
    stretch: Stretch,
) -> Select[Any]:
    """Write the query of the corrections of a stretch that stand in another one behind its cut."""
    ids = [one.id_in(network_id) for one in corrected.accounts]
    is_about = or_(
        reversed_by(network_id, corrected).is_not(None),
        decided_by(network_id, corrected).is_not(None),
        came_late(corrected),
    )
    return select_stretch(columns, network_id=network_id, stretch=stretch).where(
        posting.c.account_id.in_(ids), is_about
    )


def reversed_by(network_id: int, corrected: Corrected) -> ScalarSelect[Any]:
    """Write the journal of the stretch that a journal takes back."""
    return _held(network_id, corrected, _HELD.c.journal_id == journal.c.reverses)


def decided_by(network_id: int, corrected: Corrected) -> ScalarSelect[Any]:
    """Write the journal of the stretch that a journal of the same cause decides."""
    kinds = [
        and_(_HELD.c.kind == kind, journal.c.kind.in_(sequels))
        for kind, sequels in corrected.sequels.items()
    ]
    return _held(
        network_id,
        corrected,
        and_(
            or_(false(), *kinds),
            _HELD.c.cause_kind == journal.c.cause_kind,
            _HELD.c.cause_id == journal.c.cause_id,
        ),
    )


def came_late(corrected: Corrected) -> ColumnElement[bool] | False_:
    """Write whether a journal behind the cut took effect in the window that ended at it.

    A stretch whose cut has no instant has no window: nothing comes too late for it.
    """
    cut, before = corrected.stretch.cut, corrected.stretch.before
    if cut.at is None:
        return false()
    is_in_time = journal.c.effective_at < cut.at
    if before is None or before.at is None:
        return is_in_time
    return and_(is_in_time, journal.c.effective_at >= before.at)


def _held(network_id: int, corrected: Corrected, is_it: ColumnElement[bool]) -> ScalarSelect[Any]:
    has_line = (
        select(literal(1))
        .select_from(_HELD_LINE)
        .where(
            _HELD_LINE.c.book_id == network_id,
            _HELD_LINE.c.journal_id == _HELD.c.journal_id,
            _HELD_LINE.c.account_id.in_([one.id_in(network_id) for one in corrected.accounts]),
        )
        .correlate(_HELD)
        .exists()
    )
    return (
        select(_HELD.c.journal_id)
        .select_from(
            _HELD.join(
                _HELD_SEAL,
                and_(
                    _HELD_SEAL.c.book_id == _HELD.c.book_id,
                    _HELD_SEAL.c.journal_id == _HELD.c.journal_id,
                ),
            )
        )
        .where(
            _HELD.c.book_id == network_id,
            _HELD_SEAL.c.book_id == network_id,
            is_it,
            has_line,
            *bounds_of(corrected.stretch, seals=_HELD_SEAL, journals=_HELD),
        )
        .order_by(_HELD.c.journal_id)
        .limit(1)
        .correlate(journal)
        .scalar_subquery()
    )
