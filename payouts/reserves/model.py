"""Reserves: how much of what a partner is paid is held back, and the postings of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from payouts.events import reserve_carry, reserve_keep, reserve_release
from payouts.ledger import Cause, Draft
from payouts.money import Money, Rounding, round_to_multiple, share_of
from payouts.settlement import Moved

SHARE_BPS_MAX = 5_000
"""At most half is held back, so that something is left to pay of the least that is paid."""

HOLD_DAYS_MAX = 3_650

RELEASE_KIND = "reserve.release"
"""The kind of due work that gives back what was held back."""

CARRIES = ("reserve.carry",)
"""Journals by which what was held back comes into a partner's running account again."""


@dataclass(frozen=True, slots=True)
class ReservePolicy:
    """Which share of what is paid in a currency is held back, and for how many days.

    It is for all partners of the network, or for one; a share of nothing holds nothing back.
    """

    policy_id: UUID
    currency: str
    partner_id: UUID | None
    share_bps: int
    hold_days: int
    published_by: str
    published_at: datetime

    def share_of(self, paid: Money) -> Money:
        """Take what is held back of a payment: what is left can be paid as the whole could.

        Rounded half to even, and then down to the currency's multiple.
        """
        share = share_of(paid, basis_points=self.share_bps, rounding=Rounding.HALF_EVEN)
        return round_to_multiple(share)

    def releases_at(self, now: datetime) -> datetime:
        """Tell when what is held back now is given back."""
        return now + timedelta(days=self.hold_days)


@dataclass(frozen=True, slots=True)
class Reserve:
    """What was held back of one partner's payment in one cycle, and when it is given back."""

    reserve_id: UUID
    policy_id: UUID
    cycle_id: UUID
    partner_id: UUID
    amount: Money
    withheld_at: datetime
    release_at: datetime
    withheld_by_journal: UUID
    released_at: datetime | None
    released_by_journal: UUID | None


@dataclass(frozen=True, slots=True)
class ReserveDescription:
    """What a statement says of reserves.

    `released` is what came back among its lines. The rest is known once its cycle is approved:
    what is `withheld`, until when, and the `payment`, a net, which is what is settled without it.
    """

    released: Moved
    withheld: Money | None
    release_at: datetime | None
    payment: Money | None


def policy_for(policies: Sequence[ReservePolicy], partner_id: UUID) -> ReservePolicy | None:
    """Find the policy of a partner among those in force: its own goes before the network's."""
    by_partner = {one.partner_id: one for one in policies}
    return by_partner.get(partner_id) or by_partner.get(None)


def withhold_journal(
    reserve_id: UUID, *, partner_id: UUID, amount: Money, actor: str, now: datetime
) -> Draft:
    """Set a part of what a partner is to be paid aside."""
    return Draft(
        kind="reserve.keep",
        key=f"reserve:{reserve_id}:keep",
        cause=Cause("reserve", str(reserve_id)),
        lines=reserve_keep(partner_id=partner_id, amount=amount),
        actor=actor,
        effective_at=now,
    )


def release_journals(one: Reserve, *, actor: str, now: datetime) -> tuple[Draft, Draft]:
    """Owe a partner again what was set aside, in the account that the next cycle settles."""
    cause = Cause("reserve", str(one.reserve_id))
    release = Draft(
        kind="reserve.release",
        key=f"reserve:{one.reserve_id}:release",
        cause=cause,
        lines=reserve_release(partner_id=one.partner_id, amount=one.amount),
        actor=actor,
        effective_at=now,
    )
    carry = Draft(
        kind="reserve.carry",
        key=f"reserve:{one.reserve_id}:carry",
        cause=cause,
        lines=reserve_carry(partner_id=one.partner_id, amount=one.amount),
        actor=actor,
        effective_at=now,
    )
    return release, carry
