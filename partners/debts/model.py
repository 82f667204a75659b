"""What becomes of members' debts: the policy, and the arithmetic of what is left of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from payouts.ledger import Account
from payouts.money import Money

AFTER_DAYS_MAX = 3_650


class DebtTreatment(StrEnum):
    """What becomes of a debt that was not paid by later earning in time."""

    OFFSET = "offset"
    """It waits for later earning, however long."""
    WRITE_OFF = "write_off"
    """It is the network's loss."""
    RECHARGE = "recharge"
    """Who funded the value owes it; what the network funded is its loss."""


@dataclass(frozen=True, slots=True)
class DebtPolicy:
    """What becomes of debts in a network, `after_days` days after they arose."""

    policy_id: UUID
    treatment: DebtTreatment
    after_days: int | None
    published_by: str
    published_at: datetime

    def overdue_before(self, now: datetime) -> datetime | None:
        """Tell before when a debt arose that is to be ended now; None when none ever is."""
        return None if self.after_days is None else now - timedelta(days=self.after_days)


@dataclass(frozen=True, slots=True)
class Debt:
    """What a return left its member owing, `owed` at first."""

    return_id: UUID
    purchase_id: UUID
    member_id: UUID
    owed: Money
    since: datetime

    @property
    def account(self) -> Account:
        """Where it stands, with the member's other debts in its currency."""
        return Account("member_recv", str(self.member_id), self.owed.currency)


def left_of_debts(debts: Sequence[Debt], standing: Mapping[Account, Money]) -> dict[UUID, Money]:
    """Tell what is left of each debt, of what its member owes in all: the oldest were paid first."""
    left: dict[UUID, Money] = {}
    by_account: dict[Account, list[Debt]] = defaultdict(list)
    for debt in debts:
        by_account[debt.account].append(debt)
    for account, own in by_account.items():
        rest = max(standing[account], Money.zero(account.unit))
        for debt in sorted(own, key=lambda one: (one.since, one.return_id), reverse=True):
            left[debt.return_id] = min(debt.owed, rest)
            rest -= left[debt.return_id]
    return left
