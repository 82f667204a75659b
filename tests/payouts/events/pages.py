"""Writes docs/events.md and docs/chart-of-accounts.md: `python -m tests.payouts.events.pages`.

Both come from the registered events, their examples and the chart, so they cannot say otherwise.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from payouts.events import EVENTS, WITHOUT_JOURNAL, Event, Lines
from payouts.ledger import CHART, AccountType
from payouts.ledger.purposes import PURPOSES
from payouts.money import POINTS_UNIT, Money, Points
from tests.payouts.events.cases import OWNERS, Case, account, label
from tests.payouts.events.test_events import CASES, NUMBERS

DOCS = Path(__file__).resolve().parents[3] / "docs"
CHAPTERS = {
    "earning": "Earning",
    "points": "Points",
    "redeeming": "Redeeming",
    "cards": "Cards",
    "settling": "Settling",
    "treasury": "Cash and currencies",
    "resolving": "Unexplained lines",
    "closing": "Closing",
    "budgeting": "Budgets",
}
INTRO = """# Business events

What happens in the business is written in the books by these events and by nothing else. Each is one
function in `payouts/events` that returns exactly the lines below; use cases add who, when and why. In
every event debits and credits are equal in each unit, whatever the amounts.

- A journal's `kind` is the event's name. What moves the provider's balance is called by the
  provider's own word, `stripe.…`, whichever event it is.
- **Taken back by** names the event that undoes it. `….reversed` is the exact inverse: the same lines
  with their signs turned. A journal is never changed.
- Value of members, card value and cash stand on accounts of their own and never mix in one account; an
  account has one unit for ever. Points are a unit of their own (`POINTS`), which only accounts of members
  and the position take. What changes its unit goes through `fx_position` in both, and the
  journal's note names the quoted rate (`fx_rate_id`), which names its source.
- Splits use the largest remainder, so nothing is ever posted for rounding inside the books.

In the examples amounts are in EUR unless they say otherwise. {owners}.

What each account is for stands in [the chart of accounts](chart-of-accounts.md).
"""
CHART_INTRO = """# The chart of accounts

Every account of a book has one of these types, one owner and one unit. The chart is data
(`payouts/ledger/chart.py`); a database that was made earlier gets the accounts it lacks by migration.

- **Side**: the side that increases it. A contra liability lessens a liability and so stands opposite.
- **Floor**: `nonneg` accounts never fall below zero, less what is held on them. `limit` accounts may,
  by what was agreed for each and no further; that is nothing until somebody agrees to more, and every
  agreement stays on record with who made it. What was drawn beyond a prefund before there were limits
  counts as agreed, and nothing more.
- **Mode**: of `sync` accounts a balance is kept and locked with each posting; of `append` accounts it
  is always the sum of the postings.
- **Units**: the kinds of unit that accounts of the type take. All take currencies; those that say so
  take points too, and the database refuses any other (MZ013). Card value is stated in the currency of
  its face and kept apart by accounts that nothing else is posted to ([why](adr/0016-units.md)).
- Memo accounts only ever stand against each other: they remember, nobody owes anybody.

`suspense` also holds receipts that nobody could apply yet. `retained` (3200) is what earlier years
earned and is apart from `capital` (3100), which is what the owners paid in. Revenue and expense
accounts are `append`, so that nobody waits for a row that everybody writes; a campaign's part of
`bonus_expense` and `referral_expense` is a part of the account, by the campaign's name.
`tax_payable` waits for its first event.
"""


def amount_of(amount: Money | Points) -> str:
    if isinstance(amount, Points):
        return f"{abs(amount.minor)} points"
    shown = abs(amount.minor)
    return Money(shown, amount.currency).decimal + (
        "" if amount.currency == "EUR" else f" {amount.currency}"
    )


def side(minor: int) -> str:
    return f"{'debit' if minor > 0 else 'credit'} {amount_of(Money(minor, 'EUR'))}"


def name_of(words: str) -> str:
    type_, *rest = [word for word in words.split() if word not in ("USD", POINTS_UNIT)]
    return f"`{type_}`" + (f" {' '.join(rest)}" if rest else "")


def rows(lines: Lines) -> Iterator[str]:
    for line in lines:
        if line.amount:
            amount = amount_of(line.amount)
            sides = (amount, "") if line.amount.minor > 0 else ("", amount)
            yield f"| {name_of(label(line.account))} | {sides[0]} | {sides[1]} |"


def example(case: Case) -> Iterator[str]:
    yield f"| {case.title or 'account'} | debit | credit |"
    yield "|---|--:|--:|"
    yield from rows(EVENTS[case.event].build(**case.values))
    yield ""
    if case.undone:
        left = ", ".join(f"{name_of(one)} {side(minor)}" for one, minor in case.undone.items())
        yield f"Taken back, what has changed since before is: {left}."
        yield ""


def title_of(event: Event) -> str:
    numbers = ", ".join(str(number) for number in event.numbers)
    return f"### `{event.name}`" + (f" ({numbers})" if numbers else "")


def section(event: Event) -> Iterator[str]:
    yield title_of(event)
    yield ""
    yield from (inspect.getdoc(event.build) or "").splitlines()
    yield ""
    taken_back = f"`{event.reversal}`" + (", its exact inverse" if event.is_inverted else "")
    kind = "" if event.kind == event.name else f" **Kind:** `{event.kind}`."
    yield f"**Says so:** {event.source}. **Taken back by:** {taken_back}.{kind}"
    yield ""
    for case in CASES:
        if case.event == event.name:
            yield from example(case)


def numbered() -> Iterator[str]:
    yield "| # | events |"
    yield "|--:|---|"
    for number in NUMBERS:
        names = [f"`{one.name}`" for one in EVENTS.values() if number in one.numbers]
        yield f"| {number} | {', '.join(names) or WITHOUT_JOURNAL[number]} |"


def events_page() -> str:
    owners = ", ".join(f"{letter} is {words}" for letter, words in OWNERS.items())
    lines = [INTRO.format(owners=owners), *numbered(), ""]
    for module, chapter in CHAPTERS.items():
        lines += [f"## {chapter}", ""]
        for event in EVENTS.values():
            if event.build.__module__.endswith(f".{module}"):
                lines += section(event)
    return "\n".join(lines).rstrip() + "\n"


def uses_of(kind: str) -> list[str]:
    return sorted({case.event for case in CASES for one in case.moves if account(one).type == kind})


def chart_row(one: AccountType) -> str:
    side = "debit" if one.normal > 0 else "credit"
    kind = one.account_class.replace("_", " ")
    used = ", ".join(
        f"[{name}](events.md#{re.sub('[^a-z0-9_-]', '', anchor(name))})"
        for name in uses_of(one.name)
    )
    floor = "" if one.floor == "none" else one.floor
    units = "points too" if "points" in one.unit_kinds else ""
    return (
        f"| {one.gl_code} | `{one.name}` | {PURPOSES[one.name]} | {kind} | {side} | {floor} |"
        f" {one.owner_kind} | {one.mode} | {units} | {used} |"
    )


def anchor(name: str) -> str:
    return title_of(EVENTS[name]).removeprefix("### ").lower().replace(" ", "-")


def chart_page() -> str:
    head = (
        "| number | account | what it holds | class | side | floor | owner | mode | units | events |",
        "|--:|---|---|---|---|---|---|---|---|---|",
    )
    return "\n".join([CHART_INTRO, *head, *(chart_row(one) for one in CHART.values())]) + "\n"


PAGES = {"events.md": events_page, "chart-of-accounts.md": chart_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
