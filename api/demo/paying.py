"""Step 9: a member takes money out."""

from typing import Any

from api.demo.cast import Stage, amount
from api.demo.client import StoryBroken
from api.demo.joining import connect

POLICY = (
    "mutation ($input: PublishPayoutPolicyInput!) { publishPayoutPolicy(input: $input)"
    " { payoutPolicy { id } problems { code message } replayed } }"
)
REQUEST = (
    "mutation ($input: RequestCashbackPayoutInput!) { requestCashbackPayout(input: $input)"
    " { payout { id state } problems { code message } replayed } }"
)
APPROVE = (
    "mutation ($input: ApprovePayoutInput!) { approvePayout(input: $input)"
    " { payout { id state } problems { code message } replayed } }"
)
RETRY = (
    "mutation ($input: RetryPayoutInput!) { retryPayout(input: $input)"
    " { payout { id state } problems { code message } replayed } }"
)
PAYOUT = "query ($id: ID!) { payout(id: $id) { id state reason } }"
TOP_UP = (
    "mutation ($input: TopUpStripeBalanceInput!) { topUpStripeBalance(input: $input)"
    " { topUp { id state } problems { code message } replayed } }"
)
TOP_UP_NODE = "query ($id: ID!) { node(id: $id) { ... on TopUp { state } } }"


def member_takes_cash(stage: Stage) -> None:
    """Step 9: 30.00 out; no cover, then cover; the bank returns it; the retry pays."""
    telling, api = stage.telling, stage.api
    telling.chapter(9, "The member takes 30.00 SAR out")
    layla = stage.notes["layla"]
    layla.locale = "en"
    api.do(stage.operator, POLICY, approvalAbove=amount("20.00"), minimum=amount("1.00"))
    connect(stage, layla, "Layla")
    available, held = stage.watch(layla), stage.watch(layla, "held")
    payout_id = api.do(layla, REQUEST, amount=amount("30.00"))["payout"]["id"]
    telling.say("30.00 is above the limit of 20.00: it is held until a second person approves.")
    available()
    held()
    api.do(stage.checker, APPROVE, payoutId=payout_id)
    waiting = _when(stage, payout_id, "WAITING_FUNDS", "TRANSFERRED", "IN_TRANSIT", "PAID")
    if waiting["state"] == "WAITING_FUNDS":
        telling.say(f"Approved; it waits, since Stripe has no money yet: {waiting['reason']}.")
    stage.outside.stripe("fail_next_payout", failure_code="account_closed")
    _top_up(stage, "100.00")
    _when(stage, payout_id, "RETURNED")
    telling.say("It goes out, and the bank returns it: the account is closed. It is hers again.")
    available()
    api.do(layla, RETRY, payoutId=payout_id)
    if _when(stage, payout_id, "PENDING_APPROVAL", "PAID")["state"] == "PENDING_APPROVAL":
        api.do(stage.checker, APPROVE, payoutId=payout_id)
    _when(stage, payout_id, "PAID")
    telling.say("She tries again; this time it is paid.")
    available()
    if stage.wallet(layla)["held"] != "0.00":
        raise StoryBroken("something is still held")


def _when(stage: Stage, payout_id: str, *states: str) -> dict[str, Any]:
    def look() -> Any:
        payout = stage.api.ask(stage.checker, PAYOUT, id=payout_id)["payout"]
        return payout if payout["state"] in states else None

    found: dict[str, Any] = stage.api.until(f"the payout to be {' or '.join(states)}", look)
    return found


def _top_up(stage: Stage, decimal: str) -> None:
    topup_id = stage.api.do(stage.maker, TOP_UP, amount=amount(decimal))["topUp"]["id"]
    stage.api.until(
        "the top-up",
        lambda: (
            stage.api.ask(stage.maker, TOP_UP_NODE, id=topup_id)["node"]["state"] == "SUCCEEDED"
        ),
    )
    stage.telling.say(f"Finance tops Stripe's balance up by {decimal} from the bank.")
