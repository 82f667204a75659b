"""Events of closing: what will never be used, what belongs to the state, and the year's end."""

from collections.abc import Sequence
from uuid import UUID

from payouts.events.model import Lines, business_event, owned
from payouts.ledger import Line, credit, debit, own_account
from payouts.money import Money


@business_event("breakage.recognize", 29, source="the breakage policy, as cards are spent")
def breakage_recognize(*, brand_id: UUID, amount: Money) -> Lines:
    """Of what is expected never to be spent, the part that goes with what was spent is earned.

    It stands against all cards of the brand, so that each card keeps its own balance.
    """
    return (
        debit(owned("gc_breakage_contra", brand_id, amount.currency), amount),
        credit(owned("breakage_gc", brand_id, amount.currency), amount),
    )


@business_event("breakage.remote", 30, source="the breakage policy, once spending is remote")
def breakage_remote(*, card_id: UUID, brand_id: UUID, amount: Money) -> Lines:
    """A card will hardly be spent any more and no law asks for its value: it is earned.

    When the card is spent after all, the reversal comes first.
    """
    return (
        debit(owned("gift_card", card_id, amount.currency), amount),
        credit(owned("breakage_gc", brand_id, amount.currency), amount),
    )


@business_event("escheat.set_aside", 31, source="the law of a jurisdiction, after its dormancy")
def escheat_set_aside(*, card_id: UUID, jurisdiction: str, amount: Money) -> Lines:
    """A card's value belongs to a jurisdiction, as its law has it for what nobody claims."""
    return (
        debit(owned("gift_card", card_id, amount.currency), amount),
        credit(owned("escheat_payable", jurisdiction, amount.currency), amount),
    )


@business_event("escheat.remit", 31, source="a line of the bank's statement")
def escheat_remit(*, jurisdiction: str, amount: Money) -> Lines:
    """Unclaimed value was paid to the jurisdiction it belongs to."""
    return (
        debit(owned("escheat_payable", jurisdiction, amount.currency), amount),
        credit(own_account("bank_cash", amount.currency), amount),
    )


@business_event("year.close", 32, source="the close of a year")
def year_close(*, results: Sequence[Line]) -> Lines:
    """Revenue and expenses of a year become retained earnings, in each currency by itself.

    `results` are the accounts of revenue and expense as they stand, a debit balance positive. The
    close of a month posts nothing: it locks the month.
    """
    totals: dict[str, Money] = {}
    for one in results:
        unit = one.account.unit
        totals[unit] = totals.get(unit, Money.zero(unit)) + one.amount
    return (
        *(credit(one.account, one.amount) for one in results),
        *(debit(own_account("retained", unit), total) for unit, total in totals.items()),
    )
