"""Above a limit two of finance approve a cycle, and everybody of the staff sees who did."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Caller, Role
from tests.api.graphql.explain.asking import explain_id
from tests.api.graphql.payouts.test_settlement import closed, codes
from tests.api.graphql.payouts.world import Settling

APPROVED = "settlementCycle { state approvedBy approvalsNeeded approvals { by at } }"
CYCLES = """{ settlementCycles(first: 9) { edges { node {
  state approvalsNeeded approvals { by } } } } }"""
POLICY = "payoutPolicy { approvalAbove { minor } secondApprovalAbove { minor currency } }"


async def publish(settling: Settling, above: str | None, key: str = "policy") -> dict[str, Any]:
    given: dict[str, Any] = {
        "approvalAbove": {"currency": "SAR", "minor": "2000"},
        "minimum": {"currency": "SAR", "minor": "100"},
    }
    if above is not None:
        given["secondApprovalAbove"] = {"currency": "SAR", "minor": above}
    return await settling.door.do(
        settling.operator, "publishPayoutPolicy", POLICY, idempotencyKey=key, **given
    )


async def test_two_of_finance_approve_what_is_above_the_limit(
    settling: Settling, superuser: AsyncConnection
) -> None:
    door = settling.door
    # The cafe is paid 80.00, the shop pays 50.00.
    policy = (await publish(settling, "12999"))["payoutPolicy"]
    assert policy == {
        "approvalAbove": {"minor": "2000"},
        "secondApprovalAbove": {"minor": "12999", "currency": "SAR"},
    }
    cycle = await closed(settling)

    async def approve(caller: Caller, key: str, locale: str = "en") -> dict[str, Any]:
        return await door.do(
            caller,
            "approveSettlementCycle",
            APPROVED,
            locale=locale,
            idempotencyKey=key,
            settlementCycleId=cycle["id"],
        )

    maker_too = settling.person("mona", Role.FINANCE_MAKER, Role.FINANCE_CHECKER)
    assert codes(await approve(maker_too, "own")) == ["MAKER_IS_CHECKER"]
    first = await approve(settling.checker, "first")
    at = settling.clock.now().isoformat()
    assert (codes(first), first["settlementCycle"]) == (
        [],
        {
            "state": "IN_REVIEW",
            "approvedBy": None,
            "approvalsNeeded": 1,
            "approvals": [{"by": "staff:said", "at": at}],
        },
    )
    assert (await approve(settling.checker, "first"))["replayed"] is True
    twice = await approve(settling.checker, "twice", locale="ar")
    assert (codes(twice), twice["settlementCycle"]) == (["STATE_CONFLICT"], None)
    assert twice["problems"][0]["message"].startswith("سبق أن وافقتَ")
    assert codes(await approve(maker_too, "own again")) == ["MAKER_IS_CHECKER"]
    orders = await superuser.execute(text("SELECT count(*) FROM payouts.payout"))
    assert orders.scalar_one() == 0
    second = await approve(settling.person("zaid", Role.FINANCE_CHECKER), "second")
    assert (codes(second), second["settlementCycle"]) == (
        [],
        {
            "state": "EXECUTING",
            "approvedBy": "staff:zaid",
            "approvalsNeeded": 0,
            "approvals": [{"by": "staff:said", "at": at}, {"by": "staff:zaid", "at": at}],
        },
    )
    listed = await door.read(settling.maker, CYCLES)
    assert [edge["node"] for edge in listed["settlementCycles"]["edges"]] == [
        {
            "state": "EXECUTING",
            "approvalsNeeded": 0,
            "approvals": [{"by": "staff:said"}, {"by": "staff:zaid"}],
        }
    ]
    told = await explain_id(door, settling.person("a", Role.AUDITOR), cycle["id"])
    assert told is not None
    said = [one for one in told.sentences if one.startswith("It was approved")]
    assert [one.rpartition(" by ")[2] for one in said] == ["staff:said.", "staff:zaid."]


async def test_a_limit_of_zero_is_a_limit_and_none_is_none(settling: Settling) -> None:
    zero = await publish(settling, "0")
    assert zero["payoutPolicy"]["secondApprovalAbove"] == {"minor": "0", "currency": "SAR"}
    await closed(settling)
    listed = await settling.door.read(settling.maker, CYCLES)
    assert [edge["node"]["approvalsNeeded"] for edge in listed["settlementCycles"]["edges"]] == [2]
    none = await publish(settling, None, key="none")
    assert none["payoutPolicy"]["secondApprovalAbove"] is None
    listed = await settling.door.read(settling.maker, CYCLES)
    assert [edge["node"]["approvalsNeeded"] for edge in listed["settlementCycles"]["edges"]] == [1]


async def test_a_limit_is_of_the_policys_currency(
    settling: Settling, superuser: AsyncConnection
) -> None:
    refused = await publish(settling, "-1")
    assert codes(refused) == ["INVALID_AMOUNT"]
    foreign = await settling.door.do(
        settling.operator,
        "publishPayoutPolicy",
        POLICY,
        idempotencyKey="foreign",
        approvalAbove={"currency": "SAR", "minor": "2000"},
        minimum={"currency": "SAR", "minor": "100"},
        secondApprovalAbove={"currency": "EUR", "minor": "1"},
    )
    assert (codes(foreign), foreign["payoutPolicy"]) == (["CURRENCY_MISMATCH"], None)
    count = await superuser.execute(text("SELECT count(*) FROM payouts.payout_policy"))
    assert count.scalar_one() == 0
