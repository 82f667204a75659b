"""Who takes part in the crash run: two shops, members who buy, and some who spend as well."""

from dataclasses import dataclass

from api.clock import Clock
from api.demo.client import Person
from tests.journeys.driver import Driver
from tests.journeys.workload import TOP_UP, _connect, amount

MEMBERS, SPENDERS = 24, 3
"""Enrolled beside those of the demo: balances of one person are changed one after the other."""
FUNDS = "60000.00"
ENROL = (
    "mutation ($input: EnrolMemberInput!) { enrolMember(input: $input)"
    " { member { id } problems { code message path } replayed } }"
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers, and what they ask for."""

    shops: tuple[Person, ...]
    member_ids: tuple[str, ...]
    spenders: tuple[Person, ...]
    spender_ids: tuple[str, ...]
    card_id: str
    clock: Clock


def gather(driver: Driver) -> Crowd:
    """Enrol everybody, and have who spends connected to the provider."""
    for number in range(MEMBERS):
        name = f"crowd-{number}"
        made = driver.do(driver.grocery, f"enrol-{name}", ENROL, externalId=name)
        driver.members[name] = {"id": made["member"]["id"], "partner": "grocery"}
    spending = ["noor-1001", *(f"crowd-{number}" for number in range(SPENDERS))]
    spenders = {name: driver._member(name) for name in spending}
    _connect(driver, spenders)
    driver.do(driver.maker, "top-up", TOP_UP, amount=amount(FUNDS))
    for person in (driver.grocery, driver.coffee, *spenders.values()):
        person.authorization()
    return Crowd(
        shops=(driver.grocery, driver.coffee),
        member_ids=tuple(one["id"] for one in driver.members.values()),
        spenders=tuple(spenders.values()),
        spender_ids=tuple(driver.members[name]["id"] for name in spending),
        card_id=driver.rewards["coffee-card"],
        clock=driver.clock,
    )
