"""A quote is kept, used once by its member, and never spends more than there is."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards import CardState, card_account, get_gift_card
from catalog.redemptions import (
    QUOTE_LIFE,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RedemptionCursor,
    RedemptionState,
    RewardNotRedeemable,
    list_redemptions,
    read_quotes,
    sum_redemptions,
)
from catalog.rewards import FaceNotOnSale, retire_reward
from payouts.ledger import BalanceTooLow
from payouts.money import Money
from payouts.refusal import Refusal
from tests.catalog.redemptions.conftest import Buying
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork


async def count(superuser: AsyncConnection, table: str) -> int:
    found = await superuser.execute(text(f"SELECT count(*) FROM {table}"))
    return int(found.scalar_one())


async def test_a_quote_keeps_every_line_and_what_it_rests_on(buying: Buying) -> None:
    quote = await buying.souq.quote(buying.rewards["7005"], Money(1_000, "USD"))
    lines = quote.lines
    assert [one.minor for one in (lines.face, lines.fee, lines.discount, lines.fx)] == [
        3_750,
        375,
        -94,
        0,
    ]
    assert (quote.total, quote.face) == (Money(4_031, "SAR"), Money(1_000, "USD"))
    assert quote.cost == Money(3_937, "SAR")
    assert quote.expires_at == NOW + timedelta(minutes=15)
    async with buying.souq.database.reading(buying.souq.network_id) as db:
        found = await read_quotes(db, network_id=buying.souq.network_id, quote_ids=[quote.quote_id])
    assert found == {quote.quote_id: quote}
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)


async def test_a_card_of_the_networks_own_is_the_members_at_once(souq: SmallNetwork) -> None:
    await souq.fund(15_000)
    reward_id = await souq.own_card_reward(10_000)
    one = await souq.place(await souq.quote(reward_id, souq.money(10_000)))
    assert one.state is RedemptionState.FULFILLED
    assert one.card_id is not None
    assert await souq.journals_of("redemption", one.redemption_id) == [
        ("redemption.own_card", {"member_available SAR": 10_000, "gift_card SAR": -10_000})
    ]
    assert await souq.balance(card_account(one.card_id, "SAR")) == (10_000, 0)
    async with souq.database.reading(souq.network_id) as db:
        card = await get_gift_card(db, network_id=souq.network_id, card_id=one.card_id)
    assert (card.member_id, card.face, card.state) == (
        souq.member_id,
        souq.money(10_000),
        CardState.ACTIVE,
    )


async def test_a_quote_is_used_once(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    await souq.fund(50_000)
    reward_id = await souq.own_card_reward(1_000)
    quote = await souq.quote(reward_id, souq.money(1_000))

    async def attempt(_: int) -> bool:
        try:
            await souq.place(quote)
        except QuoteUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(20)))) == 1
    assert await souq.balance(souq.wallet()) == (49_000, 0)
    for table in ("redemption", "gift_card", "voucher"):
        assert await count(superuser, f"catalog.{table}") == 1


async def test_a_suppliers_quote_is_used_once(buying: Buying, superuser: AsyncConnection) -> None:
    quote = await buying.souq.quote(buying.rewards["7001"], Money(5_000, "SAR"))

    async def attempt(_: int) -> bool:
        try:
            await buying.souq.place(quote)
        except QuoteUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(20)))) == 1
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 5_050)
    assert await count(superuser, "payouts.hold") == 1


async def test_late_foreign_and_withdrawn_quotes_are_refused(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.fund(5_000)
    reward_id = await souq.own_card_reward(1_000)
    quote = await souq.quote(reward_id, souq.money(1_000))
    with pytest.raises(QuoteExpired):
        await souq.place(quote, now=NOW + QUOTE_LIFE)
    with pytest.raises(QuoteNotFound):
        await souq.place(quote, member_id=souq.other_member_id)
    async with souq.database.writing(souq.network_id) as db:
        await retire_reward(db, network_id=souq.network_id, reward_id=reward_id, now=NOW)
    with pytest.raises(RewardNotRedeemable):
        await souq.place(quote)
    with pytest.raises(RewardNotRedeemable):
        await souq.quote(reward_id, souq.money(1_000))
    assert await count(superuser, "catalog.redemption") == 0
    assert await souq.balance(souq.wallet()) == (5_000, 0)


async def test_a_face_that_is_not_on_sale_is_not_quoted(souq: SmallNetwork) -> None:
    reward_id = await souq.own_card_reward(1_000)
    for face in (souq.money(999), Money(1_000, "USD")):
        with pytest.raises(FaceNotOnSale):
            await souq.quote(reward_id, face)


async def test_what_cannot_be_paid_changes_nothing(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.fund(999)
    reward_id = await souq.own_card_reward(1_000)
    quote = await souq.quote(reward_id, souq.money(1_000))
    with pytest.raises(BalanceTooLow):
        await souq.place(quote)
    for table in ("redemption", "gift_card", "voucher"):
        assert await count(superuser, f"catalog.{table}") == 0
    await souq.fund(1)
    assert (await souq.place(quote)).state is RedemptionState.FULFILLED


@pytest.mark.proof
async def test_redemptions_at_once_are_as_many_as_the_balance_affords(
    buying: Buying, full_counts: bool, superuser: AsyncConnection
) -> None:
    tries = 1_000 if full_counts else 160
    affordable = 100 if full_counts else 50
    souq = buying.souq
    own_id = await souq.own_card_reward(5_050)
    await souq.fund(affordable * 5_050 - 20_000)
    quotes = []
    for number in range(tries):
        if number % 2:
            quotes.append(await souq.quote(own_id, souq.money(5_050)))
        else:
            quotes.append(await souq.quote(buying.rewards["7001"], Money(5_000, "SAR")))

    async def attempt(number: int) -> bool:
        try:
            await souq.place(quotes[number])
        except BalanceTooLow:
            return False
        return True

    results = await asyncio.gather(*(attempt(number) for number in range(tries)))
    assert sum(results) == affordable
    posted, held = await souq.balance(souq.wallet())
    own, bought = sum(results[1::2]), sum(results[::2])
    assert (posted, held) == (bought * 5_050, bought * 5_050)
    assert (
        await count(superuser, "catalog.gift_card"),
        await count(superuser, "payouts.hold"),
    ) == (
        own,
        bought,
    )


async def test_redemptions_are_listed_by_time_with_their_sum(souq: SmallNetwork) -> None:
    await souq.fund(100_000)
    await souq.fund(100_000, member_id=souq.other_member_id)
    reward_id = await souq.own_card_reward(1_000)
    placed = []
    for minute, member_id in enumerate([souq.member_id, souq.other_member_id, souq.member_id]):
        at = NOW + timedelta(minutes=minute)
        quote = await souq.quote(reward_id, souq.money(1_000), member_id=member_id, now=at)
        placed.append(await souq.place(quote, now=at))
    period = {"since": NOW, "until": NOW + timedelta(minutes=2)}
    async with souq.database.reading(souq.network_id) as db:

        async def listed(**fields: object) -> list[object]:
            found = await list_redemptions(
                db,
                network_id=souq.network_id,
                **{"limit": 5, **period, **fields},  # type: ignore[arg-type]
            )
            return [one.redemption_id for one in found]

        ids = [one.redemption_id for one in placed]
        assert await listed() == ids[:2]
        assert await listed(backward=True, limit=1) == [ids[1]]
        assert await listed(after=RedemptionCursor(NOW, ids[0])) == [ids[1]]
        assert await listed(member_id=souq.member_id) == [ids[0]]
        total = await sum_redemptions(db, network_id=souq.network_id, **period)  # type: ignore[arg-type]
        own = await sum_redemptions(
            db,
            network_id=souq.network_id,
            member_id=souq.member_id,
            **period,  # type: ignore[arg-type]
        )
    assert (total, own) == ([souq.money(2_000)], [souq.money(1_000)])


def test_every_refusal_says_what_it_means() -> None:
    for refusal in (QuoteExpired, QuoteUsed, QuoteNotFound, RewardNotRedeemable):
        assert issubclass(refusal, Refusal)
        assert refusal().message.endswith(".")
