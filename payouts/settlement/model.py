"""Settlement cycles and statements: who owes whom, netted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from payouts.ledger import Cut, MovementSum, Stretch
from payouts.money import Money, round_to_multiple
from payouts.settlement.conversion import CarriedBecause, Conversion

SCOPE = ("partner_recv", "partner_payable")
"""The accounts that a cycle settles: what partners owe the network, and what it owes them."""

OWN_KINDS = ("settlement.net",)
"""Journals that settle: the next statement tells them apart from what moved."""

DEFAULT_MINIMUM = 1
"""The smallest net that is settled rather than carried forward, in minor units."""


class CycleState(StrEnum):
    """Where a settlement cycle stands; what it covers is fixed from the first state on."""

    IN_REVIEW = "in_review"
    EXECUTING = "executing"
    PARTIALLY_SETTLED = "partially_settled"
    SETTLED = "settled"
    ABANDONED = "abandoned"


class StatementState(StrEnum):
    """A statement is issued for review and final once its cycle is approved.

    Before that a later version may take its place, or its cycle be abandoned.
    """

    ISSUED = "issued"
    FINAL = "final"
    SUPERSEDED = "superseded"
    VOID = "void"


STANDING = (StatementState.ISSUED.value, StatementState.FINAL.value)
"""The states of statements that say what is so."""


class Outcome(StrEnum):
    """What becomes of a statement's net."""

    PAY = "pay"
    COLLECT = "collect"
    NETTED = "netted"
    CARRIED = "carried"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class Approval:
    """That somebody who did not close a cycle approved it."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettlementCycle:
    """What partners owe and are owed in one currency at a cut, settled together.

    It holds what its `cut` holds and the cut of the cycle `before` does not; what is sealed later
    falls into a later cycle, however early it took effect. A cycle of earlier releases settled all
    currencies and has none.
    """

    cycle_id: UUID
    number: int
    currency: str | None
    version: int
    cut: Cut
    before: Cut | None
    from_seq: int
    state: CycleState
    result_hash: str
    closed_by: str
    closed_at: datetime
    review_ends_at: datetime
    value_on: date | None
    approved_by: str | None
    approved_at: datetime | None
    settled_at: datetime | None
    first_approved_by: str | None = None
    first_approved_at: datetime | None = None

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who approved it, the first first."""
        said = (
            (self.first_approved_by, self.first_approved_at),
            (self.approved_by, self.approved_at),
        )
        return tuple(Approval(by, at) for by, at in said if by is not None and at is not None)

    @property
    def ended_at(self) -> datetime:
        """The end of its window."""
        assert self.cut.at is not None, "a cycle is cut at an instant"
        return self.cut.at

    @property
    def stretch(self) -> Stretch:
        """What of the sealed order it settles."""
        return Stretch(self.cut, self.before, self.from_seq)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a partner's accounts: what it owes the network, and what it is owed.

    Both are counted positive; the net is positive when the partner owes.
    """

    receivable: Money
    payable: Money

    @property
    def net(self) -> Money:
        """What is left after set-off."""
        return self.receivable - self.payable

    def __add__(self, other: "Sides") -> "Sides":
        return Sides(self.receivable + other.receivable, self.payable + other.payable)

    def __bool__(self) -> bool:
        return bool(self.receivable) or bool(self.payable)

    @classmethod
    def zero(cls, currency: str) -> "Sides":
        """Neither owes the other anything."""
        return cls(Money.zero(currency), Money.zero(currency))


@dataclass(frozen=True, slots=True)
class Position:
    """What one partner's accounts came to at a cut, and by what: the substance of a statement.

    Opening, what was settled meanwhile, and what moved are together what stands at the cut.
    """

    partner_id: UUID
    currency: str
    opening: Sides
    settled: Sides
    moved: Sides
    lines_count: int

    @property
    def closing(self) -> Sides:
        """What stands at the cut."""
        return self.opening + self.settled + self.moved


@dataclass(frozen=True, slots=True)
class Statement:
    """What one partner owes and is owed in one currency at the cut of a cycle, and by what.

    A positive net is collected, a negative one paid. A later `version` of the same number takes
    the place of an earlier one until the cycle is approved. `block` is the last block of the sealed
    order that was signed when it was issued. `remainder` is what of a net that is settled cannot be
    paid, being less than the currency's payout multiple. A net that is converted leaves whole.
    """

    statement_id: UUID
    cycle_id: UUID
    number: int
    version: int
    position: Position
    stretch: Stretch
    block: int | None
    outcome: Outcome
    remainder: Money
    content_hash: str
    state: StatementState
    issued_at: datetime
    conversion: Conversion | None = None
    carried_because: CarriedBecause | None = None

    @property
    def partner_id(self) -> UUID:
        """Whose it is."""
        return self.position.partner_id

    @property
    def currency(self) -> str:
        """What all its amounts are in."""
        return self.position.currency

    @property
    def lines_count(self) -> int:
        """How many postings it is made of."""
        return self.position.lines_count

    @property
    def from_seq(self) -> int:
        """It is made of what stands behind this place."""
        return self.stretch.from_seq

    @property
    def to_seq(self) -> int:
        """It is made of what stands up to this place."""
        return self.stretch.cut.seq

    @property
    def receivable(self) -> Money:
        """What the partner came to owe."""
        return self.position.moved.receivable

    @property
    def payable(self) -> Money:
        """What the partner came to be owed."""
        return self.position.moved.payable

    @property
    def gross_receivable(self) -> Money:
        """All that the partner owes at the cut."""
        return self.position.closing.receivable

    @property
    def gross_payable(self) -> Money:
        """All that the partner is owed at the cut."""
        return self.position.closing.payable

    @property
    def opening(self) -> Money:
        """What stood at the cut before, as a net."""
        return self.position.opening.net

    @property
    def settled(self) -> Money:
        """What of it was settled since, as a net: its opposite, unless it was carried."""
        return self.position.settled.net

    @property
    def net(self) -> Money:
        """What remains after set-off: positive is owed by the partner."""
        return self.position.closing.net

    @property
    def nothing(self) -> Money:
        """No amount of its currency."""
        return Money.zero(self.currency)

    @property
    def carried(self) -> Money:
        """What is not settled but left standing, as a net."""
        return self.net if self.outcome is Outcome.CARRIED else self.remainder

    @property
    def exchanged(self) -> Money:
        """What of the net is converted and settled in another currency: all of it, or nothing."""
        return self.net if self.outcome is Outcome.CONVERTED else self.nothing

    @property
    def waits_for_rate(self) -> bool:
        """True when it was to be converted and could not be."""
        return self.carried_because not in (None, CarriedBecause.BELOW_MINIMUM)

    @property
    def to_settle(self) -> Money:
        """What is collected or, when negative, paid: the net less what is carried or converted."""
        return self.net - self.carried - self.exchanged


@dataclass(frozen=True, slots=True)
class PayoutPolicy:
    """From which amount a second person must approve a payout, and what is worth paying at all.

    A cycle that moves more than `second_approval_above` takes two approvers; without it, one.
    """

    policy_id: UUID
    currency: str
    approval_above: Money
    minimum: Money
    published_by: str
    published_at: datetime
    first_payout_cap: Money | None = None
    second_approval_above: Money | None = None

    @property
    def first_payout_max(self) -> Money:
        """The most that goes first to a new destination without a checker's release."""
        return self.approval_above if self.first_payout_cap is None else self.first_payout_cap


