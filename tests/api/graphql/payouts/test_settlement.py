"""Finance closes and approves a cycle; partners see what they owe and get; members are paid."""

from typing import Any

import pytest

from tests.api.graphql.payouts.world import Settling

CYCLE = "settlementCycle { id number state fromSeq toSeq closedBy approvedBy }"
STATEMENTS = """query($first: Int!) { statements(first: $first) {
  edges { node { id number currency state outcome linesCount
    opening { minor } receivable { minor } payable { minor } net { minor } carriedForward { minor }
    partner { id } settlementCycle { number }
    payout { state amount { minor } } collection { state amount { minor } }
    lines(first: 10) { edges { node { seq line kind side amount { minor } journalId } }
      totals { count net { minor } } } } }
  totals { count receivable { minor } payable { minor } net { minor } } } }"""
PAYOUTS = """query { payouts(first: 10) { edges { node {
  id kind state reason amount { minor } requestedBy attempts { leg state }
  member { id } partner { id } } } totals { count amount { minor } } } }"""


def codes(payload: dict[str, Any]) -> list[str]:
    return [one["code"] for one in payload["problems"]]


async def closed(settling: Settling) -> dict[str, Any]:
    payload = await settling.door.do(settling.maker, "closeSettlementCycle", CYCLE)
    assert codes(payload) == []
    found: dict[str, Any] = payload["settlementCycle"]
    return found


async def test_a_cycle_is_closed_approved_paid_and_collected(settling: Settling) -> None:
    door = settling.door
    assert (await settling.onboard(settling.as_partner(settling.cafe)))["state"] == "ACTIVE"
    shop = await settling.onboard(settling.as_partner(settling.shop))
    assert (shop["canBeDebited"], shop["onboardingUrl"]) == (True, None)

    cycle = await closed(settling)
    assert (cycle["number"], cycle["state"], cycle["fromSeq"], cycle["toSeq"]) == (
        1,
        "IN_REVIEW",
        "0",
        "2",
    )
    given = {"settlementCycleId": cycle["id"]}
    maker_too = settling.person("mona", *settling.maker.roles, *settling.checker.roles)
    own = await door.do(maker_too, "approveSettlementCycle", CYCLE, **given)
    assert (own["settlementCycle"], codes(own)) == (None, ["MAKER_IS_CHECKER"])
    refused = await door.do(settling.maker, "approveSettlementCycle", CYCLE, **given)
    assert codes(refused) == ["FORBIDDEN"]
    approved = await door.do(settling.checker, "approveSettlementCycle", CYCLE, **given)
    assert (codes(approved), approved["settlementCycle"]["state"]) == ([], "EXECUTING")
    again = await door.do(settling.checker, "approveSettlementCycle", CYCLE, **given)
    assert again["replayed"] is True

    top_up = await door.do(
        settling.maker,
        "topUpStripeBalance",
        "topUp { id state amount { minor } }",
        amount={"currency": "SAR", "decimal": "100.00"},
    )
    assert top_up["topUp"]["state"] == "REQUESTED"
    await settling.work(rounds=4)
    one = await door.read(
        settling.maker,
        "query($id: ID!) { settlementCycle(id: $id) { state settledAt"
        " statements(first: 1) { edges { node { number } } pageInfo { hasNextPage } } } }",
        id=cycle["id"],
    )
    assert one["settlementCycle"]["state"] == "SETTLED"
    assert one["settlementCycle"]["statements"]["pageInfo"] == {"hasNextPage": True}
    listed = await door.read(
        settling.maker,
        "{ settlementCycles(first: 5) { edges { node { number state } }"
        " totals { count net { minor } } } }",
    )
    assert listed["settlementCycles"] == {
        "edges": [{"node": {"number": 1, "state": "SETTLED"}}],
        "totals": [{"count": 2, "net": {"minor": "-3000"}}],
    }


