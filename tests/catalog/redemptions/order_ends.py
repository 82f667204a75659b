"""How many orders must have ended: what suppliers sold is what the books say, each once."""

from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.vouchers import Code
from payouts.money import Money
from tests.catalog.redemptions.order_life import FUNDED, OrderLife
from tests.catalog.redemptions.two_shops import Sold, Tango

TOLD_TO_NOBODY = "sold again, as the first was told to nobody under another key"
_ENDS = (
    "SELECT r.redemption_id, r.state, r.total, r.charged, r.charged_currency, s.name,"
    " a.supplier_key, a.sends, a.supplier_reference, a.other_references, h.amount AS held, h.captured,"
    " h.released FROM catalog.redemption r"
    " JOIN catalog.quote q USING (network_id, quote_id)"
    " JOIN catalog.redemption_attempt a USING (network_id, redemption_id)"
    " JOIN catalog.supplier s ON (s.network_id, s.supplier_id) = (q.network_id, q.supplier_id)"
    " JOIN payouts.hold h ON (h.network_id, h.hold_id) = (r.network_id, r.hold_id)"
    " ORDER BY r.redemption_id"
)
_VOUCHERS = "SELECT redemption_id, member_id, voucher_id, key_id, ciphertext FROM catalog.voucher"
_BALANCES = (
    "SELECT a.type, a.owner_id, sum(p.amount)::bigint AS amount FROM payouts.posting p"
    " JOIN payouts.account a USING (book_id, account_id)"
    " WHERE a.type IN ('supplier_payable', 'member_available') GROUP BY a.type, a.owner_id"
)
_JOURNALS = (
    "SELECT cause_id, count(*) AS number FROM payouts.journal"
    " WHERE cause_kind = 'redemption' GROUP BY cause_id"
)


async def wrong_ends(life: OrderLife, superuser: AsyncConnection) -> list[str]:
    """Everything that does not agree at the end, in words."""
    ends = list(await superuser.execute(text(_ENDS)))
    found = [f"{len(ends)} ended of {life.orders} orders"] * (len(ends) != life.orders)
    sold = _by_key(life)
    vouchers = await _vouchers(life, superuser)
    journals = dict(map(tuple, await superuser.execute(text(_JOURNALS))))
    for one in ends:
        mine = _told_as_ours(life, one, sold.pop((one.name, one.supplier_key), []))
        codes = vouchers.pop(one.redemption_id, [])
        booked = journals.pop(str(one.redemption_id), 0)
        life.counts[one.state] += 1
        if one.state == "fulfilled":
            found += _wrong_delivery(life, one, mine, codes)
        elif one.state != "failed":
            found.append(f"{one.redemption_id} is still {one.state}")
        elif mine or codes:
            found.append(f"{one.redemption_id} failed, sold {mine}, {len(codes)} codes")
        captured = one.total if one.state == "fulfilled" else 0
        if (one.held, one.captured, one.released) != (one.total, captured, one.total - captured):
            found.append(f"{one.redemption_id} is {one.state}, its hold {one.captured} captured")
        if booked != (one.state == "fulfilled"):
            found.append(f"{one.redemption_id} is {one.state}, booked {booked} times")
    life.counts[TOLD_TO_NOBODY] += len(sold.pop(("tango", Tango.OTHER_KEY), []))
    lost = life.faults["wrong_key"] - len(life.shops.told)
    if life.counts[TOLD_TO_NOBODY] > lost:
        found.append(f"{life.counts[TOLD_TO_NOBODY]} were sold again, {lost} were told to nobody")
    found += [f"{key} was sent again, told under another" for key in life.shops.sent_again]
    found += [f"sold to nobody under {key}: {orders}" for key, orders in sold.items()]
    found += [f"{len(vouchers)} vouchers and {len(journals)} journals are of no redemption"] * bool(
        vouchers or journals
    )
    return found + await _wrong_sums(life, superuser, ends)


def _by_key(life: OrderLife) -> dict[tuple[str, str], list[Sold]]:
    """What each double says it sold that is not failed."""
    sold: dict[tuple[str, str], list[Sold]] = {}
    for shop in life.shops.shops:
        for one in shop.sold():
            if not one.is_failed:
                sold.setdefault((shop.name, one.key), []).append(one)
    return sold


def _told_as_ours(life: OrderLife, one: Any, mine: list[Sold]) -> list[Sold]:
    """The orders of a key, less those of which only the dead ever heard, under another name.

    Nothing can find these again, so the redemption was ordered once more: the supplier's lie and a
    death at the same moment. They are counted.
    """
    ours = [order for order in mine if not order.is_told_of_another]
    if one.sends > 1:
        life.counts[TOLD_TO_NOBODY] += len(mine) - len(ours)
        return ours
    return mine


async def _vouchers(life: OrderLife, superuser: AsyncConnection) -> dict[Any, list[Code]]:
    """The codes that members can be shown."""
    found: dict[Any, list[Code]] = {}
    for one in await superuser.execute(text(_VOUCHERS)):
        code = life.shops.souq.vault.unseal(
            network_id=life.shops.network_id,
            voucher_id=one.voucher_id,
            key_id=one.key_id,
            ciphertext=one.ciphertext,
        )
        found.setdefault(one.redemption_id, []).append(code)
    return found


def _wrong_delivery(life: OrderLife, one: Any, mine: list[Sold], codes: list[Code]) -> list[str]:
    chosen = [order for order in mine if order.reference == one.supplier_reference]
    others = {order.reference for order in mine} - {one.supplier_reference}
    asked = [order for order in mine if not order.is_twin]
    if len(asked) > 1:
        return [f"{one.redemption_id} was sold twice as we asked twice: {asked}"]
    if len(chosen) != 1:
        return [f"{one.redemption_id} has {one.supplier_reference}, sold {mine}"]
    found = []
    shown = [(code.number.reveal(), code.pin and code.pin.reveal()) for code in codes]
    if shown != [chosen[0].code]:
        found.append(f"{one.redemption_id}: the member's codes are not those of {chosen[0]}")
    if Money(one.charged, one.charged_currency) != chosen[0].cost:
        found.append(f"{one.redemption_id}: booked {one.charged}, charged {chosen[0].cost}")
    # Whoever took the answer to the order itself for all there is has not heard of others.
    if one.other_references and set(one.other_references) != others:
        found.append(f"{one.redemption_id}: others {one.other_references}, sold {mine}")
    life.counts["others sold"] += len(others)
    life.counts["others listed"] += len(one.other_references)
    return found


async def _wrong_sums(life: OrderLife, superuser: AsyncConnection, ends: list[Any]) -> list[str]:
    found = []
    rows = list(await superuser.execute(text(_BALANCES)))
    owed: Counter[str] = Counter()
    for one in ends:
        if one.state == "fulfilled":
            owed[str(life.shops.supplier_ids[one.name])] += one.charged
    payable = {row.owner_id: -row.amount for row in rows if row.type == "supplier_payable"}
    if payable != dict(owed):
        found.append(f"owed to suppliers {payable}, charged by them {dict(owed)}")
    paid = sum(one.total for one in ends if one.state == "fulfilled")
    left = -sum(row.amount for row in rows if row.type == "member_available")
    if left != FUNDED * len(life.members) - paid:
        found.append(f"members have {left}, were given {FUNDED * len(life.members)}, paid {paid}")
    return found
