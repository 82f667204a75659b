"""Deciding what becomes of a net: paid, collected, converted, or left standing."""

from dataclasses import dataclass
from datetime import datetime

from payouts.money import Money
from payouts.settlement.conversion import CarriedBecause, Conversion, Quote
from payouts.settlement.model import Outcome, Position, Statement, decide_outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a net; `remainder` is what of one that is settled stays where it is."""

    outcome: Outcome
    remainder: Money
    conversion: Conversion | None = None
    carried_because: CarriedBecause | None = None


def decide_net(net: Money, minimum: Money, quote: Quote | None, *, now: datetime) -> Decision:
    """Say what becomes of a net; one that is to be converted is, whole, or it is carried.

    Neither the minimum nor the payout multiple counts for it: they do where it is paid.
    """
    nothing = Money.zero(net.currency)
    if quote is None or not net:
        outcome, remainder = decide_outcome(net, minimum)
        is_carried = outcome is Outcome.CARRIED
        because = CarriedBecause.BELOW_MINIMUM if is_carried else None
        return Decision(outcome, remainder, carried_because=because)
    made = quote.convert(net, now=now)
    if isinstance(made, CarriedBecause):
        return Decision(Outcome.CARRIED, nothing, carried_because=made)
    return Decision(Outcome.CONVERTED, nothing, conversion=made)


def is_decided_anew(
    position: Position, standing: Statement | None, quote: Quote | None, *, now: datetime
) -> bool:
    """Tell whether a statement is issued anew: its position, or what is converted, is another.

    A conversion that stands keeps its rate; what waited for a rate is converted once there is one.
    """
    if standing is None or standing.position != position:
        return True
    into = quote.into if quote else None
    if standing.conversion is not None:
        return into != standing.conversion.amount.currency
    if quote is None:
        return standing.waits_for_rate
    if standing.outcome is Outcome.CARRIED:
        return isinstance(quote.convert(standing.net, now=now), Conversion)
    return standing.outcome is not Outcome.NETTED
