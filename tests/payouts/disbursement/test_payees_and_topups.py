import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    Payee,
    PayeeState,
    TopUp,
    TopUpState,
    find_payee_of,
    find_topup,
    read_topups,
    request_topup,
)
from payouts.money import InvalidAmount, Money
from tests.payouts.disbursement.world import FAULTS, Bank, Crash
from tests.payouts.settlement.world import BOOK, MEMBER, P


async def payee_of(bank: Bank) -> Payee:
    async with bank.database.reading(BOOK) as db:
        found = await find_payee_of(db, network_id=BOOK, partner_id=P)
    assert found is not None
    return found


async def test_payee_gets_an_account_a_page_and_becomes_active(bank: Bank) -> None:
    created = await bank.connect(partner_id=P)
    assert (created.state, created.onboarding_url) == (PayeeState.CREATING, None)
    await bank.job("payee.connect")
    waiting = await payee_of(bank)
    assert waiting.state is PayeeState.ONBOARDING
    assert waiting.onboarding_url is not None
    assert waiting.requirements == (
        "business_profile.url",
        "external_account",
        "tos_acceptance.date",
    )
    await bank.onboard(partner_id=P)
    active = await payee_of(bank)
    assert (active.state, active.requirements) == (PayeeState.ACTIVE, ())
    assert active.payment_method_id is not None
    assert active.onboarding_url is None
    assert await bank.job("payee.refresh") == 0
    state = await bank.double.state()
    assert (len(state["accounts"]), len(state["customers"])) == (1, 1)


async def test_a_payee_that_is_stopped_after_months_is_asked_about_until_it_can_be_paid(
    bank: Bank,
) -> None:
    """No message tells that it can be paid again, and payouts of what it is owed wait for that."""
    await bank.onboard(partner_id=P)
    bank.wait(90 * 86_400)
    (account,) = (await bank.double.state())["accounts"]
    await bank.double.control("restrict", account=account["id"])
    await bank.connect(partner_id=P)
    await bank.job("payee.connect")
    assert (await payee_of(bank)).state is PayeeState.RESTRICTED
    await bank.double.control("onboard", account=account["id"])
    bank.wait(23 * 3_600)
    assert await bank.job("payee.refresh") == 0
    bank.wait(3_601)
    assert await bank.job("payee.refresh") == 1
    assert (await payee_of(bank)).state is PayeeState.ACTIVE
    bank.wait(90 * 86_400)
    assert await bank.job("payee.refresh") == 0


@pytest.mark.parametrize("point", ["payee.customer", "payee.account"])
async def test_crash_while_connecting_makes_one_account(bank: Bank, point: str) -> None:
    await bank.connect(partner_id=P)
    bank.crash_at = point
    with pytest.raises(Crash):
        await bank.job("payee.connect")
    bank.wait(61)
    await bank.job("payee.connect")
    state = await bank.double.state()
    assert (len(state["accounts"]), len(state["customers"])) == (1, 1)
    assert (await payee_of(bank)).state is PayeeState.ONBOARDING


async def test_connecting_at_once_makes_one_payee(bank: Bank, superuser: AsyncConnection) -> None:
    made = await asyncio.gather(*(bank.connect(member_id=MEMBER) for _ in range(8)))
    assert len({one.payee_id for one in made}) == 1
    count = await superuser.execute(text("SELECT count(*) FROM payouts.payee"))
    assert count.scalar_one() == 1


async def topup_of(bank: Bank, topup_id: object) -> TopUp:
    async with bank.database.reading(BOOK) as db:
        return (await read_topups(db, network_id=BOOK, topup_ids=[topup_id]))[topup_id]  # type: ignore[list-item,index]


async def test_topup_arrives_once_whatever_goes_wrong(bank: Bank) -> None:
    for minor, kind in enumerate((*FAULTS, None), start=9_001):
        if kind:
            await bank.double.control("faults", operation="create_topup", kind=kind, times=1)
        async with bank.database.writing(BOOK) as db:
            made = await request_topup(
                db, network_id=BOOK, amount=Money(minor, "SAR"), actor="maker", now=bank.now()
            )
        for _ in range(100):
            await bank.work()
            if (await topup_of(bank, made.topup_id)).state is TopUpState.SUCCEEDED:
                break
            await asyncio.sleep(0.02)
            bank.wait(6)
        topup = await topup_of(bank, made.topup_id)
        assert (topup.state, topup.reason) == (TopUpState.SUCCEEDED, None)
        found = (await bank.double.state())["topups"]
        assert [one["amount"] for one in found] == list(range(9_001, minor + 1))
        async with bank.database.reading(BOOK) as db:
            mine = await find_topup(db, network_id=BOOK, provider_topup_id=found[-1]["id"])
        assert (found[-1]["id"], mine) == (topup.external_id, made.topup_id)


async def test_topup_of_nothing_is_refused(bank: Bank) -> None:
    with pytest.raises(InvalidAmount):
        async with bank.database.writing(BOOK) as db:
            await request_topup(
                db, network_id=BOOK, amount=Money(0, "SAR"), actor="maker", now=bank.now()
            )
