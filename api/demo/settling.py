"""Step 10: the network settles with its partners, and one of them disputes a line."""

from typing import Any

from api.demo.cast import CURRENCY, Stage, amount
from api.demo.client import StoryBroken
from api.demo.earning import RETURN
from api.demo.joining import connect

CLOSE = (
    "mutation ($input: CloseSettlementCycleInput!) { closeSettlementCycle(input: $input)"
    " { settlementCycle { id number state fromSeq toSeq resultHash"
    " statements(first: 50) { edges { node { id number version outcome opening { decimal }"
    " settled { decimal } receivable { decimal } payable { decimal } net { decimal } linesCount"
    " partner { name } } } } }"
    " problems { code message } replayed } }"
)
APPROVE_CYCLE = (
    "mutation ($input: ApproveSettlementCycleInput!) { approveSettlementCycle(input: $input)"
    " { settlementCycle { id state } problems { code message } replayed } }"
)
CYCLE = (
    "query ($id: ID!) { settlementCycle(id: $id) { state resultHash statements(first: 50) {"
    " edges { node { id number version outcome net { decimal } partner { name }"
    " payout { state reason } collection { state reason } } } } } }"
)
LINES = (
    "query ($id: ID!, $since: Int) { statement(id: $id) { lines(first: 50, sinceVersion: $since) {"
    " edges { node { journalId line kind side isLate amount { decimal minor } } } } } }"
)
DISPUTE = (
    "mutation ($input: DisputeStatementLineInput!) { disputeStatementLine(input: $input)"
    " { dispute { id state } problems { code message } replayed } }"
)
DECIDE = (
    "mutation ($input: DecideDisputeInput!) { decideDispute(input: $input)"
    " { dispute { id state } problems { code message } replayed } }"
)
_GROCERY = "Noor Grocery"


def finance_settles(stage: Stage) -> None:
    """Step 10: gross obligations, one net each, a dispute, two persons, Stripe moves the money."""
    telling, api = stage.telling, stage.api
    telling.chapter(10, "Finance closes the settlement cycle")
    for label, name in (
        ("grocery", _GROCERY),
        ("coffee", "Qahwa House"),
        ("experiences", "Desert Trails"),
    ):
        connect(stage, stage.operator, name, partnerId=stage.partner_ids[label])
    cycle = api.do(stage.maker, CLOSE, currency=CURRENCY, reviewDays=1)["settlementCycle"]
    _tell_cycle(stage, cycle)
    dispute_id = _grocery_disputes(stage, cycle)
    message = api.refused(
        stage.maker, APPROVE_CYCLE, problem="FORBIDDEN", settlementCycleId=cycle["id"]
    )
    telling.say(f"The maker tries to approve it: {message}")
    message = api.refused(
        stage.checker, APPROVE_CYCLE, problem="STATE_CONFLICT", settlementCycleId=cycle["id"]
    )
    telling.say(f"A second person tries at once: {message}")
    stage.outside.days_pass(1)
    telling.say("A day goes by, and nobody disputes anything more.")
    _approve(stage, cycle["id"])
    _what_comes_late(stage, dispute_id)


def _tell_cycle(stage: Stage, cycle: dict[str, Any]) -> None:
    stage.telling.say(f"Cycle {cycle['number']}: journals {cycle['fromSeq']} to {cycle['toSeq']}.")
    for edge in cycle["statements"]["edges"]:
        one = edge["node"]
        stage.telling.say(
            f"Statement {one['number']}, {one['partner']['name']}: opens with"
            f" {one['opening']['decimal']}, settled {one['settled']['decimal']}, owes"
            f" {one['receivable']['decimal']}, is owed {one['payable']['decimal']}, net"
            f" {one['net']['decimal']} ({one['linesCount']} lines)."
        )


def _statement_of(cycle: dict[str, Any], name: str) -> dict[str, Any]:
    nodes = [edge["node"] for edge in cycle["statements"]["edges"]]
    found: dict[str, Any] = next(one for one in nodes if one["partner"]["name"] == name)
    return found


