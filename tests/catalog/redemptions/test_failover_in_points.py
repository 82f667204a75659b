"""A failover keeps all that was quoted: the margin, what points pay, and what was signed."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.margins import publish_margin
from catalog.pricing import CostLines
from catalog.redemptions import Quote, RedemptionState, read_quotes
from payouts.money import Money, Points
from tests.catalog.redemptions.test_failover import FIRST, OUT, SECOND
from tests.catalog.redemptions.trading import Trading
from tests.catalog.redemptions.trading import trading as trading


async def set_margins(trading: Trading, *, first: int, second: int) -> None:
    """Let each supplier's cards have a margin of its own."""
    ids = (trading.buying.supplier_id, trading.second_id)
    async with trading.buying.souq.database.writing(trading.network_id) as db:
        for supplier_id, margin_bps in zip(ids, (first, second), strict=True):
            await publish_margin(
                db,
                network_id=trading.network_id,
                margin_bps=margin_bps,
                supplier_id=supplier_id,
                actor="test",
                now=trading.buying.now,
            )


async def quote_in_points(trading: Trading, points: int) -> Quote:
    souq, buying = trading.buying.souq, trading.buying
    face = Money(5_000, "SAR")
    return await souq.quote(buying.rewards["7001"], face, points=points, now=buying.now)


async def stored(trading: Trading, quote: Quote) -> Quote:
    async with trading.buying.souq.database.reading(trading.network_id) as db:
        found = await read_quotes(db, network_id=trading.network_id, quote_ids=[quote.quote_id])
    return found[quote.quote_id]


async def test_the_next_supplier_delivers_at_the_price_with_the_margin_and_the_points(
    trading: Trading, superuser: AsyncConnection
) -> None:
    souq, buying = trading.buying.souq, trading.buying
    await souq.give_points(3_000)
    await trading.offer("2")
    await set_margins(trading, first=200, second=700)
    quote = await quote_in_points(trading, 2_000)
    # 50.00 + 2 % margin + 1.50 fee - half of the 4 % discount, of which points pay 20.00.
    assert (quote.total, quote.lines.margin) == (Money(5_150, "SAR"), Money(100, "SAR"))
    assert quote.money_part == Money(3_150, "SAR")
    assert quote.costs == CostLines(Money(5_000, "SAR"), Money(150, "SAR"), Money(-200, "SAR"))
    assert quote.gain == Money(200, "SAR")
    assert await trading.sources(quote) == [(FIRST, 4_950, None), (SECOND, 5_050, None)]
    one = await souq.place(quote, token=quote.signature, now=buying.now)
    trading.first.fault("out_of_stock")
    await buying.work()
    between = await buying.find(one)
    assert (between.state, await trading.owed()) == (RedemptionState.PLACED, (0, 0))
    assert await souq.balance(souq.wallet()) == (20_000, 3_150)
    assert await souq.points() == (3_000, 2_000)
    done = await buying.work_until_done(one)
    assert (done.state, done.total, done.charged) == (
        RedemptionState.FULFILLED,
        Money(5_150, "SAR"),
        Money(5_050, "SAR"),
    )
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "succeeded", None)]
    assert (trading.orders(), len(await buying.vouchers(one))) == ((0, 1), 1)
    assert await souq.journals_of("redemption", one.redemption_id) == [
        (
            "points.redeem",
            {
                "member_available POINTS": 2_000,
                "fx_position SAR": 2_000,
                "fx_position POINTS": -2_000,
                "member_available SAR": -2_000,
            },
        ),
        (
            "redemption.supplier",
            {
                "member_available SAR": 5_150,
                "supplier_payable SAR": -5_050,
                "redemption_margin SAR": -100,
            },
        ),
    ]
    assert await souq.balance(souq.wallet()) == (16_850, 0)
    assert (await souq.points(), await trading.owed()) == ((1_000, 0), (0, 5_050))
    # What was signed stands as it was signed, whoever delivered.
    assert await stored(trading, quote) == quote
    await trading.assert_books_hold(superuser)


async def test_when_all_refuse_money_and_points_are_free_again(
    trading: Trading, superuser: AsyncConnection
) -> None:
    souq, buying = trading.buying.souq, trading.buying
    await souq.give_points(3_000)
    await set_margins(trading, first=200, second=700)
    for double in (trading.first, trading.second):
        double.fault("out_of_stock")
    one = await souq.place(await quote_in_points(trading, 2_000), now=buying.now)
    done = await buying.work_until_done(one)
    assert (done.state, done.failure_code) == (RedemptionState.FAILED, OUT)
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "failed", OUT)]
    assert await buying.is_untouched(one)
    assert await souq.balance(souq.wallet()) == (20_000, 0)
    assert (await souq.points(), await trading.owed()) == ((3_000, 0), (0, 0))
    await trading.assert_books_hold(superuser)


async def test_a_card_that_points_pay_whole_goes_to_the_next_supplier(
    trading: Trading, superuser: AsyncConnection
) -> None:
    souq, buying = trading.buying.souq, trading.buying
    await souq.give_points(6_000)
    trading.first.fault("out_of_stock")
    one = await souq.place(await quote_in_points(trading, 5_050), now=buying.now)
    assert (one.hold_id, one.points) == (None, Points(5_050))
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(4_950, "SAR"))
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "succeeded", None)]
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((950, 0), (20_000, 0))
    await trading.assert_books_hold(superuser)


@pytest.mark.parametrize(("first", "second", "margin"), [(200, 700, 350), (0, 0, 0)])
async def test_the_margin_is_that_of_the_supplier_that_is_bought_from(
    trading: Trading, first: int, second: int, margin: int
) -> None:
    await trading.offer("10")
    await set_margins(trading, first=first, second=second)
    quote = await trading.quote()
    assert (quote.supplier_id, quote.lines.margin) == (trading.second_id, Money(margin, "SAR"))
    assert quote.costs == CostLines(Money(5_000, "SAR"), Money(150, "SAR"), Money(-500, "SAR"))
    assert (quote.total, quote.gain) == (Money(4_900 + margin, "SAR"), Money(250 + margin, "SAR"))


async def test_the_margin_of_a_brand_counts_whichever_supplier_is_bought_from(
    trading: Trading,
) -> None:
    await trading.offer("10")
    await set_margins(trading, first=200, second=700)
    shown = await trading.shown()
    assert shown.brand is not None
    async with trading.buying.souq.database.writing(trading.network_id) as db:
        await publish_margin(
            db,
            network_id=trading.network_id,
            margin_bps=100,
            brand_id=shown.brand.brand_id,
            actor="test",
            now=trading.buying.now,
        )
    quote = await trading.quote()
    assert (quote.supplier_id, quote.lines.margin) == (trading.second_id, Money(50, "SAR"))
