"""Events of points: they are owed to members in points, and stand against money in the position.

Whoever funds points owes money for them, at a rate that the journal's note names. Between the two
stands the network's position: in points what members may still spend, in money what it was paid
for them. No journal has points and money in it without both legs of the position.
"""

from uuid import UUID

from payouts.events.model import Lines, PointsLines, business_event, owned, reversed_lines
from payouts.ledger import AnyLine, Line, credit, debit, own_account
from payouts.money import POINTS_UNIT, Money, Points


@business_event("points.pending", reversal="points.return_pending", source="a member earns points")
def points_pending(
    *, funder_id: UUID | None, member_id: UUID, points: Points, owed: Money
) -> PointsLines:
    """A member is promised points; who funds them will owe what they cost, or it is our expense.

    Both legs go through the network's position, at the rate that the journal's note names.
    """
    return (
        _funded("partner_recv_pending", funder_id, owed),
        *_bought(points, owed),
        credit(owned("member_pending", member_id, POINTS_UNIT), points),
    )


@business_event(
    "points.return_pending",
    reversal="points.pending",
    source="what the points were promised for came back",
)
def points_return_pending(
    *, funder_id: UUID | None, member_id: UUID, points: Points, owed: Money
) -> PointsLines:
    """A promise of points is taken back, in whole or in part, before it was confirmed."""
    return reversed_lines(
        points_pending(funder_id=funder_id, member_id=member_id, points=points, owed=owed)
    )


@business_event("points.confirm", source="the return window is over")
def points_confirm(*, member_id: UUID, points: Points) -> PointsLines:
    """Promised points become the member's to spend.

    What their funder will owe for them becomes due by `points.owe`, beside it.
    """
    return (
        debit(owned("member_pending", member_id, POINTS_UNIT), points),
        credit(owned("member_available", member_id, POINTS_UNIT), points),
    )


@business_event("points.owe", source="the return window is over")
def points_owe(*, funder_id: UUID, owed: Money) -> Lines:
    """What a partner promised for points that were confirmed is owed, until a cycle settles it."""
    return (
        debit(owned("partner_recv", funder_id, owed.currency), owed),
        credit(owned("partner_recv_pending", funder_id, owed.currency), owed),
    )


@business_event("points.return_available", source="what the points were earned for came back")
def points_return_available(
    *, funder_id: UUID | None, member_id: UUID, points: Points, owed: Money, debt: Money
) -> PointsLines:
    """Points that were confirmed are taken back, as far as the member has them.

    What those are worth that it spent meanwhile it owes in money (`debt`), of what their funder had
    paid for all (`owed`): points are never owed by a member.
    """
    return (
        debit(owned("member_available", member_id, POINTS_UNIT), points),
        *reversed_lines(_bought(points, owed - debt)),
        debit(owned("member_recv", member_id, debt.currency), debt),
        *reversed_lines((_funded("partner_recv", funder_id, owed),)),
    )


@business_event("points.redeem", source="a member turns points into money to spend")
def points_redeem(*, member_id: UUID, points: Points, worth: Money) -> PointsLines:
    """A member's points become money in its wallet, at the rate that the journal's note names.

    What is bought with it is an event of its own, in money.
    """
    return (
        debit(owned("member_available", member_id, POINTS_UNIT), points),
        *reversed_lines(_bought(points, worth)),
        credit(owned("member_available", member_id, worth.currency), worth),
    )


@business_event("points.expire", source="the day on which a lot of points ends")
def points_expire(
    *, member_id: UUID, points: Points, worth: Money, returned_to: UUID | None
) -> PointsLines:
    """Points end on their day: what was paid for them is the network's, or goes back to the funder."""
    taker = own_account("breakage_cashback", worth.currency)
    if returned_to is not None:
        taker = owned("partner_payable", returned_to, worth.currency)
    return (
        debit(owned("member_available", member_id, POINTS_UNIT), points),
        *reversed_lines(_bought(points, worth)),
        credit(taker, worth),
    )


def _bought(points: Points, worth: Money) -> tuple[AnyLine, AnyLine]:
    """Put money into the network's position and take points out of it."""
    return (
        credit(own_account("fx_position", worth.currency), worth),
        debit(own_account("fx_position", POINTS_UNIT), points),
    )


def _funded(kind: str, funder_id: UUID | None, owed: Money) -> Line:
    if funder_id is None:
        return debit(own_account("bonus_expense", owed.currency), owed)
    return debit(owned(kind, funder_id, owed.currency), owed)