def _grocery_disputes(stage: Stage, cycle: dict[str, Any]) -> str:
    """The grocery contests 1.00 of a line; its statement is issued anew without it."""
    api, own = stage.api, _statement_of(cycle, _GROCERY)
    edges = api.ask(stage.grocery, LINES, id=own["id"])["statement"]["lines"]["edges"]
    line = next(
        edge["node"]
        for edge in edges
        if edge["node"]["side"] == "RECEIVABLE" and int(edge["node"]["amount"]["minor"]) >= 100
    )
    dispute: dict[str, Any] = api.do(
        stage.grocery,
        DISPUTE,
        statementId=own["id"],
        journalId=line["journalId"],
        line=line["line"],
        amount=amount("1.00"),
        reason="Part of this was sold by another shop.",
    )["dispute"]
    again = api.ask(stage.checker, CYCLE, id=cycle["id"])["settlementCycle"]
    anew = _statement_of(again, _GROCERY)
    if (anew["number"], anew["version"]) != (own["number"], 2):
        raise StoryBroken(f"the statement was not issued anew: {anew}")
    stage.telling.say(
        f"The grocery disputes 1.00 of a line of {line['amount']['decimal']}: statement"
        f" {anew['number']}, version 2, comes to {anew['net']['decimal']}; the rest is settled."
    )
    found: str = dispute["id"]
    return found


def _approve(stage: Stage, cycle_id: str) -> None:
    telling, api = stage.telling, stage.api
    seen = api.ask(stage.checker, CYCLE, id=cycle_id)["settlementCycle"]
    api.do(stage.checker, APPROVE_CYCLE, settlementCycleId=cycle_id, resultHash=seen["resultHash"])
    telling.say("A second person approves what she saw, by its hash.")

    def settled() -> Any:
        found = api.ask(stage.checker, CYCLE, id=cycle_id)["settlementCycle"]
        return found if found["state"] == "SETTLED" else None

    found = api.until("the cycle to be settled", settled)
    for edge in found["statements"]["edges"]:
        one = edge["node"]
        moved = one["payout"] or one["collection"]
        how = {"PAY": "is paid", "COLLECT": "is debited", "CARRIED": "carries on"}.get(
            one["outcome"], "moves nothing"
        )
        state = f": {moved['state']}" if moved else ""
        telling.say(f"{one['partner']['name']} {how} {one['net']['decimal'].lstrip('-')}{state}.")


def _what_comes_late(stage: Stage, dispute_id: str) -> None:
    """A return after the close and the decision fall into the next cycle; nothing is reopened."""
    telling, api = stage.telling, stage.api
    taken = api.do(
        stage.grocery,
        RETURN,
        purchaseId=stage.notes["first_purchase"],
        externalId=f"late-{stage.run}",
        amount=amount("20.00"),
    )["purchaseReturn"]["cashback"]["decimal"]
    telling.say(f"After the close goods for 20.00 come back: {taken} of cashback is taken back.")
    state = api.do(
        stage.checker,
        DECIDE,
        disputeId=dispute_id,
        accepted=amount("0.40"),
        remark="0.40 was another shop's.",
    )["dispute"]["state"]
    telling.say(f"The dispute is {state}: the network bears 0.40, the grocery 0.60.")
    cycle = api.do(stage.maker, CLOSE, currency=CURRENCY)["settlementCycle"]
    _tell_cycle(stage, cycle)
    own = _statement_of(cycle, _GROCERY)
    edges = api.ask(stage.grocery, LINES, id=own["id"])["statement"]["lines"]["edges"]
    for edge in edges:
        line = edge["node"]
        telling.say(f"  {line['kind']}: {line['amount']['decimal']} ({line['side'].lower()})")
    kinds = {edge["node"]["kind"] for edge in edges}
    if not {"settlement.net", "statement.contest_rejected"} < kinds:
        raise StoryBroken(f"the second statement has the lines {kinds}")
    _approve(stage, cycle["id"])