async def test_a_partner_sees_its_own_statement_to_the_line(settling: Settling) -> None:
    cycle = await closed(settling)
    mine = await settling.door.read(settling.as_partner(settling.shop), STATEMENTS, first=10)
    (edge,) = mine["statements"]["edges"]
    node = edge["node"]
    assert (node["receivable"], node["payable"], node["net"], node["outcome"]) == (
        {"minor": "5000"},
        {"minor": "0"},
        {"minor": "5000"},
        "COLLECT",
    )
    assert (node["state"], node["settlementCycle"], node["payout"]) == ("ISSUED", None, None)
    (line,) = node["lines"]["edges"]
    assert (line["node"]["kind"], line["node"]["side"], line["node"]["amount"]) == (
        "test.earn",
        "RECEIVABLE",
        {"minor": "5000"},
    )
    assert node["lines"]["totals"] == {"count": 1, "net": {"minor": "5000"}}
    other = await settling.door.read(
        settling.as_partner(settling.cafe),
        "query($id: ID!) { statement(id: $id) { id } settled: node(id: $id) { id } }",
        id=node["id"],
    )
    assert other == {"statement": None, "settled": None}
    staff = await settling.door.read(settling.checker, STATEMENTS, first=1)
    assert staff["statements"]["totals"] == [
        {
            "count": 2,
            "receivable": {"minor": "5000"},
            "payable": {"minor": "8000"},
            "net": {"minor": "-3000"},
        }
    ]
    hidden = await settling.door.read(
        settling.as_partner(settling.shop),
        "query($id: ID!) { node(id: $id) { id } }",
        id=cycle["id"],
    )
    assert hidden == {"node": None}


async def test_nothing_to_settle_is_said_in_arabic(settling: Settling) -> None:
    cycle = await closed(settling)
    await settling.door.do(
        settling.checker, "approveSettlementCycle", CYCLE, settlementCycleId=cycle["id"]
    )
    payload = await settling.door.do(
        settling.maker, "closeSettlementCycle", CYCLE, locale="ar", idempotencyKey="second"
    )
    assert codes(payload) == ["NOTHING_TO_SETTLE"]
    assert payload["problems"][0]["retryable"] is True
    assert payload["problems"][0]["message"].startswith("لم تحدث")


async def test_cashback_is_requested_approved_paid_and_shown(settling: Settling) -> None:
    door = settling.door
    given: dict[str, Any] = {"amount": {"currency": "SAR", "decimal": "30.00"}}
    shown = "payout { id state amount { minor } }"
    early = await door.do(settling.as_member, "requestCashbackPayout", shown, **given)
    assert (codes(early), early["problems"][0]["retryable"]) == (["PAYEE_NOT_READY"], True)
    await settling.onboard(settling.as_member)
    policy = await door.do(
        settling.operator,
        "publishPayoutPolicy",
        "payoutPolicy { currency approvalAbove { minor } minimum { minor } }",
        approvalAbove={"currency": "SAR", "minor": "2000"},
        minimum={"currency": "SAR", "minor": "100"},
    )
    assert policy["payoutPolicy"] == {
        "currency": "SAR",
        "approvalAbove": {"minor": "2000"},
        "minimum": {"minor": "100"},
    }
    requested = await door.do(settling.as_member, "requestCashbackPayout", shown, **given)
    assert requested["payout"]["state"] == "PENDING_APPROVAL"
    payout_id = requested["payout"]["id"]
    approved = await door.do(settling.checker, "approvePayout", shown, payoutId=payout_id)
    assert approved["payout"]["state"] == "SCHEDULED"
    await settling.double.control("fund", amount=100_000, currency="sar")
    await settling.work(rounds=3)
    mine = await door.read(settling.as_member, PAYOUTS)
    (edge,) = mine["payouts"]["edges"]
    assert (edge["node"]["state"], edge["node"]["requestedBy"], edge["node"]["attempts"]) == (
        "PAID",
        None,
        [],
    )
    assert mine["payouts"]["totals"] == [{"count": 1, "amount": {"minor": "3000"}}]
    staff = await door.read(settling.maker, PAYOUTS)
    assert staff["payouts"]["edges"][0]["node"]["attempts"] == [
        {"leg": "TRANSFER", "state": "SUCCEEDED"},
        {"leg": "PAYOUT", "state": "SUCCEEDED"},
    ]
    foreign = await door.read(
        settling.as_partner(settling.cafe),
        "query($id: ID!) { payout(id: $id) { id } }",
        id=payout_id,
    )
    assert foreign == {"payout": None}
    late = await door.do(settling.as_member, "cancelPayout", shown, payoutId=payout_id)
    assert codes(late) == ["STATE_CONFLICT"]


