"""Partners and the terms agreed with them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from partners.agreements.errors import InvalidCountry, InvalidTerms
from payouts.money import Money

BASIS_POINTS_MAX = 10_000
RETURN_WINDOW_DAYS_MAX = 365
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class PartnerRole(StrEnum):
    """What a partner does in the network; one firm may do several."""

    MERCHANT = "merchant"
    SUPPLIER = "supplier"
    BRAND = "brand"
    SPONSOR = "sponsor"


class PartnerState(StrEnum):
    """Whether a partner takes part."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class UnspentTo(StrEnum):
    """Who gets earned value that lapsed unspent: the network, or whoever paid for it."""

    NETWORK = "network"
    FUNDER = "funder"


@dataclass(frozen=True, slots=True)
class Partner:
    """A counterparty with accounts in the network's book."""

    partner_id: UUID
    name: dict[str, str]
    roles: frozenset[PartnerRole]
    country: str
    state: PartnerState


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of the terms between a partner and the network.

    It is in force from `effective_from` until before `effective_to`. Versions are never edited;
    the next one gives its predecessor its end. `unspent_to` gets what purchases there earned and
    nobody spent in time.
    """

    agreement_id: UUID
    partner_id: UUID
    version: int
    currency: str
    purchase_fee_bps: int
    acceptance_fee_bps: int
    experience_commission_bps: int
    return_window_days: int
    effective_from: datetime
    effective_to: datetime | None = None
    unspent_to: UnspentTo = UnspentTo.NETWORK


@dataclass(frozen=True, slots=True)
class PartnerBalance:
    """Where a partner and the network stand with each other in one currency.

    `receivable` the partner owes, `payable` it is owed; pending parts wait for a return window or
    a service date. `billed` and `due` come from closed settlement cycles and await payment.
    """

    partner_id: UUID
    currency: str
    receivable_pending: Money
    receivable: Money
    payable_pending: Money
    payable: Money
    billed: Money
    due: Money

    @property
    def net(self) -> Money:
        """What the partner is owed on balance, pending parts left aside; below zero it owes."""
        return self.payable + self.due - self.receivable - self.billed


BALANCE_ACCOUNTS = {
    "receivable_pending": ("partner_recv_pending",),
    "receivable": ("partner_recv",),
    "payable_pending": ("partner_payable_pending",),
    "payable": ("partner_payable",),
    "billed": ("settle_recv",),
    "due": ("settle_payable", "transfer_clearing"),
}
"""Which account types each part of a partner's balance is the sum of."""


def check_country(country: str) -> str:
    """Let a country code through; raises InvalidCountry."""
    if not _COUNTRY.fullmatch(country):
        raise InvalidCountry(country=country[:20])
    return country


def check_terms(fees_bps: dict[str, int], return_window_days: int) -> None:
    """Let the numbers of an agreement through; raises InvalidTerms naming the wrong one."""
    for name, bps in fees_bps.items():
        if not 0 <= bps <= BASIS_POINTS_MAX:
            raise InvalidTerms(path=(name,), given=bps)
    if not 0 <= return_window_days <= RETURN_WINDOW_DAYS_MAX:
        raise InvalidTerms(path=("return_window_days",), given=return_window_days)
