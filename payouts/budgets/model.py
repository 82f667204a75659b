"""Budgets and their slices, as values.

A budget is a reserve and slices, each an account that never falls below zero. Who spends takes
from one slice, so those who spend at once mostly do not wait for each other; an empty slice is
filled again from the reserve, and in the end from the other slices. All of them together never
have more than the cap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from payouts.events import budget_fill
from payouts.ledger import Account, Cause, Line
from payouts.money import Money

SLICES_MAX = 64
RESERVE = 0
_FILLS_A_SLICE = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """What a campaign may spend, what it has spent, and what is left; always in sum the cap."""

    budget_id: UUID
    cap: Money
    spent: Money
    slices: int

    @property
    def left(self) -> Money:
        """What can still be spent."""
        return self.cap - self.spent


@dataclass(frozen=True, slots=True)
class BudgetBalance:
    """What a budget was granted and what of it was spent, as its journals say."""

    cap: Money
    spent: Money

    @property
    def left(self) -> Money:
        """What can still be spent."""
        return self.cap - self.spent


@dataclass(frozen=True, slots=True)
class Spending:
    """An amount that a cause would take of a budget, and who says so."""

    budget_id: UUID
    amount: Money
    cause: Cause
    actor: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How a budget was set up."""

    budget_id: UUID
    cap: Money
    slices: int

    @property
    def granted(self) -> Account:
        """The account of all that was granted."""
        return Account("budget_granted", str(self.budget_id), self.cap.currency)

    @property
    def spent(self) -> Account:
        """The account of all that was spent."""
        return Account("budget_spent", str(self.budget_id), self.cap.currency)

    def counts(self, amount: Money) -> bool:
        """Tell whether an amount is one that the budget may pay: of its unit, more than nothing."""
        return amount.currency == self.cap.currency and amount.minor > 0

    def slice(self, number: int) -> Account:
        """The account of a slice; number 0 is the reserve."""
        return Account("budget", str(self.budget_id), self.cap.currency, str(number))

    def all_slices(self) -> list[Account]:
        """The reserve and every slice."""
        return [self.slice(number) for number in range(self.slices + 1)]

    def slice_for(self, cause: Cause) -> int:
        """The slice from which a cause spends: always the same one."""
        digest = sha256(f"{cause.kind}:{cause.id}".encode()).digest()
        return 1 + int.from_bytes(digest[:4], "big") % self.slices

    def fill(self, number: int, lacking: Money, left: Mapping[Account, Money]) -> tuple[Line, ...]:
        """Move at least what a slice lacks into it: from the reserve, then from the fullest.

        All together they have enough. More than is lacking is moved where there is more, so that
        the next who spend from the slice find something there.
        """
        chunk = max(lacking.minor, self.cap.minor // (self.slices * _FILLS_A_SLICE))
        reserve = self.slice(RESERVE)
        from_reserve = min(left[reserve].minor, chunk)
        taken = {reserve: from_reserve}
        missing = lacking.minor - from_reserve
        own = self.slice(number)
        others = [one for one in left if one not in (reserve, own)]
        for other in sorted(others, key=lambda one: (-left[one].minor, one.sub)):
            if missing <= 0:
                break
            taken[other] = min(left[other].minor, max(missing, left[other].minor // 2))
            missing -= taken[other]
        moves = [
            (int(one.sub), Money(minor, self.cap.currency)) for one, minor in taken.items() if minor
        ]
        return budget_fill(budget_id=self.budget_id, number=number, taken=moves)


def spend_key(budget_id: UUID, cause: Cause) -> str:
    """The key under which a cause spends of a budget, once."""
    return f"budget.spend:{budget_id}:{cause.kind}:{cause.id}"
