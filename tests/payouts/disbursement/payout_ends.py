"""How many payouts must have ended: what the provider moved is what the books say, each once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.payouts.disbursement.payout_life import PayoutLife

ENDS = ("paid", "returned", "failed", "cancelled")
CLEARING = ("transfer_clearing", "member_payout_clearing", "settle_clearing")

_BALANCES = (
    "SELECT a.type, a.owner_id, sum(p.amount)::bigint FROM payouts.posting p"
    " JOIN payouts.account a USING (book_id, account_id)"
    " WHERE a.type = ANY(:types) GROUP BY a.type, a.owner_id"
)
_JOURNALS = (
    "SELECT cause_id, sum(CASE WHEN kind IN ('cashback_payout.request', 'settlement.transfer')"
    " THEN 1 ELSE -1 END)::int FROM payouts.journal WHERE kind IN ('cashback_payout.request',"
    " 'settlement.transfer', 'cashback_payout.return', 'settlement.transfer_return')"
    " AND cause_kind = 'payout' GROUP BY cause_id"
)
_BOOKED = (
    "SELECT -sum(amount)::bigint FROM payouts.provider_transaction"
    " WHERE type IN ('transfer', 'transfer_refund')"
)


async def wrong_ends(life: PayoutLife, superuser: AsyncConnection) -> list[str]:
    """Everything that does not agree at the end, in words."""
    state = await life.bank.double.state()
    orders = list(
        await superuser.execute(
            text(
                "SELECT payout_id, kind, coalesce(member_id, partner_id) AS owner_id, amount,"
                " state, taken, cycle_id FROM payouts.payout ORDER BY payout_id"
            )
        )
    )
    taken = dict(map(tuple, await superuser.execute(text(_JOURNALS))))
    found = [f"{len(orders)} were made of {life.payouts} orders"] * (len(orders) != life.payouts)
    by_attempt = dict(
        map(
            tuple,
            await superuser.execute(
                text("SELECT attempt_id::text, payout_id FROM payouts.payout_attempt")
            ),
        )
    )
    found += _wrong_orders(orders, taken, _moved(state), _banked(state, by_attempt))
    found += await _wrong_sums(life, superuser, orders, state)
    found += await _wrong_cycles(superuser, orders)
    return found


def _moved(state: dict[str, Any]) -> dict[str, list[int]]:
    """What the transfers of each order still move."""
    moved: dict[str, list[int]] = {}
    for one in state["transfers"]:
        left = one["amount"] - one["amount_reversed"]
        moved.setdefault(one["metadata"]["payout"], []).extend([left] * bool(left))
    return moved


def _banked(state: dict[str, Any], by_attempt: dict[str, UUID]) -> dict[UUID, list[int]]:
    """What arrived at banks for each order."""
    banked: dict[UUID, list[int]] = {}
    for one in state["payouts"]:
        if one["status"] == "paid":
            order = by_attempt[one["metadata"]["attempt"]]
            banked.setdefault(order, []).append(one["amount"])
    return banked


def _wrong_orders(
    orders: list[Any],
    taken: dict[str, int],
    moved: dict[str, list[int]],
    banked: dict[UUID, list[int]],
) -> Iterator[str]:
    for one in orders:
        if one.state not in ENDS:
            yield f"{one.payout_id} is still {one.state}"
            continue
        is_paid = one.state == "paid"
        wanted = [one.amount] * is_paid
        if (one.taken, taken.get(str(one.payout_id), 0)) != (is_paid, is_paid):
            yield f"{one.payout_id} is {one.state} and taken {taken.get(str(one.payout_id), 0)} times"
        if (there := moved.get(str(one.payout_id), [])) != wanted:
            yield f"{one.payout_id} of {one.amount} is {one.state}, transferred: {there}"
        at_bank = banked.get(one.payout_id, [])
        if one.kind == "cashback" and at_bank != wanted:
            yield f"{one.payout_id} of {one.amount} is {one.state}, at the bank: {at_bank}"


async def _wrong_sums(
    life: PayoutLife, superuser: AsyncConnection, orders: list[Any], state: dict[str, Any]
) -> list[str]:
    sent = sum(one["amount"] - one["amount_reversed"] for one in state["transfers"])
    paid = sum(one.amount for one in orders if one.state == "paid")
    booked = (await superuser.execute(text(_BOOKED))).scalar_one() or 0
    found = [f"sent {sent}, paid by the orders {paid}, booked {booked}"] * (
        not sent == paid == booked
    )
    types = [*CLEARING, "member_available", "settle_payable", "stripe_balance"]
    rows = list(await superuser.execute(text(_BALANCES), {"types": types}))
    found += [
        f"{kind} of {owner}: {left}" for kind, owner, left in rows if kind in CLEARING and left
    ]
    kept: Counter[str] = Counter()
    for one in orders:
        if one.state != "paid":
            kept[str(one.owner_id)] += one.amount
    owed = {owner: -left for kind, owner, left in rows if kind in types[3:5] and left}
    if owed != dict(kept):
        found.append(f"owed in the books {owed}, not paid by the orders {dict(kept)}")
    held = sum(left for kind, _, left in rows if kind == "stripe_balance")
    theirs = state["balances"]["platform"]["sar"]
    if held != theirs["available"] + theirs["pending"]:
        found.append(f"the provider holds {theirs}, the books say {held}")
    if sum(life.given.values()) != paid + sum(kept.values()):
        found.append("an order is not of the amount that was asked for")
    return found


async def _wrong_cycles(superuser: AsyncConnection, orders: list[Any]) -> list[str]:
    rows = await superuser.execute(text("SELECT cycle_id, state FROM payouts.settlement_cycle"))
    cycles = dict(map(tuple, rows))
    states: dict[UUID, set[str]] = {}
    for one in orders:
        if one.cycle_id:
            states.setdefault(one.cycle_id, set()).add(one.state)
    return [
        f"cycle {cycle_id} is {cycles[cycle_id]}, its orders are {ends}"
        for cycle_id, ends in states.items()
        if cycles[cycle_id] != ("settled" if ends == {"paid"} else "partially_settled")
    ]