@pytest.mark.parametrize(
    ("amount", "locale", "message"),
    [
        (
            {"currency": "KWD", "decimal": "1.234"},
            "en",
            "It is paid out in multiples of 0.010 KWD; the nearest amount below is 1.230 KWD."
            " No money moved.",
        ),
        (
            {"currency": "HUF", "minor": "250050"},
            "ar",
            "يُدفع بمضاعفات 1.00 HUF؛ وأقرب مبلغ أدنى هو 2500.00 HUF. لم يتحرك أي مبلغ.",
        ),
    ],
)
async def test_an_amount_that_no_bank_can_pay_names_the_one_below(
    settling: Settling, amount: dict[str, str], locale: str, message: str
) -> None:
    door = settling.door
    refused = await door.do(
        settling.as_member,
        "requestCashbackPayout",
        "payout { id }",
        locale=locale,
        amount=amount,
    )
    assert refused["payout"] is None
    assert refused["problems"] == [
        {"code": "INVALID_INPUT", "message": message, "path": ["amount"], "retryable": False}
    ]
    mine = await door.read(settling.as_member, PAYOUTS)
    assert (mine["payouts"]["edges"], mine["payouts"]["totals"]) == ([], [])


async def test_a_member_acts_for_itself_alone(settling: Settling) -> None:
    shown = "payout { id }"
    absent = settling.id("Payout", settling.cafe)
    payload = await settling.door.do(settling.as_member, "retryPayout", shown, payoutId=absent)
    assert codes(payload) == ["NOT_FOUND"]
    other = await settling.door.do(
        settling.as_member,
        "requestCashbackPayout",
        shown,
        amount={"currency": "SAR", "minor": "1"},
        memberId=settling.id("Member", settling.cafe),
    )
    assert codes(other) == ["INVALID_INPUT"]
    partner = await settling.door.do(
        settling.as_partner(settling.cafe), "approvePayout", shown, payoutId=absent
    )
    assert codes(partner) == ["FORBIDDEN"]


async def test_a_payee_needs_an_owner_and_a_country(settling: Settling) -> None:
    given = {"email": "a@example.com"}
    shown = "payee { id }"
    wrong = await settling.door.do(
        settling.as_partner(settling.cafe), "connectPayee", shown, country="saudi", **given
    )
    assert (codes(wrong), wrong["problems"][0]["path"]) == (["INVALID_INPUT"], ["country"])
    nobody = await settling.door.do(
        settling.operator,
        "connectPayee",
        shown,
        country="SA",
        partnerId=settling.id("Partner", settling.member),
        **given,
    )
    assert codes(nobody) == ["NOT_FOUND"]


async def test_staff_see_what_netting_saves(settling: Settling) -> None:
    cycle = await closed(settling)
    document = """query($id: ID!) { settlementCycle(id: $id) { netting {
      grossVolume { minor currency } netVolume { minor } savedVolume { minor }
      transfers bilateralTransfers } } }"""
    found = await settling.door.read(settling.maker, document, id=cycle["id"])
    # The shop owes 50.00 and the cafe is owed 80.00, so that nothing is set off.
    assert found["settlementCycle"]["netting"] == {
        "grossVolume": {"minor": "13000", "currency": "SAR"},
        "netVolume": {"minor": "13000"},
        "savedVolume": {"minor": "0"},
        "transfers": 2,
        "bilateralTransfers": 2,
    }
    result = await settling.door.ask(settling.as_partner(settling.shop), document, id=cycle["id"])
    assert result.data == {"settlementCycle": None}
    assert [one.extensions["code"] for one in result.errors] == ["FORBIDDEN"]
