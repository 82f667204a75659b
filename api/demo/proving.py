"""Step 11: bank and Stripe are matched with the books, and everything is proved."""

from typing import Any

from api.demo.bank import BankLine, write_statement
from api.demo.cast import CURRENCY, Stage
from api.demo.client import StoryBroken
from payouts.money import Money

IMPORT = (
    "mutation ($input: ImportBankStatementInput!) { importBankStatement(input: $input)"
    " { bankStatement { reference entriesCount closing { decimal } }"
    " problems { code message } replayed } }"
)
ITEMS = (
    "{ reconciliationItems(first: 50, states: [UNEXPECTED, MISMATCHED, PROPOSED]) { edges { node {"
    " id leg state reason reference amount { decimal } } } } }"
)
RESOLVE = (
    "mutation ($input: ResolveReconciliationItemInput!) { resolveReconciliationItem(input: $input)"
    " { reconciliationItem { id state } problems { code message } replayed } }"
)
APPROVE = (
    "mutation ($input: ApproveReconciliationItemInput!) { approveReconciliationItem(input: $input)"
    " { reconciliationItem { id state } problems { code message } replayed } }"
)
TRIAL = (
    "{ trialBalance { rows { glCode accountType debit { minor decimal currency }"
    " credit { minor decimal } } totals { debit { minor decimal currency }"
    " credit { minor decimal } } } }"
)
OPEN = "{ openEnds { items clearing { accountType amount { decimal currency } } } }"
CAPITAL = "100000.00"


def bank_and_stripe_match(stage: Stage) -> None:
    """Step 11: the statement is imported, the exceptions resolved by two persons, all proved."""
    telling, api = stage.telling, stage.api
    telling.chapter(11, "Bank and Stripe are matched with the books")
    lines = [
        BankLine(Money.of_decimal(CAPITAL, CURRENCY), f"capital-{stage.run}", "Owner's capital"),
        *(
            BankLine(Money(-one["amount"], CURRENCY), one["id"], "Stripe top-up")
            for one in _unmatched_topups(stage)
        ),
    ]
    document = write_statement(
        f"STMT-{stage.run}", _sequence(stage), _bank_cash(stage), lines, stage.now.date()
    )
    imported = api.do(stage.maker, IMPORT, content=document)["bankStatement"]
    telling.say(
        f"Bank statement {imported['reference']}: {imported['entriesCount']} entries, closing"
        f" {imported['closing']['decimal']}."
    )
    telling.say(
        f"Sent again it is refused: {api.refused(stage.maker, IMPORT, problem='DUPLICATE_DOCUMENT', content=document)}"
    )
    _resolve(stage)
    api.until("nothing to be open", lambda: _open_ends(stage) == (0, []))
    telling.say("Stripe's balance transactions are matched one by one; nothing is left open.")
    _prove(stage)


def _unmatched_topups(stage: Stage) -> list[dict[str, Any]]:
    seen = stage.outside.stripe_list("topups")
    return [one for one in seen if one["id"] not in stage.notes["topups_before"]]


def _sequence(stage: Stage) -> int:
    return int(stage.now.timestamp())


def _bank_cash(stage: Stage) -> Money:
    for row in stage.api.ask(stage.maker, TRIAL)["trialBalance"]["rows"]:
        if row["accountType"] == "bank_cash" and row["debit"]["currency"] == CURRENCY:
            return Money(int(row["debit"]["minor"]) - int(row["credit"]["minor"]), CURRENCY)
    return Money.zero(CURRENCY)


def _resolve(stage: Stage) -> None:
    for edge in stage.api.ask(stage.maker, ITEMS)["reconciliationItems"]["edges"]:
        item = edge["node"]
        if (item["leg"], item["state"], item["amount"]["decimal"]) != (
            "bank",
            "UNEXPECTED",
            CAPITAL,
        ):
            continue
        stage.api.do(
            stage.maker,
            RESOLVE,
            itemId=item["id"],
            resolution="CAPITAL_CONTRIBUTION",
            remark="The owners' first contribution.",
        )
        stage.api.do(stage.checker, APPROVE, itemId=item["id"])
        stage.telling.say(
            f"{item['amount']['decimal']} had no counterpart: the maker says it is the owners'"
            " capital, the checker approves, and it is booked."
        )


def _open_ends(stage: Stage) -> tuple[int, list[Any]]:
    ends = stage.api.ask(stage.checker, OPEN)["openEnds"]
    return ends["items"], ends["clearing"]


def _prove(stage: Stage) -> None:
    trial = stage.api.ask(stage.checker, TRIAL)["trialBalance"]
    for row in trial["rows"]:
        if row["debit"]["currency"] == CURRENCY:
            stage.telling.say(
                f"{row['glCode']} {row['accountType']:<24} {row['debit']['decimal']:>12}"
                f" {row['credit']['decimal']:>12}"
            )
    for total in trial["totals"]:
        if total["debit"]["minor"] != total["credit"]["minor"]:
            raise StoryBroken(f"the trial balance is not zero: {total}")
        stage.telling.say(
            f"{total['debit']['currency']}: debits {total['debit']['decimal']} = credits"
            f" {total['credit']['decimal']}."
        )
