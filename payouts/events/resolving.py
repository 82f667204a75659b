"""Events of reconciling: what an unexplained line of the outside world turned out to be.

`side` is where the line stands until then: the bank itself, or suspense for the provider. Money
in is positive, money out negative; nothing undoes a resolution but its exact inverse.
"""

from uuid import UUID

from payouts.events.model import Lines, business_event, owned
from payouts.ledger import Account, credit, debit, own_account
from payouts.money import Money

_SOURCE = "a resolution that two persons agreed on"


@business_event("reconciliation.capital_contribution", source=_SOURCE)
def reconciliation_capital_contribution(*, side: Account, amount: Money) -> Lines:
    """The owners of the network paid money in."""
    return _resolved(side, amount, own_account("capital", amount.currency))


@business_event("reconciliation.bank_fee", 24, source=_SOURCE)
def reconciliation_bank_fee(*, side: Account, amount: Money) -> Lines:
    """The bank or the provider charged, or gave back, a fee."""
    return _resolved(side, amount, own_account("processing_fee", amount.currency))


@business_event("reconciliation.write_off", 28, source=_SOURCE)
def reconciliation_write_off(*, side: Account, amount: Money) -> Lines:
    """A small difference to the outside world is written off as rounding.

    Inside nothing is ever lost to rounding: a total is split by largest remainder.
    """
    return _resolved(side, amount, own_account("rounding", amount.currency))


@business_event("reconciliation.cash_in_transit", 26, source=_SOURCE)
def reconciliation_cash_in_transit(*, side: Account, amount: Money) -> Lines:
    """The line begins or ends what is between the provider and the bank."""
    return _resolved(side, amount, own_account("cash_in_transit", amount.currency))


@business_event("reconciliation.supplier_payment", 11, source=_SOURCE)
def reconciliation_supplier_payment(*, side: Account, amount: Money, owner_id: UUID) -> Lines:
    """The network paid what it owed a supplier."""
    return _resolved(side, amount, owned("supplier_payable", owner_id, amount.currency))


@business_event("reconciliation.partner_receivable", 22, source=_SOURCE)
def reconciliation_partner_receivable(*, side: Account, amount: Money, owner_id: UUID) -> Lines:
    """A partner paid what it owed after settlement, or got it back."""
    return _resolved(side, amount, owned("settle_recv", owner_id, amount.currency))


def _resolved(side: Account, amount: Money, account: Account) -> Lines:
    return (debit(side, amount), credit(account, amount))
