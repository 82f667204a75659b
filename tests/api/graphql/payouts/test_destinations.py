"""A partner sees the notice of a change, finance decides on it, and others are told nothing."""

from typing import Any

from api.auth.caller import Role
from tests.api.graphql.payouts.test_settlement import closed, codes
from tests.api.graphql.payouts.world import Settling

NODE = """query($id: ID!) { node(id: $id) { ... on Payee { destinationPending
  destinationChanges { id state proposedBy decidedBy partner { id } member { id } } } } }"""
CHANGES = """query($states: [DestinationChangeState!]) { destinationChanges(states: $states) {
  id state proposedBy decidedBy oldHash newHash proposedAt effectiveAt } }"""
CHANGE = "destinationChange { id state decidedBy }"
PAYOUT = "payout { id state releasedBy }"


async def moved(settling: Settling) -> dict[str, Any]:
    """The cafe is connected, and then names another bank at the provider."""
    await settling.onboard(settling.as_partner(settling.cafe))
    account = (await settling.double.state())["accounts"][0]["id"]
    await settling.double.control("rebank", account=account, bank="ba_other")
    await settling.door.do(
        settling.as_partner(settling.cafe),
        "connectPayee",
        "payee { id }",
        idempotencyKey="again",
        country="SA",
        email="payee@example.com",
    )
    await settling.work()
    listed = await settling.door.read(settling.maker, CHANGES, states=["PROPOSED"])
    (change,) = listed["destinationChanges"]
    found: dict[str, Any] = change
    return found


async def payout_of(settling: Settling) -> dict[str, Any]:
    listed = await settling.door.read(
        settling.as_partner(settling.cafe),
        "{ payouts(first: 5) { edges { node { id state reason } } } }",
    )
    found: dict[str, Any] = listed["payouts"]["edges"][0]["node"]
    return found


async def test_the_owner_sees_the_notice_and_nobody_else_does(settling: Settling) -> None:
    change = await moved(settling)
    payee = await settling.door.do(
        settling.as_partner(settling.cafe),
        "connectPayee",
        "payee { id }",
        idempotencyKey="again",
        country="SA",
        email="payee@example.com",
    )
    own = await settling.door.read(
        settling.as_partner(settling.cafe), NODE, id=payee["payee"]["id"]
    )
    assert own["node"] == {
        "destinationPending": True,
        "destinationChanges": [
            {
                "id": change["id"],
                "state": "PROPOSED",
                "proposedBy": None,
                "decidedBy": None,
                "partner": {"id": settling.id("Partner", settling.cafe)},
                "member": None,
            }
        ],
    }
    asked = "query($id: ID!) { node(id: $id) { id } }"
    foreign = await settling.door.read(settling.as_partner(settling.shop), asked, id=change["id"])
    assert foreign["node"] is None


async def test_finance_approves_and_the_held_payout_goes(settling: Settling) -> None:
    change = await moved(settling)
    cycle = await closed(settling)
    door = settling.door
    await door.do(
        settling.checker,
        "approveSettlementCycle",
        "settlementCycle { state }",
        settlementCycleId=cycle["id"],
    )
    await settling.double.control("fund", amount=100_000, currency="sar")
    await settling.work()
    held = await payout_of(settling)
    assert (held["state"], held["reason"]) == ("HELD", "destination_change_pending")
    given = {"destinationChangeId": change["id"]}
    assert codes(await door.do(settling.maker, "approveDestinationChange", CHANGE, **given)) == [
        "FORBIDDEN"
    ]
    approved = await door.do(
        settling.checker, "approveDestinationChange", CHANGE, idempotencyKey="c", **given
    )
    assert approved["destinationChange"] == {
        "id": change["id"],
        "state": "APPROVED",
        "decidedBy": "staff:said",
    }
    again = await door.do(
        settling.checker,
        "refuseDestinationChange",
        CHANGE,
        idempotencyKey="r1",
        destinationChangeId="nothing",
    )
    assert codes(again) == ["NOT_FOUND"]
    await settling.work(seconds=24 * 3_600, rounds=2)
    await settling.work()
    assert (await payout_of(settling))["state"] == "PAID"
    refused = await door.do(
        settling.checker, "refuseDestinationChange", CHANGE, idempotencyKey="r2", **given
    )
    assert codes(refused) == ["STATE_CONFLICT"]


