"""Lists of everything that the provider made lately are read page by page."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from payouts.money import Money
from payouts.rails import ObjectPage
from tests.payouts.rails.stripe_double import StripeDouble

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def everything(read: Callable[..., Awaitable[ObjectPage[Any]]]) -> list[list[str]]:
    pages: list[list[str]] = []
    last = None
    while True:
        page = await read(created_after=LONG_AGO, starting_after=last)
        pages.append([one.id for one in page.objects])
        if not page.has_more:
            return pages
        last = pages[-1][-1]


async def test_transfers_are_listed_whole_and_newest_first(double: StripeDouble) -> None:
    await double.control("fund", amount=1_000, currency="sar")
    payee = await double.onboarded()
    made = [
        (
            await double.rail.create_transfer(
                key=str(one), amount=Money(1, "SAR"), destination=payee, transfer_group=str(one)
            )
        ).id
        for one in range(103)
    ]
    assert await everything(double.rail.list_transfers) == [made[:2:-1], made[2::-1]]
    later = datetime.now(UTC) + timedelta(hours=1)
    nothing = await double.rail.list_transfers(created_after=later)
    assert (nothing.objects, nothing.has_more) == ((), False)


async def test_debits_and_accounts_of_all_are_listed(double: StripeDouble) -> None:
    accounts, intents = [], []
    for name in ("a", "b"):
        accounts.append(await double.onboarded(name))
        customer = await double.rail.create_customer(key=f"c{name}", name=name)
        method = (await double.control("attach", customer=customer))["id"]
        intent = await double.rail.create_payment_intent(
            key=f"i{name}",
            amount=Money(100, "SAR"),
            customer_id=customer,
            payment_method_id=method,
            metadata={"attempt": name},
        )
        intents.append(intent.id)
    assert await everything(double.rail.list_accounts) == [accounts[::-1]]
    assert await everything(double.rail.list_payment_intents) == [intents[::-1]]
    page = await double.rail.list_payment_intents(created_after=LONG_AGO)
    assert [one.metadata["attempt"] for one in page.objects] == ["b", "a"]
