"""Stretches of the sealed order: what one cut holds that an earlier one did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, not_, select

from payouts.ledger.tables import account, journal, posting, seal

_JOINED = (
    seal.join(
        journal,
        and_(journal.c.book_id == seal.c.book_id, journal.c.journal_id == seal.c.journal_id),
    )
    .join(
        posting,
        and_(posting.c.book_id == seal.c.book_id, posting.c.journal_id == seal.c.journal_id),
    )
    .join(
        account,
        and_(account.c.book_id == posting.c.book_id, account.c.account_id == posting.c.account_id),
    )
)


@dataclass(frozen=True, slots=True)
class Cut:
    """All that took effect before an instant and stands at or before a place of the sealed order.

    Nothing enters it later: what is sealed afterwards stands behind the place, whenever it took
    effect. Without an instant it is all up to the place.
    """

    at: datetime | None
    seq: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a cut holds and the one `before` it does not; all of it stands after `from_seq`.

    Of cuts whose instants and places both grow, the stretches are disjoint and together all.
    """

    cut: Cut
    before: Cut | None
    from_seq: int
    without_kinds: Sequence[str] = ()

    def holds(self, seq: int, effective_at: datetime, kind: str) -> bool:
        """Tell whether a journal is in it, by its place, when it took effect, and its kind."""
        before = self.before
        is_before = before is not None and seq <= before.seq and _precedes(effective_at, before)
        return (
            self.from_seq < seq <= self.cut.seq
            and _precedes(effective_at, self.cut)
            and not is_before
            and kind not in self.without_kinds
        )

    def is_late(self, effective_at: datetime) -> bool:
        """Tell whether what it holds took effect early enough for the cut before, but came later."""
        return self.before is not None and _precedes(effective_at, self.before)


def _precedes(effective_at: datetime, cut: Cut) -> bool:
    return cut.at is None or effective_at < cut.at


def select_stretch(
    columns: Sequence[ColumnElement[Any]], *, network_id: int, stretch: Stretch
) -> Select[Any]:
    """Write the query of all postings of a stretch, each with its place, journal and account."""
    return (
        select(*columns)
        .select_from(_JOINED)
        .where(
            seal.c.book_id == network_id,
            journal.c.book_id == network_id,
            posting.c.book_id == network_id,
            account.c.book_id == network_id,
            *bounds_of(stretch, seals=seal, journals=journal),
        )
    )


def bounds_of(
    stretch: Stretch, *, seals: FromClause, journals: FromClause
) -> list[ColumnElement[bool]]:
    """Write what holds of the places and journals of a stretch."""
    bounds = [seals.c.seq > stretch.from_seq, seals.c.seq <= stretch.cut.seq]
    if stretch.cut.at is not None:
        bounds.append(journals.c.effective_at < stretch.cut.at)
    if stretch.without_kinds:
        bounds.append(journals.c.kind.not_in(stretch.without_kinds))
    if stretch.before is not None:
        bounds.append(
            not_(
                and_(
                    seals.c.seq <= stretch.before.seq,
                    journals.c.effective_at < stretch.before.at,
                )
            )
        )
    return bounds
