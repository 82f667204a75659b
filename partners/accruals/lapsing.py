"""What of a lot lapses: the arithmetic, and to whom it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from partners.accruals.model import Accrual, AccrualShare, funder_of
from payouts.ledger import Account, Balance, Lot, LotUses
from payouts.money import Money


@dataclass(frozen=True, slots=True)
class Lapse:
    """What becomes of an expired lot at one moment.

    `offset` pays the member's debt, `counted` lapses and counts as lapsed of the accrual's share
    `line`. `rest` lapses too, but of the accrual nothing was left: its value had been taken from
    other lots when the purchase was returned, so it belongs to no funder.
    """

    lot: Lot
    number: int
    offset: Money
    counted: Money
    rest: Money
    accrual_id: UUID | None
    line: int
    effective_at: datetime

    @property
    def returned_to(self) -> UUID | None:
        """The funder whose the counted part is from now on; None when it is the network's."""
        kind, _, partner_id = self.lot.funder.partition(":")
        is_returned = self.lot.lapses_to == "funder" and kind == "partner"
        return UUID(partner_id) if is_returned else None


def plan_lapses(
    lots: Sequence[tuple[Lot, LotUses]],
    *,
    balances: Mapping[Account, Balance],
    accruals: Mapping[UUID, Accrual],
    now: datetime,
) -> list[Lapse]:
    """Tell what of each lot is taken now, in order: never more than its account has free."""
    free = {account: balance.available for account, balance in balances.items()}
    left = {
        (one.accrual_id, share.line): share.remaining - share.expired
        for one in accruals.values()
        for share in one.shares
    }
    found = []
    for lot, uses in sorted(lots, key=lambda one: (one[0].expires_at, one[0].lot_id)):
        taken = min(lot.remaining, free[lot.account])
        if taken.minor <= 0:
            continue
        free[lot.account] -= taken
        debt = Account("member_recv", lot.account.owner_id, lot.account.unit)
        offset = min(max(free[debt], Money.zero(taken.currency)), taken)
        free[debt] -= offset
        accrual, share = _share_of(lot, accruals)
        counted = taken - offset
        if accrual is not None and share is not None:
            place = (accrual.accrual_id, share.line)
            counted = min(counted, left[place])
            left[place] -= counted
        assert lot.expires_at is not None, "only a lot with an end is found expired"
        found.append(
            Lapse(
                lot=lot,
                number=uses.uses,
                offset=offset,
                counted=counted,
                rest=taken - offset - counted,
                accrual_id=accrual.accrual_id if accrual else None,
                line=share.line if share else 0,
                # What came back after its end was not there at its end.
                effective_at=now if uses.given_back else lot.expires_at,
            )
        )
    return found


def _share_of(
    lot: Lot, accruals: Mapping[UUID, Accrual]
) -> tuple[Accrual | None, AccrualShare | None]:
    if lot.origin.kind != "accrual":
        return None, None
    accrual = accruals[UUID(lot.origin.id)]
    shares = [one for one in accrual.shares if funder_of(one) == lot.funder]
    return accrual, shares[0]
