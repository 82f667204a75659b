"""Settlement cycles and statements: who owes whom, netted, and the postings that fix it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from payouts.events import settlement_net, settlement_position
from payouts.ledger import Cause, Draft, MovementSum
from payouts.money import Money

SCOPE = ("partner_recv", "partner_payable")
"""The accounts that a cycle settles: what partners owe the network, and what it owes them."""

OWN_KINDS = ("settlement.net",)
"""Journals that settle are no movements of a later cycle."""

DEFAULT_MINIMUM = 1
"""The smallest net that is settled rather than carried forward, in minor units."""


class CycleState(StrEnum):
    """Where a settlement cycle stands; what it covers is fixed from the first state on."""

    IN_REVIEW = "in_review"
    EXECUTING = "executing"
    PARTIALLY_SETTLED = "partially_settled"
    SETTLED = "settled"


class StatementState(StrEnum):
    """A statement is issued for review and final once its cycle is approved."""

    ISSUED = "issued"
    FINAL = "final"


class Outcome(StrEnum):
    """What becomes of a statement's net."""

    PAY = "pay"
    COLLECT = "collect"
    NETTED = "netted"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class SettlementCycle:
    """A stretch of the sealed order whose partner balances are settled together."""

    cycle_id: UUID
    number: int
    from_seq: int
    to_seq: int
    state: CycleState
    result_hash: str
    closed_by: str
    closed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one partner owes and is owed in one currency: carried in, moved, and the net of all.

    Receivable is what the partner owes the network, payable what the network owes the partner,
    both counted positive. A positive net is collected, a negative one paid.
    """

    statement_id: UUID
    cycle_id: UUID
    partner_id: UUID
    number: int
    currency: str
    from_seq: int
    to_seq: int
    opening_receivable: Money
    opening_payable: Money
    receivable: Money
    payable: Money
    lines_count: int
    outcome: Outcome
    content_hash: str
    state: StatementState
    issued_at: datetime

    @property
    def gross_receivable(self) -> Money:
        """All that the partner owes, carried in and moved."""
        return self.opening_receivable + self.receivable

    @property
    def gross_payable(self) -> Money:
        """All that the partner is owed, carried in and moved."""
        return self.opening_payable + self.payable

    @property
    def opening(self) -> Money:
        """What was carried in, as a net."""
        return self.opening_receivable - self.opening_payable

    @property
    def net(self) -> Money:
        """What remains after set-off: positive is owed by the partner."""
        return self.gross_receivable - self.gross_payable

    @property
    def carried(self) -> Money:
        """What is carried into the next statement, as a net."""
        return self.net if self.outcome is Outcome.CARRIED else Money.zero(self.currency)


@dataclass(frozen=True, slots=True)
class Position:
    """What one partner's movements of a cycle come to in one currency, before it is a statement."""

    partner_id: UUID
    currency: str
    opening_receivable: Money
    opening_payable: Money
    receivable: Money
    payable: Money
    lines_count: int
    digests: tuple[str, str]

    @property
    def net(self) -> Money:
        """Positive is owed by the partner."""
        return (self.opening_receivable + self.receivable) - (self.opening_payable + self.payable)


@dataclass(frozen=True, slots=True)
class PayoutPolicy:
    """From which amount a second person must approve a payout, and what is worth paying at all."""

    policy_id: UUID
    currency: str
    approval_above: Money
    minimum: Money
    published_by: str
    published_at: datetime
    first_payout_cap: Money | None = None

    @property
    def first_payout_max(self) -> Money:
        """The most that goes first to a new destination without a checker's release."""
        return self.approval_above if self.first_payout_cap is None else self.first_payout_cap


def draw_positions(sums: Sequence[MovementSum], carried: Iterable[Statement]) -> list[Position]:
    """Bring movements and what was carried forward together, per partner and currency."""
    found: dict[tuple[UUID, str], dict[str, MovementSum]] = {}
    for one in sums:
        found.setdefault((UUID(one.owner_id), one.amount.currency), {})[one.type] = one
    openings = {(one.partner_id, one.currency): one for one in carried}
    positions = []
    for partner_id, currency in sorted({*found, *openings}):
        moved = found.get((partner_id, currency), {})
        receivable, payable = (moved.get(kind) for kind in SCOPE)
        opening = openings.get((partner_id, currency))
        zero = Money.zero(currency)
        positions.append(
            Position(
                partner_id=partner_id,
                currency=currency,
                opening_receivable=opening.gross_receivable if opening else zero,
                opening_payable=opening.gross_payable if opening else zero,
                receivable=receivable.amount if receivable else zero,
                payable=-payable.amount if payable else zero,
                lines_count=sum(one.lines for one in moved.values()),
                digests=(
                    receivable.digest if receivable else "",
                    payable.digest if payable else "",
                ),
            )
        )
    return positions


def decide_outcome(net: Money, minimum: Money) -> Outcome:
    """Say whether a net is paid, collected, nothing, or too small to be worth either."""
    if not net:
        return Outcome.NETTED
    if abs(net.minor) < minimum.minor:
        return Outcome.CARRIED
    return Outcome.COLLECT if net.minor > 0 else Outcome.PAY


def hash_position(position: Position, *, number: int, from_seq: int, to_seq: int) -> str:
    """Hash all that a statement says, lines included, in one canonical writing."""
    content = {
        "currency": position.currency,
        "from_seq": from_seq,
        "lines": position.lines_count,
        "number": number,
        "opening_payable": position.opening_payable.minor,
        "opening_receivable": position.opening_receivable.minor,
        "partner": str(position.partner_id),
        "payable": position.payable.minor,
        "payable_lines": position.digests[1],
        "receivable": position.receivable.minor,
        "receivable_lines": position.digests[0],
        "to_seq": to_seq,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def hash_result(hashes: Iterable[str]) -> str:
    """Hash the result of a cycle: all its statements in the order of their numbers."""
    return sha256("\n".join(hashes).encode()).hexdigest()


def settlement_net_journal(statement: Statement, *, actor: str, now: datetime) -> Draft:
    """Set a partner's gross obligations off against each other; they leave its running accounts.

    Nothing reverses it: a correction is a movement of a later cycle.
    """
    owner, currency = str(statement.partner_id), statement.currency
    return Draft(
        kind="settlement.net",
        key=f"cycle:{statement.cycle_id}:{owner}:{currency}:net",
        cause=Cause("settlement_cycle", str(statement.cycle_id)),
        lines=settlement_net(
            partner_id=statement.partner_id,
            cycle_id=statement.cycle_id,
            receivable=statement.gross_receivable,
            payable=statement.gross_payable,
        ),
        actor=actor,
        effective_at=now,
        note={"statement": statement.number},
    )


def settlement_position_journal(statement: Statement, *, actor: str, now: datetime) -> Draft:
    """Turn a partner's net into what is collected from it or paid to it.

    Nothing reverses it: a correction is a movement of a later cycle.
    """
    owner, currency = str(statement.partner_id), statement.currency
    return Draft(
        kind="settlement.position",
        key=f"cycle:{statement.cycle_id}:{owner}:{currency}:pos",
        cause=Cause("settlement_cycle", str(statement.cycle_id)),
        lines=settlement_position(
            partner_id=statement.partner_id, cycle_id=statement.cycle_id, net=statement.net
        ),
        actor=actor,
        effective_at=now,
        note={"statement": statement.number},
    )


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
