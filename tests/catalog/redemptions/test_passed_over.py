"""Which suppliers an order passes over, and when one of them is tried again."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import Exclusion, RedemptionState, Standing
from payouts.money import Money
from tests.catalog.redemptions.trading import Trading
from tests.catalog.redemptions.trading import trading as trading

FIRST, SECOND = True, False
FULFILLED, FAILED = RedemptionState.FULFILLED, RedemptionState.FAILED


async def test_a_supplier_without_an_account_is_passed_over(trading: Trading) -> None:
    await trading.offer("10")
    buying = trading.buying
    one = await buying.place()
    assert one.total == Money(4_900, "SAR")
    suppliers = dict(buying.world.suppliers)
    second = suppliers.pop("second")
    trading.connect(suppliers)
    await buying.work()
    # The first would cost more than was paid, so the promised one is waited for.
    assert await trading.tries(one) == [(SECOND, "not_taken", None)]
    trading.connect({**suppliers, "second": second})
    assert (await buying.work_until_done(one)).state is FULFILLED
    await trading.offer("5")
    cheap = await buying.place()
    trading.connect(suppliers)
    done = await buying.work_until_done(cheap)
    assert (done.state, done.charged) == (FULFILLED, Money(4_950, "SAR"))
    (attempt,) = await trading.attempts(cheap)
    assert [(it.supplier_id, it.because) for it in attempt.passed_over] == [
        (trading.second_id, Exclusion.NOT_CONNECTED)
    ]
    assert trading.orders() == (1, 1)


async def test_a_failing_supplier_is_passed_over_then_tried_by_one_order(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying = trading.buying
    await buying.souq.fund(60_000)
    trading.first.fault("withdrawn_item", count=5)
    for _ in range(5):
        assert (await buying.work_until_done(await buying.place())).state is FULFILLED
        buying.pass_time(seconds=10)
    assert trading.orders() == (0, 5)
    bad, good = await trading.health()
    assert (bad.failures_in_a_row, bad.score, bad.standing) == (5, 0, Standing.PAUSED)
    assert (good.succeeded, good.score, good.standing) == (5, 100, Standing.GOOD)
    quote = await trading.quote()
    assert await trading.sources(quote) == [(SECOND, 4_950, None), (FIRST, 4_950, "UNHEALTHY")]
    # When the pause is over one order finds out, and the others pass it over meanwhile.
    buying.pass_time(minutes=10)
    trading.first.fault("pending_then_success", reads=2)
    placed = [await buying.place() for _ in range(3)]
    await asyncio.gather(*(buying.work() for _ in range(3)))
    tries = sorted([(await trading.tries(one))[0][:2] for one in placed])
    assert tries == [(SECOND, "succeeded"), (SECOND, "succeeded"), (FIRST, "ordered")]
    assert (await trading.health())[0].standing is Standing.TRIED
    quote = await trading.quote()
    assert await trading.sources(quote) == [(SECOND, 4_950, None), (FIRST, 4_950, "BEING_TRIED")]
    for one in placed:
        assert (await buying.work_until_done(one)).state is FULFILLED
    assert (await trading.health())[0].standing is Standing.GOOD
    assert trading.orders() == (1, 7)
    await trading.assert_books_hold(superuser)


async def test_when_all_are_passed_over_the_cheapest_is_asked_all_the_same(
    trading: Trading,
) -> None:
    buying = trading.buying
    for double in (trading.first, trading.second):
        double.fault("withdrawn_item", count=5)
    for _ in range(5):
        assert (await buying.work_until_done(await buying.place())).state is FAILED
    assert [one.standing for one in await trading.health()] == [Standing.PAUSED] * 2
    quote = await trading.quote()
    assert await trading.sources(quote) == [
        (FIRST, 4_950, "UNHEALTHY"),
        (SECOND, 4_950, "UNHEALTHY"),
    ]
    one = await buying.souq.place(quote, now=buying.now)
    assert (await buying.work_until_done(one)).state is FULFILLED
    assert trading.orders() == (1, 0)