async def test_a_refusal_keeps_the_payout_held_and_a_release_needs_a_cap(
    settling: Settling,
) -> None:
    change = await moved(settling)
    cycle = await closed(settling)
    door = settling.door
    await door.do(
        settling.checker,
        "approveSettlementCycle",
        "settlementCycle { state }",
        settlementCycleId=cycle["id"],
    )
    refused = await door.do(
        settling.checker,
        "refuseDestinationChange",
        CHANGE,
        destinationChangeId=change["id"],
    )
    assert refused["destinationChange"]["state"] == "REFUSED"
    await settling.work(seconds=24 * 3_600, rounds=2)
    held = await payout_of(settling)
    assert (held["state"], held["reason"]) == ("HELD", "destination_change_pending")
    released = await door.do(settling.checker, "releasePayout", PAYOUT, payoutId=held["id"])
    assert codes(released) == ["STATE_CONFLICT"]
    assert (await payout_of(settling))["state"] == "HELD"


async def test_a_large_first_payout_waits_for_another_persons_release(
    settling: Settling,
) -> None:
    change = await moved(settling)
    door = settling.door
    policy = await door.do(
        settling.operator,
        "publishPayoutPolicy",
        "payoutPolicy { firstPayoutCap { minor } approvalAbove { minor } }",
        approvalAbove={"currency": "SAR", "decimal": "1000.00"},
        minimum={"currency": "SAR", "decimal": "1.00"},
        firstPayoutCap={"currency": "SAR", "decimal": "79.99"},
    )
    assert policy["payoutPolicy"]["firstPayoutCap"] == {"minor": "7999"}
    await door.do(
        settling.checker, "approveDestinationChange", CHANGE, destinationChangeId=change["id"]
    )
    await settling.double.control("fund", amount=100_000, currency="sar")
    await settling.work(seconds=24 * 3_600, rounds=2)
    cycle = await closed(settling)
    await door.do(
        settling.checker,
        "approveSettlementCycle",
        "settlementCycle { state }",
        settlementCycleId=cycle["id"],
    )
    await settling.work()
    held = await payout_of(settling)
    assert (held["state"], held["reason"]) == ("HELD", "first_payout_capped")
    both = settling.person("mona", Role.FINANCE_MAKER, Role.FINANCE_CHECKER)
    own = await door.do(both, "releasePayout", PAYOUT, payoutId=held["id"], idempotencyKey="own")
    assert codes(own) == ["MAKER_IS_CHECKER"]
    released = await door.do(settling.checker, "releasePayout", PAYOUT, payoutId=held["id"])
    assert released["payout"] == {
        "id": held["id"],
        "state": "SCHEDULED",
        "releasedBy": "staff:said",
    }
    await settling.work()
    assert (await payout_of(settling))["state"] == "PAID"


async def test_only_the_operator_says_how_long_the_notice_is(settling: Settling) -> None:
    shown = "destinationPolicy { cooldownHours publishedBy }"
    name = "publishDestinationPolicy"
    assert codes(await settling.door.do(settling.checker, name, shown, cooldownHours=1)) == [
        "FORBIDDEN"
    ]
    too_long = await settling.door.do(
        settling.operator, name, shown, cooldownHours=721, idempotencyKey="long"
    )
    assert codes(too_long) == ["INVALID_INPUT"]
    made = await settling.door.do(settling.operator, name, shown, cooldownHours=48)
    assert made["destinationPolicy"] == {"cooldownHours": 48, "publishedBy": "staff:omar"}