def draw_positions(
    sums: Sequence[MovementSum], openings: Mapping[UUID, Sides], currency: str
) -> list[Position]:
    """Bring what moved and what stood before together, per partner."""
    moved: dict[UUID, dict[str, MovementSum]] = {}
    for one in sums:
        moved.setdefault(UUID(one.owner_id), {})[one.type] = one
    zero = Money.zero(currency)
    standing = {partner_id for partner_id, opening in openings.items() if opening}
    positions = []
    for partner_id in sorted({*moved, *standing}):
        receivable, payable = (moved.get(partner_id, {}).get(kind) for kind in SCOPE)
        settled = Sides(
            receivable.apart if receivable else zero, -payable.apart if payable else zero
        )
        positions.append(
            Position(
                partner_id=partner_id,
                currency=currency,
                opening=openings.get(partner_id, Sides.zero(currency)),
                settled=settled,
                moved=Sides(
                    receivable.amount - receivable.apart if receivable else zero,
                    payable.apart - payable.amount if payable else zero,
                ),
                lines_count=sum(one.lines for one in (receivable, payable) if one),
            )
        )
    return positions


def statement_id_of(cycle_id: UUID, position: Position, version: int) -> UUID:
    """Derive a statement's id, so that drawing it again gives the same."""
    return uuid5(cycle_id, f"{position.partner_id}:{position.currency}:{version}")


def decide_outcome(net: Money, minimum: Money) -> tuple[Outcome, Money]:
    """Say whether a net is paid, collected, nothing, or too small to be worth either.

    What is paid or collected is a multiple that the currency is paid in; with the outcome comes
    the remainder, which stays where it is.
    """
    nothing = Money.zero(net.currency)
    if not net:
        return Outcome.NETTED, nothing
    settled = round_to_multiple(net)
    if abs(net.minor) < minimum.minor or not settled:
        return Outcome.CARRIED, nothing
    return (Outcome.COLLECT if net.minor > 0 else Outcome.PAY), net - settled


SUCCEEDED_ORDERS = frozenset({"paid", "succeeded"})
ENDED_ORDERS = frozenset({"paid", "succeeded", "failed", "returned", "cancelled"})


def derive_cycle_state(order_states: Sequence[str]) -> CycleState:
    """Derive where an approved cycle stands from the states of its payouts and collections."""
    if all(state in SUCCEEDED_ORDERS for state in order_states):
        return CycleState.SETTLED
    if any(state not in ENDED_ORDERS for state in order_states):
        return CycleState.EXECUTING
    return CycleState.PARTIALLY_SETTLED


def minimum_of(policies: Mapping[str, PayoutPolicy], currency: str) -> Money:
    """Tell the smallest net worth settling in a currency."""
    policy = policies.get(currency)
    return policy.minimum if policy else Money(DEFAULT_MINIMUM, currency)
