"""An operator has a partner's nets converted; finance and the partner see at which rate."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Caller, CallerKind, Role
from tests.api.graphql.explain.asking import explain_id
from tests.api.graphql.payouts.test_settlement import CYCLE, closed, codes
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW

POLICY = "settlementConversion { id currency into partner { id } publishedBy publishedAt }"
LISTED = """query($partner: ID) { settlementConversions(first: 9, partnerId: $partner) {
  edges { node { id currency into } } } }"""
NODE = "query($id: ID!) { node(id: $id) { id } }"
STATEMENTS = """{ statements(first: 9) { edges { node { number version outcome carriedBecause
  net { minor } carriedForward { minor }
  conversion { net { minor currency } amount { minor currency decimal } rate source observedAt
    fxRate { value } }
  payout { amount { minor } } collection { amount { minor } } } } } }"""
NETTING = """query($id: ID!) { settlementCycle(id: $id) { state
  netting { grossVolume { minor } netVolume { minor } convertedVolume { minor }
    savedVolume { minor } transfers }
  progress { statements { outcome count net { minor } } } } }"""


async def publish(settling: Settling, caller: Caller | None = None, **given: Any) -> dict[str, Any]:
    own = {"partnerId": settling.id("Partner", settling.cafe), "currency": "SAR", "into": "USD"}
    return await settling.door.do(
        caller or settling.operator, "publishSettlementConversion", POLICY, **{**own, **given}
    )


async def quote(settling: Settling, value: str = "0.2666") -> None:
    payload = await settling.door.do(
        settling.operator,
        "publishFxRate",
        "fxRate { id }",
        idempotencyKey=f"rate {value}",
        base="SAR",
        quote="USD",
        value=value,
        source="central bank",
        observedAt=NOW.isoformat(),
        maxAgeSeconds=3_600,
    )
    assert codes(payload) == []


async def statements(settling: Settling, caller: Caller) -> list[dict[str, Any]]:
    found = await settling.door.read(caller, STATEMENTS)
    return [edge["node"] for edge in found["statements"]["edges"]]


async def approve(settling: Settling, cycle: dict[str, Any]) -> dict[str, Any]:
    payload = await settling.door.do(
        settling.checker, "approveSettlementCycle", CYCLE, settlementCycleId=cycle["id"]
    )
    assert codes(payload) == []
    approved: dict[str, Any] = payload["settlementCycle"]
    return approved


async def test_a_conversion_is_published_and_what_it_comes_to_is_seen(settling: Settling) -> None:
    cafe = settling.as_partner(settling.cafe)
    published = await publish(settling)
    assert codes(published) == []
    policy = published["settlementConversion"]
    assert {key: value for key, value in policy.items() if key != "id"} == {
        "currency": "SAR",
        "into": "USD",
        "partner": {"id": settling.id("Partner", settling.cafe)},
        "publishedBy": "staff:omar",
        "publishedAt": NOW.isoformat(),
    }
    cycle = await closed(settling)
    (waiting,) = await statements(settling, cafe)
    assert (waiting["outcome"], waiting["carriedBecause"], waiting["conversion"]) == (
        "CARRIED",
        "FX_RATE_MISSING",
        None,
    )
    await quote(settling)
    again = await settling.door.do(
        settling.maker, "reissueSettlementCycle", CYCLE, settlementCycleId=cycle["id"]
    )
    assert codes(again) == []
    await approve(settling, cycle)
    mine = {
        "number": waiting["number"],
        "version": 2,
        "outcome": "CONVERTED",
        "carriedBecause": None,
        "net": {"minor": "-8000"},
        "carriedForward": {"minor": "0"},
        "conversion": {
            "net": {"minor": "-8000", "currency": "SAR"},
            "amount": {"minor": "-2133", "currency": "USD", "decimal": "-21.33"},
            "rate": "0.2666",
            "source": "central bank",
            "observedAt": NOW.isoformat(),
            "fxRate": None,
        },
        "payout": None,
        "collection": None,
    }
    newest = [one for one in await statements(settling, cafe) if one["version"] == 2]
    assert newest == [mine]
    by_staff = {
        one["number"]: one
        for one in await statements(settling, settling.maker)
        if one["outcome"] == "CONVERTED"
    }
    assert by_staff[mine["number"]]["conversion"]["fxRate"] == {"value": "0.2666"}
    found = await settling.door.read(settling.checker, NETTING, id=cycle["id"])
    assert found["settlementCycle"]["netting"] == {
        "grossVolume": {"minor": "13000"},
        "netVolume": {"minor": "5000"},
        "convertedVolume": {"minor": "8000"},
        "savedVolume": {"minor": "0"},
        "transfers": 1,
    }
    assert found["settlementCycle"]["progress"]["statements"] == [
        {"outcome": "COLLECT", "count": 1, "net": {"minor": "5000"}},
        {"outcome": "CONVERTED", "count": 1, "net": {"minor": "-8000"}},
    ]


async def test_a_cycle_whose_nets_are_all_converted_is_settled_at_once(settling: Settling) -> None:
    for number, partner in enumerate((settling.cafe, settling.shop)):
        made = await publish(
            settling, partnerId=settling.id("Partner", partner), idempotencyKey=str(number)
        )
        assert codes(made) == []
    await quote(settling)
    cycle = await closed(settling)
    assert (await approve(settling, cycle))["state"] == "SETTLED"


async def test_what_became_of_a_net_is_explained_in_both_languages(settling: Settling) -> None:
    auditor = settling.person("a", Role.AUDITOR)
    await publish(settling)
    cycle = await closed(settling)
    document = "{ statements(first: 9) { edges { node { id outcome } } } }"
    for outcome, english, arabic in (
        (
            "CARRIED",
            "The net is to be converted, but cannot be, and is carried into the next statement.",
            "كان الصافي سيُحوّل إلى عملة أخرى وتعذّر ذلك، فيُرحّل إلى الكشف التالي.",
        ),
        (
            "CONVERTED",
            "The net is converted into -$21.33 and falls into a cycle of that currency.",
            "يُحوّل الصافي إلى",
        ),
    ):
        listed = await settling.door.read(auditor, document)
        (statement_id,) = (
            edge["node"]["id"]
            for edge in listed["statements"]["edges"]
            if edge["node"]["outcome"] == outcome
        )
        said = await explain_id(settling.door, auditor, statement_id)
        assert said is not None
        assert english in said.sentences
        said = await explain_id(settling.door, auditor, statement_id, language="AR")
        assert said is not None
        assert any(arabic in one for one in said.sentences)
        await quote(settling)
        again = await settling.door.do(
            settling.maker, "reissueSettlementCycle", CYCLE, settlementCycleId=cycle["id"]
        )
        assert codes(again) == []


async def test_policies_are_seen_by_their_partner_and_staff_alone(settling: Settling) -> None:
    door = settling.door
    first = (await publish(settling))["settlementConversion"]
    door.set_clock(NOW + timedelta(seconds=1))
    ended = await publish(settling, into=None, idempotencyKey="end")
    assert codes(ended) == []
    assert ended["settlementConversion"]["into"] is None
    own = [
        {"id": ended["settlementConversion"]["id"], "currency": "SAR", "into": None},
        {"id": first["id"], "currency": "SAR", "into": "USD"},
    ]
    for caller, expected in (
        (settling.as_partner(settling.cafe), own),
        (settling.as_partner(settling.shop), []),
        (settling.checker, own),
    ):
        listed = await door.read(caller, LISTED)
        assert [edge["node"] for edge in listed["settlementConversions"]["edges"]] == expected
        node = await door.read(caller, NODE, id=first["id"])
        assert (node["node"] is not None) == bool(expected)
    of_shop = await door.read(settling.maker, LISTED, partner=settling.id("Partner", settling.shop))
    assert of_shop["settlementConversions"]["edges"] == []


async def test_only_an_operator_publishes_and_only_for_a_partner_of_the_network(
    settling: Settling, superuser: AsyncConnection
) -> None:
    elsewhere = Caller(
        CallerKind.STAFF, settling.network_id + 1, "omar", roles=frozenset({Role.OPERATOR})
    )
    for caller, refused in (
        (settling.maker, "FORBIDDEN"),
        (settling.checker, "FORBIDDEN"),
        (settling.as_partner(settling.cafe), "FORBIDDEN"),
        (elsewhere, "NOT_FOUND"),
    ):
        assert codes(await publish(settling, caller)) == [refused]
    nobody = await publish(
        settling, idempotencyKey="nobody", partnerId=settling.id("Partner", settling.member)
    )
    assert codes(nobody) == ["NOT_FOUND"]
    same = await publish(settling, idempotencyKey="same", into="SAR")
    assert (codes(same), same["problems"][0]["path"]) == (["INVALID_INPUT"], ["into"])
    count = await superuser.execute(text("SELECT count(*) FROM payouts.settlement_conversion"))
    assert count.scalar_one() == 0
