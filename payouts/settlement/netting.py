"""What netting saves: how much need not move, and how often, beside settling pair by pair."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from uuid import UUID

from payouts.money import Money
from payouts.settlement.model import Statement


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one party would pay another without the network between them; None is the network."""

    debtor: UUID | None
    creditor: UUID | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Netting:
    """What the statements of a cycle come to, gross and net, and in how many transfers."""

    gross: Money
    net: Money
    transfers: int
    bilateral_transfers: int
    converted: Money

    @property
    def saved(self) -> Money:
        """What need not move, neither here nor in a cycle of another currency."""
        return self.gross - self.net - self.converted


def draw_netting(statements: Iterable[Statement], currency: str) -> Netting:
    """Sum both sides of statements of one currency, and what of them is settled, and where."""
    gross, converted, nets = 0, 0, {}
    for one in statements:
        converted += abs(one.exchanged.minor)
        gross += abs(one.gross_receivable.minor) + abs(one.gross_payable.minor)
        if one.to_settle:
            nets[one.partner_id] = one.to_settle
    return Netting(
        gross=Money(gross, currency),
        net=Money(sum(abs(one.minor) for one in nets.values()), currency),
        transfers=len(nets),
        bilateral_transfers=len(settle_bilaterally(nets)),
        converted=Money(converted, currency),
    )


def settle_bilaterally(nets: Mapping[UUID, Money]) -> list[Transfer]:
    """Let the largest debtor pay the largest creditor until nobody owes anybody.

    A positive net is owed by the partner. What partners owe together the network gets or bears, so
    it is one of the parties. Each transfer ends one of them at least and the last ends two, so that
    there are fewer transfers than parties; the fewest there could be are not sought.
    """
    sizes: dict[UUID | None, int] = {key: one.minor for key, one in nets.items()}
    sizes[None] = -sum(sizes.values())
    currency = next((one.currency for one in nets.values()), "")
    # Among equal ones the lower id goes first, the network before all.
    debtors = [(-size, str(key or ""), key) for key, size in sizes.items() if size > 0]
    creditors = [(size, str(key or ""), key) for key, size in sizes.items() if size < 0]
    heapify(debtors)
    heapify(creditors)
    transfers = []
    while debtors:
        owes, debtor_name, debtor = heappop(debtors)
        is_owed, creditor_name, creditor = heappop(creditors)
        size = min(-owes, -is_owed)
        transfers.append(Transfer(debtor, creditor, Money(size, currency)))
        if -owes > size:
            heappush(debtors, (owes + size, debtor_name, debtor))
        if -is_owed > size:
            heappush(creditors, (is_owed + size, creditor_name, creditor))
    return transfers
