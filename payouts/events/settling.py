"""Events of settling: suppliers are paid, partners are netted, paid, or collected from."""

from uuid import UUID

from payouts.events.model import Lines, business_event, exchange_lines, owned
from payouts.events.treasury import provider_movement
from payouts.ledger import Account, credit, debit, own_account
from payouts.money import Money


@business_event("supplier.prefund", 11, source="a line of the bank's statement")
def supplier_prefund(*, supplier_id: UUID, amount: Money) -> Lines:
    """The network paid a supplier in advance."""
    return (
        debit(owned("supplier_prefund", supplier_id, amount.currency), amount),
        credit(own_account("bank_cash", amount.currency), amount),
    )


@business_event("supplier.draw", 11, source="the supplier's account of what it used")
def supplier_draw(*, supplier_id: UUID, amount: Money) -> Lines:
    """A supplier took what it was owed out of what it had been paid in advance."""
    return (
        debit(owned("supplier_payable", supplier_id, amount.currency), amount),
        credit(owned("supplier_prefund", supplier_id, amount.currency), amount),
    )


@business_event("supplier.pay_invoice", 11, source="a line of the bank's statement")
def supplier_pay_invoice(*, supplier_id: UUID, amount: Money) -> Lines:
    """The network paid a supplier's invoice from its bank."""
    return (
        debit(owned("supplier_payable", supplier_id, amount.currency), amount),
        credit(own_account("bank_cash", amount.currency), amount),
    )


@business_event("settlement.net", 20, source="the approval of a settlement cycle")
def settlement_net(*, partner_id: UUID, cycle_id: UUID, receivable: Money, payable: Money) -> Lines:
    """A partner's obligations both ways are set off; they leave its running accounts.

    A correction of a statement is a movement of a later cycle; the reversal is for a defect.
    """
    unit = receivable.currency
    return (
        credit(owned("partner_recv", partner_id, unit), receivable),
        debit(owned("partner_payable", partner_id, unit), payable),
        debit(owned("settle_clearing", cycle_id, unit), receivable - payable),
    )


@business_event("settlement.position", 20, source="the approval of a settlement cycle")
def settlement_position(*, partner_id: UUID, cycle_id: UUID, net: Money) -> Lines:
    """A partner's net is what will be collected from it, or, when negative, paid to it.

    The cycle's clearing account is empty again.
    """
    unit = net.currency
    kind = "settle_recv" if net.minor > 0 else "settle_payable"
    return (
        debit(owned(kind, partner_id, unit), net),
        credit(owned("settle_clearing", cycle_id, unit), net),
    )


@business_event(
    "settlement.convert", 20, 27, source="the approval of a settlement cycle, with a quoted rate"
)
def settlement_convert(*, partner_id: UUID, cycle_id: UUID, net: Money, converted: Money) -> Lines:
    """A partner's net leaves its currency: the partner owes or is owed the amount in another.

    The cycle's clearing account is empty again; the next cycle of the other currency settles it.
    """
    unit = converted.currency
    kind = "partner_recv" if net.minor > 0 else "partner_payable"
    return (
        credit(owned("settle_clearing", cycle_id, net.currency), net),
        debit(owned(kind, partner_id, unit), converted),
        *exchange_lines(given=converted, got=net),
    )


@business_event(
    "statement.contest",
    20,
    reversal="statement.contest_rejected",
    source="a partner's dispute of a statement line",
)
def statement_contest(*, partner_id: UUID, is_payable: bool, amount: Money) -> Lines:
    """A partner contests that it owes an amount, or is owed so much less; it is not settled."""
    unit = amount.currency
    return (
        debit(owned("partner_contested", partner_id, unit), amount),
        credit(owned(_side(is_payable=is_payable), partner_id, unit), amount),
    )


@business_event(
    "statement.contest_rejected",
    20,
    reversal="statement.contest",
    source="the decision of a dispute, or its withdrawal",
)
def statement_contest_rejected(*, partner_id: UUID, is_payable: bool, amount: Money) -> Lines:
    """The partner bears what it contested: it falls into the cycle of the day."""
    unit = amount.currency
    return (
        debit(owned(_side(is_payable=is_payable), partner_id, unit), amount),
        credit(owned("partner_contested", partner_id, unit), amount),
    )


def _side(*, is_payable: bool) -> str:
    return "partner_payable" if is_payable else "partner_recv"


