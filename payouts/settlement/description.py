"""What a statement says, whole: where it began, what moved by kind, where it ended and its proof."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from payouts.fx import FxRate
from payouts.ledger import KindSum, Movement
from payouts.money import Money
from payouts.seals import Block
from payouts.settlement.adjustment import AdjustmentReason, AdjustmentStatement
from payouts.settlement.model import OWN_KINDS, SCOPE, Sides, Statement

NUMBER_DIGITS = 8
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Moved:
    """What some lines come to: both sides counted positive when they grow."""

    count: int
    receivable: Money
    payable: Money

    @property
    def sides(self) -> Sides:
        """Both sides without the count."""
        return Sides(self.receivable, self.payable)

    @property
    def net(self) -> Money:
        """Positive when the partner came to owe more."""
        return self.sides.net

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(
            self.count + other.count,
            self.receivable + other.receivable,
            self.payable + other.payable,
        )

    def with_line(self, line: Movement) -> "Moved":
        """Add one line."""
        return self + Moved(1, *sides_of(line))


@dataclass(frozen=True, slots=True)
class StatementDescription:
    """All that a document of a statement says but its lines.

    `kinds` is what its lines come to by kind of journal, in the order of their names. `block` is
    the sealed block that the cut lies in; None until there is one, and the same for ever after.
    `rate` is the one that the net is converted at, if it is.
    """

    network_id: int
    statement: Statement
    cycle_number: int
    value_on: date | None
    zone: str
    kinds: dict[str, Moved]
    block: Block | None
    rate: FxRate | None = None

    @property
    def moved_kinds(self) -> dict[str, Moved]:
        """What moved, by kind: all but what settled."""
        return {kind: moved for kind, moved in self.kinds.items() if kind not in OWN_KINDS}

    @property
    def moved(self) -> Moved:
        """What moved: all lines but those that settled."""
        return sum_moved(self.moved_kinds.values(), self.statement.currency)

    @property
    def settled(self) -> Moved:
        """What was settled of what stood at the cut before."""
        own = (moved for kind, moved in self.kinds.items() if kind in OWN_KINDS)
        return sum_moved(own, self.statement.currency)

    @property
    def lines(self) -> Moved:
        """What all lines come to: the way from the opening to the closing."""
        return sum_moved(self.kinds.values(), self.statement.currency)

    @property
    def to_settle(self) -> Money:
        """What is paid or collected: the net less what is carried or converted."""
        return self.statement.to_settle

    @property
    def reference(self) -> str:
        """What a payment of this statement is recognised by; all its versions have the same."""
        return remittance_reference(self.network_id, self.statement.number)


@dataclass(frozen=True, slots=True)
class AdjustmentDescription:
    """All that a document of an adjustment statement says but its lines.

    `reasons` is what its lines come to by why they correct. `block` is the sealed block that its
    last place lies in; None until there is one, and the same for ever after.
    """

    network_id: int
    statement: AdjustmentStatement
    zone: str
    reasons: dict[AdjustmentReason, Moved]
    block: Block | None

    @property
    def lines(self) -> Moved:
        """What all lines come to."""
        return sum_moved(self.reasons.values(), self.statement.currency)

    @property
    def reference(self) -> str:
        """It has none: nothing is paid on its account."""
        return ""


def sides_of(line: Movement | KindSum) -> tuple[Money, Money]:
    """Tell by how much a line, or many, make the partner owe more, and be owed more."""
    zero = Money.zero(line.amount.currency)
    assert line.type in SCOPE
    return (line.amount, zero) if line.type == SCOPE[0] else (zero, -line.amount)


def sum_moved(parts: Iterable[Moved], currency: str) -> Moved:
    """Add up what lines of several kinds come to."""
    return sum(parts, start=Moved(0, Money.zero(currency), Money.zero(currency)))


def remittance_reference(network_id: int, number: int) -> str:
    """Write the reference of a statement: ISO 11649, which banks carry and check.

    RF, two check digits, the network in base 36, and the statement's number in its last eight
    digits: the same for ever, and no two statements share one.
    """
    assert network_id >= 0
    assert 0 < number < 10**NUMBER_DIGITS, "ISO 11649 has room for no longer number"
    body = f"{_base36(network_id)}{number:0{NUMBER_DIGITS}d}"
    # Letters count as two digits, A being 10, in the check digits of ISO 7064 (mod 97-10).
    digits = "".join(str(_DIGITS.index(sign)) for sign in f"{body}RF00")
    return f"RF{98 - int(digits) % 97:02d}{body}"


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
