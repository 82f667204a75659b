"""Cards of Tango and Tremendous are imported, held for, ordered once, booked and delivered."""

import pytest

from catalog.redemptions import AttemptState, Redemption, RedemptionState
from catalog.suppliers import Secret
from catalog.vouchers import reveal_voucher
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.shopping import SHOPS, Shopping, ordered
from tests.catalog.redemptions.shopping import shopping as shopping


async def delivered(buying: Buying, one: Redemption) -> tuple[Secret, Secret | None]:
    (voucher,) = await buying.vouchers(one)
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=buying.souq.vault,
            network_id=buying.souq.network_id,
            voucher_id=voucher.voucher_id,
            member_id=one.member_id,
            actor="m",
            now=buying.now,
        )
    return shown.code.number, shown.code.pin


async def test_a_card_is_booked_at_its_cost_and_delivered_as_it_is(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    one = await ordered(shop, buying)
    assert (one.state, one.total) == (RedemptionState.PLACED, shop.cost)
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, shop.cost)
    minor = shop.cost.minor
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [
        ("redemption.supplier", {"member_available USD": minor, "supplier_payable USD": -minor})
    ]
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000 - minor, 0)
    (order,) = buying.double.orders()
    assert (order["sku"], order["costMinor"], order["currency"]) == (shop.sku, minor, "USD")
    (so,) = buying.double.control("GET", f"orders/{order['reference']}/codes")
    pin = None if so["pin"] is None else Secret(so["pin"])
    assert await delivered(buying, one) == (Secret(so["number"]), pin)


@pytest.mark.parametrize(
    "kind", ["timeout_before", "timeout_after", "malformed_json", "late_success", "empty_codes"]
)
async def test_whatever_becomes_of_the_answer_there_is_one_order(
    shopping: tuple[Shopping, Buying], kind: str
) -> None:
    shop, buying = shopping
    buying.double.fault(kind)
    one = await ordered(shop, buying)
    done = await buying.work_until_done(one, steps=200)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, shop.cost)
    assert len(buying.double.orders()) == 1
    assert len(await buying.vouchers(one)) == 1
    minor = 20_000 - shop.cost.minor
    assert await buying.souq.balance(buying.souq.wallet()) == (minor, 0)


async def test_a_refused_card_gives_the_member_everything_back(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    buying.double.fault("withdrawn_item")
    one = await ordered(shop, buying)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FAILED
    assert await buying.is_untouched(one)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
    assert buying.double.orders() == []


async def test_a_dearer_card_is_booked_at_what_was_charged(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    buying.double.fault("price_change")
    one = await ordered(shop, buying)
    done = await buying.work_until_done(one)
    (order,) = buying.double.orders()
    assert done.charged == Money(order["costMinor"], "USD")
    assert order["costMinor"] > shop.cost.minor
    # The member pays what was quoted; the difference is the network's.
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000 - shop.cost.minor, 0)


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_tango_delivers_nothing_that_was_not_asked_for(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    buying.double.fault("wrong_face")
    one = await ordered(shop, buying)
    for _ in range(10):
        await buying.work()
        buying.pass_time(minutes=10)
    found = await buying.find(one)
    assert found.ended_at is None
    assert (await buying.attempt(one)).state is AttemptState.UNKNOWN
    assert await buying.vouchers(one) == []
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, shop.cost.minor)
    assert len(buying.double.orders()) == 1
