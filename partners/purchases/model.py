"""Purchases and returns, as partners report them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from partners.members import MemberNotFound
from partners.purchases.errors import AmountNotPositive, InvalidCategory, InvalidExternalId
from payouts.money import MINOR_MAX, AmountOutOfRange, Money

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a merchant's clock may be ahead of ours."""

EXTERNAL_ID_LENGTH_MAX = 255
CATEGORY_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Report:
    """What a partner says of a purchase; saying it again says nothing new.

    The member is named by `member_id`, or by `member_external_id`, the partner's own identity of
    them. `purchase_id` is what the purchase is called if it is new.
    """

    purchase_id: UUID
    partner_id: UUID
    member_id: UUID | None
    external_id: str
    amount: Money
    category: str | None
    purchased_at: datetime
    actor: str
    member_external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A member's purchase at a partner, known there as `external_id`."""

    purchase_id: UUID
    partner_id: UUID
    member_id: UUID
    external_id: str
    amount: Money
    returned: Money
    category: str | None
    agreement_id: UUID
    purchased_at: datetime
    recorded_at: datetime

    def is_told_by(self, report: Report, member_id: UUID | None) -> bool:
        """Tell whether a report, of this member, says of it what its partner said before."""
        return (
            self.partner_id == report.partner_id
            and self.member_id == member_id
            and self.external_id == report.external_id
            and self.amount == report.amount
            and self.category == report.category
            and self.purchased_at == report.purchased_at
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """A purchase that stands; `replayed` when it was reported before."""

    purchase: Purchase
    replayed: bool


@dataclass(frozen=True, slots=True)
class PurchaseReturn:
    """Part of a purchase that came back.

    `cashback` was taken back from the member, `debt` of it as a debt; `fee` was given back to the
    merchant.
    """

    return_id: UUID
    purchase_id: UUID
    partner_id: UUID
    member_id: UUID
    external_id: str
    amount: Money
    cashback: Money
    fee: Money
    debt: Money
    returned_at: datetime


def check_report(external_id: str, amount: Money, category: str | None = None) -> None:
    """Let the shape of a report through.

    Raises InvalidExternalId, InvalidCategory, AmountNotPositive, AmountOutOfRange.
    """
    if not 1 <= len(external_id) <= EXTERNAL_ID_LENGTH_MAX or "\x00" in external_id:
        raise InvalidExternalId(path=("external_id",))
    if category is not None and (
        not 1 <= len(category) <= CATEGORY_LENGTH_MAX or "\x00" in category
    ):
        raise InvalidCategory(path=("category",))
    if amount.minor <= 0:
        raise AmountNotPositive(path=("amount",))
    if amount.minor > MINOR_MAX:
        raise AmountOutOfRange(path=("amount",))


def check_member_named(report: Report) -> None:
    """Let through a report that names its member once; raises MemberNotFound for a name nobody has."""
    assert (report.member_id is None) != (report.member_external_id is None)
    name = report.member_external_id
    if name is not None and (not 1 <= len(name) <= EXTERNAL_ID_LENGTH_MAX or "\x00" in name):
        raise MemberNotFound(path=("member_external_id",))
