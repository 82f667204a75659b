"""Balances as of an earlier time, as callers see them."""

from datetime import timedelta

from api.auth.caller import Role
from tests.api.graphql.partners.test_earning import report, seller
from tests.api.graphql.partners.world import Door, staff
from tests.conftest import NOW
from tests.factories.partners import open_shop

TRIAL = (
    "query($asOf: DateTime, $knownAt: DateTime) { trialBalance(asOf: $asOf, knownAt: $knownAt)"
    " { totals { debit { minor } credit { minor } } } }"
)
BALANCE = (
    "query($asOf: DateTime) { partnerBalance(asOf: $asOf) { balances"
    " { receivablePending { minor } } } }"
)


async def test_the_trial_balance_and_a_partners_balance_of_an_earlier_time(door: Door) -> None:
    """A purchase of twenty minutes ago is reported now."""
    shop = await open_shop(door.database)
    bookkeeper = staff(shop.network_id, Role.FINANCE_MAKER)
    await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop, 20))

    async def total(**at: object) -> list[str]:
        given = {name: value.isoformat() for name, value in at.items()}  # type: ignore[attr-defined]
        found = await door.read(bookkeeper, TRIAL, **given)
        return [one["debit"]["minor"] for one in found["trialBalance"]["totals"]]

    async def owed(**at: object) -> str:
        given = {name: value.isoformat() for name, value in at.items()}  # type: ignore[attr-defined]
        found = await door.read(seller(shop), BALANCE, **given)
        amount: str = found["partnerBalance"]["balances"][0]["receivablePending"]["minor"]
        return amount

    minutes = timedelta(minutes=1)
    assert await total() == ["600"]
    assert await total(asOf=NOW - 19 * minutes) == ["600"]
    assert await total(asOf=NOW - 20 * minutes) == []
    assert await total(knownAt=NOW) == []
    assert await total(asOf=NOW - 19 * minutes, knownAt=NOW + minutes) == ["600"]
    assert (await owed(), await owed(asOf=NOW - 19 * minutes)) == ("600", "600")
    assert await owed(asOf=NOW - 20 * minutes) == "0"


async def test_a_time_without_a_zone_is_a_wrong_argument(door: Door) -> None:
    shop = await open_shop(door.database)
    bookkeeper = staff(shop.network_id, Role.FINANCE_MAKER)
    for caller, document in ((bookkeeper, TRIAL), (seller(shop), BALANCE)):
        result = await door.ask(caller, document, asOf="2026-03-15T08:00:00")
        assert [one.extensions["code"] for one in result.errors] == ["BAD_ARGUMENT"]