@business_event("statement.contest_accepted", 20, source="the decision of a dispute")
def statement_contest_accepted(*, partner_id: UUID, amount: Money) -> Lines:
    """The network bears what a partner contested."""
    return (
        debit(own_account("settlement_concession", amount.currency), amount),
        credit(owned("partner_contested", partner_id, amount.currency), amount),
    )


@business_event(
    "settlement.transfer",
    21,
    reversal="settlement.transfer_return",
    source="the approval of a payout",
)
def settlement_transfer(*, partner_id: UUID, amount: Money) -> Lines:
    """What a partner is to be paid is on its way."""
    return (
        debit(owned("settle_payable", partner_id, amount.currency), amount),
        credit(owned("transfer_clearing", partner_id, amount.currency), amount),
    )


@business_event(
    "settlement.transfer_return",
    21,
    reversal="settlement.transfer",
    source="a payout failed or was cancelled",
)
def settlement_transfer_return(*, partner_id: UUID, amount: Money) -> Lines:
    """A partner is owed again what did not arrive."""
    return (
        debit(owned("transfer_clearing", partner_id, amount.currency), amount),
        credit(owned("settle_payable", partner_id, amount.currency), amount),
    )


@business_event("settlement.paid", 21, kind="stripe.*", source="the provider's balance transaction")
def settlement_paid(*, partner_id: UUID, amount: Money) -> Lines:
    """The provider moved a partner's payout out of the network's balance."""
    clearing = owned("transfer_clearing", partner_id, amount.currency)
    nothing = Money.zero(amount.currency)
    return provider_movement(counter=clearing, gross=-amount, fee=nothing, ordered=-amount)


@business_event(
    "bank_payout.paid",
    19,
    21,
    reversal="bank_payout.returned",
    source="a line of the bank's statement",
)
def bank_payout_paid(*, clearing: Account, amount: Money) -> Lines:
    """The network's bank carried a payout of a bank file out: it is on its way no more."""
    return (
        debit(clearing, amount),
        credit(own_account("bank_cash", amount.currency), amount),
    )


@business_event(
    "bank_payout.returned",
    19,
    21,
    reversal="bank_payout.paid",
    source="a line of the bank's statement",
)
def bank_payout_returned(*, clearing: Account, amount: Money) -> Lines:
    """A payout of a bank file came back to the network's bank."""
    return (
        debit(own_account("bank_cash", amount.currency), amount),
        credit(clearing, amount),
    )


@business_event(
    "settlement.collect",
    22,
    kind="stripe.*",
    reversal="settlement.collect_returned",
    source="the provider's balance transaction",
)
def settlement_collect(*, partner_id: UUID, gross: Money, fee: Money) -> Lines:
    """What a partner owed was collected; the provider kept its fee."""
    owed = owned("settle_recv", partner_id, gross.currency)
    return provider_movement(counter=owed, gross=gross, fee=fee, ordered=gross)


@business_event(
    "settlement.collect_returned",
    22,
    kind="stripe.*",
    reversal="settlement.collect",
    source="the provider's balance transaction",
)
def settlement_collect_returned(*, partner_id: UUID, gross: Money, fee: Money) -> Lines:
    """A collection was pulled back by the partner's bank: it owes the amount again.

    A fee for the return is the network's; of the collection's fee nothing comes back.
    """
    owed = owned("settle_recv", partner_id, gross.currency)
    return provider_movement(counter=owed, gross=-gross, fee=fee, ordered=-gross)


@business_event("reserve.keep", 23, reversal="reserve.release", source="the partner's agreement")
def reserve_keep(*, partner_id: UUID, amount: Money) -> Lines:
    """A part of what a partner is to be paid is kept back against its risk."""
    return (
        debit(owned("settle_payable", partner_id, amount.currency), amount),
        credit(owned("partner_reserve", partner_id, amount.currency), amount),
    )


@business_event("reserve.release", 23, reversal="reserve.keep", source="the partner's agreement")
def reserve_release(*, partner_id: UUID, amount: Money) -> Lines:
    """What was kept back from a partner is to be paid to it after all."""
    return (
        debit(owned("partner_reserve", partner_id, amount.currency), amount),
        credit(owned("settle_payable", partner_id, amount.currency), amount),
    )


@business_event("reserve.carry", 23, source="the release of a reserve")
def reserve_carry(*, partner_id: UUID, amount: Money) -> Lines:
    """What is paid to a partner after all falls into its running account; the next cycle does."""
    return (
        debit(owned("settle_payable", partner_id, amount.currency), amount),
        credit(owned("partner_payable", partner_id, amount.currency), amount),
    )
