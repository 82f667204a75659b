"""Accruals, and the arithmetic of giving them back: exact at every step, whatever the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from partners.agreements import UnspentTo
from partners.rules import Funder, FundingShare
from payouts.money import Money, Rounding, allocate, proportion


class AccrualState(StrEnum):
    """Where an accrual stands.

    Pending until its return window is over, then available; reversed once the whole purchase is
    returned; expired when all that no return took back lapsed unspent.
    """

    PENDING = "pending"
    AVAILABLE = "available"
    REVERSED = "reversed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AccrualShare:
    """What one funder pays of an accrual's cashback, and how much of it was given back.

    `expired` lapsed unspent and was not given back since.
    """

    line: int
    funder: Funder
    partner_id: UUID | None
    amount: Money
    reversed: Money
    expired: Money

    @property
    def remaining(self) -> Money:
        """What the funder still pays."""
        return self.amount - self.reversed


@dataclass(frozen=True, slots=True)
class Accrual:
    """What a purchase earned its member, who funds it, and the network's fee on the purchase.

    What is unspent at `expires_at` lapses to whom `unspent_to` names; `cashback_expired` has.

    `partner_id` is the merchant, who also owes the fee. `debt_offset` is the part of it that paid
    the member's debt when it was confirmed.
    """

    accrual_id: UUID
    purchase_id: UUID
    partner_id: UUID
    member_id: UUID
    rule_id: UUID | None
    rate_bps: int
    state: AccrualState
    cashback: Money
    cashback_reversed: Money
    fee: Money
    fee_reversed: Money
    debt_offset: Money
    earned_at: datetime
    available_at: datetime
    confirmed_at: datetime | None
    pending_journal_id: UUID | None
    confirm_journal_id: UUID | None
    shares: tuple[AccrualShare, ...]
    cashback_expired: Money
    expires_at: datetime | None = None
    unspent_to: UnspentTo = UnspentTo.NETWORK

    @property
    def remaining(self) -> Money:
        """The cashback that no return has taken back."""
        return self.cashback - self.cashback_reversed

    @property
    def fee_remaining(self) -> Money:
        """The fee that no return has given back."""
        return self.fee - self.fee_reversed


@dataclass(frozen=True, slots=True)
class Reversal:
    """What one return takes back of an accrual; `shares` are in the order of the accrual's own.

    `lapsed` is the part of each share that is taken from whom it lapsed to, not from the member.
    """

    cashback: Money
    fee: Money
    shares: tuple[Money, ...]
    lapsed: tuple[Money, ...]

    @property
    def cashback_lapsed(self) -> Money:
        """What of the cashback the member no longer had, because it lapsed."""
        return sum(self.lapsed, start=Money.zero(self.cashback.currency))


def expiry_of(available_at: datetime, lifetime_days: int | None) -> datetime | None:
    """Tell when value lapses that is available from an instant on; without a lifetime, never."""
    return None if lifetime_days is None else available_at + timedelta(days=lifetime_days)


def state_of(accrual: Accrual, remaining: Money, expired: Money) -> AccrualState:
    """Tell where a confirmed or pending accrual stands that no whole return has reversed."""
    if accrual.confirmed_at is None:
        return AccrualState.PENDING
    is_all_lapsed = expired == remaining and bool(expired)
    return AccrualState.EXPIRED if is_all_lapsed else AccrualState.AVAILABLE


def funder_of(share: AccrualShare) -> str:
    """Name who pays a share, as lots name it."""
    return "network" if share.partner_id is None else f"partner:{share.partner_id}"


def share_cashback(cashback: Money, funding: Sequence[FundingShare]) -> tuple[AccrualShare, ...]:
    """Split a cashback among its funders by weight, to the last minor unit."""
    if not cashback:
        return ()
    parts = allocate(cashback, [share.weight for share in funding])
    zero = Money.zero(cashback.currency)
    return tuple(
        AccrualShare(line, share.funder, share.partner_id, part, zero, zero)
        for line, (share, part) in enumerate(zip(funding, parts, strict=True), start=1)
    )


def reversal_for(accrual: Accrual, *, returned: Money, amount: Money) -> Reversal:
    """Compute what is to be taken back when `returned` of a purchase of `amount` is returned.

    `returned` counts all returns up to and including this one. What they take back together is
    the proportion of the whole, rounded half to even once, so that the steps never drift apart
    from the sum and a full return leaves nothing. The funders' parts are an exact split of it, and
    of each what lapsed is taken first: the member gives back only what there was to spend.
    """

    def so_far(whole: Money) -> Money:
        return proportion(
            whole, part=returned.minor, whole=amount.minor, rounding=Rounding.HALF_EVEN
        )

    cashback = so_far(accrual.cashback)
    targets = [Money.zero(amount.currency)] * len(accrual.shares)
    if accrual.shares:
        targets = allocate(cashback, [share.amount.minor for share in accrual.shares])
    shares = tuple(
        target - share.reversed for target, share in zip(targets, accrual.shares, strict=True)
    )
    return Reversal(
        cashback=cashback - accrual.cashback_reversed,
        fee=so_far(accrual.fee) - accrual.fee_reversed,
        shares=shares,
        lapsed=tuple(
            min(part, share.expired) for part, share in zip(shares, accrual.shares, strict=True)
        ),
    )
