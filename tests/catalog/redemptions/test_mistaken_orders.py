"""An order that its supplier tells as it is not is paid for once, and waits for a person."""

import pytest

from catalog.redemptions import AttemptState, RedemptionState
from catalog.redemptions.record_absence import NOT_FOUND
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.test_fulfilment_by_others import SHOPS, Shopping, ordered
from tests.catalog.redemptions.test_fulfilment_by_others import shopping as shopping
from tests.catalog.redemptions.test_xoxoday_fulfilment import buying_vouchers as buying_vouchers
from tests.catalog.redemptions.test_xoxoday_fulfilment import plum as plum


async def waited(buying: Buying, *, hours: int = 2) -> int:
    """Let time pass, ten seconds of the clock a turn; tells how often a worker had work."""
    turns = 0
    for _ in range(hours * 360):
        buying.pass_time(seconds=10)
        turns += await buying.work()
    return turns


@pytest.mark.parametrize("shopping", SHOPS, indirect=True, ids=lambda shop: shop.name)
async def test_an_order_told_under_another_key_is_not_sent_again(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    buying.double.fault("wrong_key")
    one = await ordered(shop, buying)
    await buying.work()
    await waited(buying, hours=1)
    assert (await buying.find(one)).state is RedemptionState.FULFILLING
    attempt = await buying.attempt(one)
    assert (attempt.state, attempt.sends) == (AttemptState.ORDERED, 1)
    assert attempt.remark == NOT_FOUND
    assert len(buying.double.orders()) == 1
    assert await buying.vouchers(one) == []
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, shop.cost.minor)


async def test_reloadlys_order_told_under_another_key_is_looked_for_ever_more_seldom(
    buying: Buying,
) -> None:
    buying.double.fault("wrong_key")
    one = await buying.place()
    await buying.work()
    # After 5, 35 and some more seconds, ever half as long as it has taken, then every ten minutes.
    assert await waited(buying) < 25
    assert (await buying.find(one)).state is RedemptionState.FULFILLING
    assert (await buying.attempt(one)).sends == 1
    assert buying.double.counts()["order"] == len(buying.double.orders()) == 1
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 5_050)


async def test_xoxodays_order_told_under_another_key_is_not_sent_again(
    buying_vouchers: Buying,
) -> None:
    buying = buying_vouchers
    buying.double.fault("wrong_key")
    one = await buying.place("52001")
    await buying.work()
    await waited(buying, hours=1)
    assert (await buying.find(one)).state is RedemptionState.FULFILLING
    assert (await buying.attempt(one)).sends == 1
    assert len(buying.double.orders()) == 1
    assert await buying.vouchers(one) == []


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
@pytest.mark.parametrize("status", ["CANCELLED", "FAILED"])
async def test_an_order_of_other_terms_ends_when_the_supplier_takes_it_back(
    shopping: tuple[Shopping, Buying], status: str
) -> None:
    shop, buying = shopping
    buying.double.fault("wrong_face")
    one = await ordered(shop, buying)
    await buying.work()
    await waited(buying, hours=1)
    assert (await buying.find(one)).state is RedemptionState.UNKNOWN
    (order,) = buying.double.orders()
    buying.double.control("POST", f"orders/{order['reference']}", {"status": status})
    done = await buying.work_until_done(one, steps=200)
    assert (done.state, done.failure_code) == (RedemptionState.FAILED, status)
    assert await buying.is_untouched(one)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
    assert len(buying.double.orders()) == 1
