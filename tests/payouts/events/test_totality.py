"""Nothing is posted but registered events, and nobody writes lines of his own."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from payouts.events import EVENTS, events_of
from payouts.reconciliation import Resolution

ROOT = Path(__file__).resolve().parents[3]
LEDGER = {"payouts/ledger", "payouts/events"}
STRIPE = "stripe.*"


WORDS = re.compile(r"\b(Draft|Line|debit|credit)\(")


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """Every file that may write lines, or may make a draft of them."""
    found = []
    for house in ("api", "catalog", "partners", "payouts"):
        for path in sorted((ROOT / house).rglob("*.py")):
            text = path.read_text()
            if WORDS.search(text):
                found.append((str(path.relative_to(ROOT)), ast.parse(text)))
    return found


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in names:
            yield node


def kind_of(call: ast.Call) -> str:
    """What a draft is called; a star stands for what is only known when it is written."""
    found = {one.arg: one.value for one in call.keywords}.get("kind")
    node = found or call.args[0]
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
        )
    return f"({ast.unparse(node)})"


def drafts() -> Iterator[tuple[str, str]]:
    for path, tree in sources():
        # A function that passes a kind on to a draft is called with it.
        makers = {"Draft"} | {
            function.name
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            and any(kind_of(call) == "(kind)" for call in calls(function_module(function), "Draft"))
        }
        for call in calls(tree, *makers):
            if kind_of(call) != "(kind)":
                yield path, kind_of(call)


def function_module(function: ast.FunctionDef) -> ast.Module:
    return ast.Module(body=[function], type_ignores=[])


def test_every_draft_is_of_a_registered_event() -> None:
    found = list(drafts())
    assert len(found) > 20
    unknown = [
        (path, kind)
        for path, kind in found
        if kind != "reconciliation.*" and not any(events_of(kind))
    ]
    assert unknown == []
    assert ("payouts/reconciliation/model.py", "reconciliation.*") in found
    assert ("payouts/reconciliation/model.py", STRIPE) in found


def test_every_resolution_that_posts_is_a_registered_event() -> None:
    posting = set(Resolution) - {Resolution.ACKNOWLEDGE}
    events = {name for name in EVENTS if name.startswith("reconciliation.")}
    assert events == {f"reconciliation.{one}" for one in posting}


def test_a_kind_leads_to_its_events_and_an_exact_inverse_to_what_it_takes_back() -> None:
    assert [one.name for one in events_of("accrual.pending")] == ["accrual.pending"]
    assert [one.name for one in events_of("value.expire.reversed")] == ["value.expire"]
    assert "settlement.collect" in {one.name for one in events_of("stripe.charge")}
    assert list(events_of("accrual.imagined")) == []
    assert list(events_of("accrual.pending.reversed")) == []


def test_only_events_write_lines() -> None:
    writers = {
        path
        for path, tree in sources()
        if "/".join(path.split("/")[:2]) not in LEDGER
        and any(True for _ in calls(tree, "debit", "credit", "Line"))
    }
    assert writers == set()
