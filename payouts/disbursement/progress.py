"""How far a settlement cycle has come: what its orders reached of what its statements say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payouts.money import Money
from payouts.settlement import CycleState, IssuedStatements, Outcome

_ARRIVED = frozenset({"paid", "succeeded"})
_OVER = frozenset({CycleState.SETTLED, CycleState.ABANDONED})


class OrderKind(StrEnum):
    """Whether an order of a cycle pays a partner or debits it."""

    PAYOUT = "payout"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class OrderCount:
    """The orders of a cycle in one state, for one reason, in one currency; `since` is the oldest.

    What waits is tried again and again, so the time of its last change would tell nothing.
    """

    kind: OrderKind
    state: str
    reason: str | None
    count: int
    amount: Money
    since: datetime

    @property
    def has_arrived(self) -> bool:
        """True when the money is where it was to go."""
        return self.state in _ARRIVED


@dataclass(frozen=True, slots=True)
class MoneyProgress:
    """What a cycle pays and collects in one currency, and how much of it arrived."""

    to_pay: Money
    paid: Money
    to_collect: Money
    collected: Money


@dataclass(frozen=True, slots=True)
class CycleProgress:
    """How far a settlement cycle has come; nothing of it is kept, all of it is counted."""

    issued: IssuedStatements
    orders: tuple[OrderCount, ...]

    @property
    def state(self) -> CycleState:
        """Where the cycle stands."""
        return self.issued.state

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to the cycle."""
        return self.state in _OVER

    def of(self, kind: OrderKind) -> list[OrderCount]:
        """Give its payouts, or its collections."""
        return [one for one in self.orders if one.kind is kind]

    @property
    def waiting(self) -> list[OrderCount]:
        """Count what has not arrived and why, by kind, reason and currency, whatever its state."""
        found: dict[tuple[str, str, str], OrderCount] = {}
        for one in self.orders:
            if one.reason is None or one.has_arrived:
                continue
            key = (one.kind.value, one.reason, one.amount.currency)
            found[key] = _together(found[key], one) if key in found else one
        return [found[key] for key in sorted(found)]

    @property
    def money(self) -> list[MoneyProgress]:
        """Add up what is to be paid and collected by its statements, and what was, by currency."""
        counts = self.issued.counts
        return [
            MoneyProgress(
                to_pay=_sum(unit, (-one.net for one in counts if one.outcome is Outcome.PAY)),
                paid=self._arrived(OrderKind.PAYOUT, unit),
                to_collect=_sum(
                    unit, (one.net for one in counts if one.outcome is Outcome.COLLECT)
                ),
                collected=self._arrived(OrderKind.COLLECTION, unit),
            )
            for unit in sorted({one.net.currency for one in counts})
        ]

    def _arrived(self, kind: OrderKind, unit: str) -> Money:
        return _sum(unit, (one.amount for one in self.of(kind) if one.has_arrived))


def _together(one: OrderCount, other: OrderCount) -> OrderCount:
    return OrderCount(
        kind=one.kind,
        state=one.state,
        reason=one.reason,
        count=one.count + other.count,
        amount=one.amount + other.amount,
        since=min(one.since, other.since),
    )


def _sum(unit: str, amounts: Iterable[Money]) -> Money:
    return sum((one for one in amounts if one.currency == unit), start=Money.zero(unit))
