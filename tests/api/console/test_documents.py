"""Every document of the console is answered, as it stands there, to each role that it is for."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.cli.purchases import Import, import_purchases
from tests.api.console.looking import tell
from tests.api.graphql.payouts.following import Socket, socket_of
from tests.api.graphql.payouts.test_disputed_statement import DISPUTE, under_review
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier
from tests.graphql_client import GraphQLClient, RunningApp, TestClock, running_app
from tests.partners.intakes.test_intakes import HEADER, sale
from tests.payouts.reconciliation.camt import document, entry, statement

STAFF = ("operator", "finance_maker", "finance_checker", "auditor")
ROOT_FIELDS = {
    "VIEWER": {"viewer"},
    "CYCLES": {"settlementCycles"},
    "ONE_CYCLE": {"settlementCycle"},
    "STATEMENTS": {"settlementCycle"},
    "ATTENTION": {"settlementCycles", "halts", "payouts", "disputes"},
    "MATCHING": {"reconciliationProgress"},
    "PAYOUTS": {"payouts"},
    "ATTEMPTS": {"payout"},
    "CATALOGUE_IMPORTS": {"catalogueImports"},
    "REFUSED_ITEMS": {"node"},
    "INTAKES": {"purchaseIntakes"},
    "REFUSED_LINES": {"purchaseIntake"},
}


@cache
def asked_of() -> dict[str, str]:
    """The documents of the pages by their names."""
    return {name: one for name, one in tell()["documents"].items() if isinstance(one, str)}


class Office:
    """The console's documents as one person asks them."""

    def __init__(self, client: GraphQLClient, locale: str = "en") -> None:
        self.client = client
        self.locale = locale

    async def ask(self, name: str, **variables: Any) -> Any:
        # Each is sent the language, as the page does, also those that do not say it.
        given = {"locale": self.locale.upper(), **variables}
        return await self.client.data(asked_of()[name], given, locale=self.locale)


@pytest.fixture
async def app(settling: Settling) -> AsyncIterator[RunningApp]:
    async with running_app(settling.door.database, network_id=settling.network_id) as running:
        yield running


async def settle(settling: Settling, app: RunningApp) -> None:
    """A cycle is closed, disputed and approved; its payout has no cover, its debtor no mandate."""
    await settling.onboard(settling.as_partner(settling.cafe))
    owing, line = await under_review(settling)
    opened = await settling.door.do(
        settling.as_partner(settling.shop),
        "disputeStatementLine",
        DISPUTE,
        statementId=owing,
        journalId=line["journalId"],
        line=line["line"],
        amount={"currency": "SAR", "decimal": "1.50"},
        reason="Another shop sold this.",
    )
    assert opened["problems"] == []
    settling.door.set_clock(settling.clock.now() + timedelta(days=3))
    app.clock.set(settling.clock.now())
    cycles = (await Office(app.as_staff("auditor")).ask("CYCLES", first=1))["settlementCycles"]
    approved = await settling.door.do(
        settling.checker,
        "approveSettlementCycle",
        "settlementCycle { state }",
        settlementCycleId=cycles["edges"][0]["node"]["id"],
    )
    assert approved["problems"] == []
    await settling.work()
    app.clock.set(settling.clock.now())


async def take_in(settling: Settling, app: RunningApp, folder: Path) -> None:
    """A bank statement, a supplier's catalogue with an item refused, a file of purchases."""
    content = document(statement("0.00", "500.00", entry("500.00", ref="B1")))
    imported = await app.as_staff("finance_maker").mutate(
        "importBankStatement", {"content": content}, "bankStatement { id }"
    )
    assert imported["problems"] == []
    network_id = settling.network_id
    feed = json.loads(RAW_FEED)
    feed["content"][0]["recipientCurrencyCode"] = "no currency"
    async with settling.door.database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id)
        await import_raw(
            db,
            network_id=network_id,
            supplier_id=supplier.supplier_id,
            raw=json.dumps(feed).encode(),
        )
    path = folder / "march.csv"
    path.write_text(HEADER + sale(1, member="nobody") + sale(2, amount="x"))
    clock = TestClock(NOW)
    job = Import(settling.door.database, clock, network_id, settling.shop, path, 2)
    assert await import_purchases(job) == 1


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in connection["edges"]]


async def test_the_pages_can_be_made_of_what_is_answered(
    settling: Settling, app: RunningApp, tmp_path: Path
) -> None:
    await settle(settling, app)
    await take_in(settling, app, tmp_path)
    asked: set[str] = set()
    people = [Office(app.as_staff(role, subject="aisha")) for role in STAFF]
    answers = [await _all_of_it(one, asked) for one in people]
    assert asked == set(ROOT_FIELDS)
    for told in answers:
        # Who is asking is all in which they differ.
        assert told.pop("roles") in [[role.upper()] for role in STAFF]
        assert told == answers[0]
    assert answers[0] == {
        "network": ("souq", "Asia/Riyadh"),
        "cycle": (1, "EXECUTING", 2, 2),
        "totals": [(2, "SAR48.50", "SAR80.00", "-SAR31.50")],
        "waiting": [
            ("COLLECTION", "payment_method_needed", "SAR48.50"),
            ("PAYOUT", "insufficient_platform_funds", "SAR80.00"),
        ],
        "statements": [
            ("Shop", "COLLECT", "SAR48.50", ["CSV", "JSON", "PDF", "XLSX"]),
            ("Cafe", "PAY", "-SAR80.00", ["CSV", "JSON", "PDF", "XLSX"]),
        ],
        "attention": [("WAITING_FUNDS", "Cafe", "SAR80.00")],
        "disputes": [("Shop", "SAR1.50", "Another shop sold this.")],
        "matching": [("bank", 1, 0, 1, "SAR500.00")],
        "payouts": [("settlement", "WAITING_FUNDS", "SAR80.00")],
        "attempts": [],
        "import": ("reloadly", "FINISHED", 9, 9, 1),
        "refused items": 1,
        "intake": ("march.csv", "FINISHED", 2, 2, 0, 2),
        "refused lines": ["There is no such member.", "This is not an amount"],
    }


async def _all_of_it(office: Office, asked: set[str]) -> dict[str, Any]:
    async def ask(name: str, **variables: Any) -> Any:
        asked.add(name)
        data = await office.ask(name, **variables)
        assert set(data) == ROOT_FIELDS[name]
        return data

    viewer = (await ask("VIEWER"))["viewer"]
    cycles = (await ask("CYCLES", first=10))["settlementCycles"]
    (listed,) = nodes(cycles)
    cycle = (await ask("ONE_CYCLE", id=listed["id"]))["settlementCycle"]
    assert cycle == listed
    statements = (await ask("STATEMENTS", id=cycle["id"]))["settlementCycle"]
    attention = await ask("ATTENTION", states=tell_states())
    sides = (await ask("MATCHING"))["reconciliationProgress"]["sides"]
    payouts = nodes((await ask("PAYOUTS", states=None))["payouts"])
    attempts = (await ask("ATTEMPTS", id=payouts[0]["id"]))["payout"]["attempts"]
    (made,) = nodes((await ask("CATALOGUE_IMPORTS"))["catalogueImports"])
    items = (await ask("REFUSED_ITEMS", id=made["id"]))["node"]["refusals"]
    (intake,) = nodes((await ask("INTAKES"))["purchaseIntakes"])
    lines = (await ask("REFUSED_LINES", id=intake["id"]))["purchaseIntake"]["refusals"]
    assert attention["halts"] == []
    (open_cycle,) = nodes(attention["settlementCycles"])
    assert open_cycle == {"id": cycle["id"], "state": cycle["state"]}
    return {
        "roles": viewer["roles"],
        "network": (viewer["network"]["slug"], viewer["network"]["zone"]),
        "cycle": (
            cycle["number"],
            cycle["state"],
            cycle["version"],
            cycle["progress"]["statementsCount"],
        ),
        "totals": [
            (one["count"], *(one[side]["formatted"] for side in ("receivable", "payable", "net")))
            for one in cycles["totals"]
        ],
        "waiting": [
            (one["kind"], one["reason"], one["amount"]["formatted"])
            for one in cycle["progress"]["waiting"]
        ],
        "statements": [
            (
                one["partner"]["name"],
                one["outcome"],
                one["net"]["formatted"],
                sorted(it["format"] for it in one["documents"]),
            )
            for one in nodes(statements["statements"])
        ],
        "attention": [
            (one["state"], one["partner"]["name"], one["amount"]["formatted"])
            for one in nodes(attention["payouts"])
        ],
        "disputes": [
            (one["statement"]["partner"]["name"], one["amount"]["formatted"], one["reason"])
            for one in nodes(attention["disputes"])
        ],
        "matching": [
            (one["leg"], one["count"], one["matchedCount"], one["openCount"], amount["formatted"])
            for one in sides
            for amount in [one["openAmount"]]
        ],
        "payouts": [(one["kind"], one["state"], one["amount"]["formatted"]) for one in payouts],
        "attempts": attempts,
        "import": (
            made["supplier"]["name"],
            made["state"],
            made["items"],
            made["itemsDone"],
            made["refused"],
        ),
        "refused items": len(nodes(items)),
        "intake": (
            intake["fileName"],
            intake["state"],
            intake["lines"],
            intake["linesTaken"],
            intake["recorded"],
            intake["refused"],
        ),
        "refused lines": [one["message"].partition(" of ")[0] for one in nodes(lines)],
    }


def tell_states() -> list[str]:
    found: list[str] = tell()["documents"]["WAITING_STATES"]
    return found


async def test_amounts_and_names_come_in_arabic(settling: Settling, app: RunningApp) -> None:
    await settle(settling, app)
    office = Office(app.as_staff("finance_maker"), "ar")
    (cycle,) = nodes((await office.ask("CYCLES", first=1))["settlementCycles"])

    (money,) = cycle["progress"]["money"]
    assert (money["toPay"]["minor"], money["paid"]["minor"]) == ("8000", "0")
    assert "80.00" in money["toPay"]["formatted"]
    assert "ر.س" in money["toPay"]["formatted"]
    assert "SAR" not in json.dumps(_formatted(cycle), ensure_ascii=False)


def _formatted(told: Any) -> list[str]:
    if isinstance(told, dict):
        own = [told["formatted"]] if "formatted" in told else []
        return [*own, *(one for value in told.values() for one in _formatted(value))]
    return [one for value in told for one in _formatted(value)] if isinstance(told, list) else []


async def test_a_cycle_that_is_followed_tells_what_one_that_is_asked_for_tells(
    settling: Settling, app: RunningApp
) -> None:
    await settle(settling, app)
    client = app.as_staff("auditor")
    (cycle,) = nodes((await Office(client).ask("CYCLES", first=1))["settlementCycles"])
    async with socket_of(app, client) as socket:
        assert await _followed(socket, cycle["id"]) == cycle["progress"]


async def _followed(socket: Socket, cycle_id: str) -> Any:
    variables = {"id": cycle_id, "locale": "EN"}
    payload = {"query": asked_of()["FOLLOW_CYCLE"], "variables": variables}
    await socket.say(type="subscribe", id="1", payload=payload)
    return await socket.progress()


async def test_others_may_not_whatever_the_page_shows(settling: Settling, app: RunningApp) -> None:
    """A partner is shown that the console is not for it; the server does not rely on that."""
    given = {"locale": "EN", "id": settling.id("SettlementCycle", settling.shop), "first": 1}
    askers = {
        "partner": app.as_partner(settling.shop),
        "member": app.as_member(settling.member),
        "nobody": app.anonymous(),
    }
    codes: dict[str, dict[str, list[str]]] = {who: {} for who in askers}
    for who, client in askers.items():
        for name in ROOT_FIELDS:
            answer = await client.run(asked_of()[name], given)
            found = [one["extensions"]["code"] for one in answer.get("errors", ())]
            codes[who].setdefault(found[0] if found else "answered", []).append(name)
    assert set(codes["nobody"]) == {"UNAUTHENTICATED"}
    # Its own payouts and files a partner may see, and a member its own payouts.
    own = ["VIEWER", "PAYOUTS", "ATTEMPTS", "REFUSED_ITEMS"]
    files = ["INTAKES", "REFUSED_LINES"]
    assert sorted(codes["partner"]["answered"]) == sorted([*own, *files])
    assert sorted(codes["member"]["answered"]) == sorted(own)
    assert set(codes["partner"]) == set(codes["member"]) == {"answered", "FORBIDDEN"}


def test_no_document_is_left_out() -> None:
    assert set(asked_of()) == {*ROOT_FIELDS, "FOLLOW_CYCLE"}
    assert all(text.count("(first: ") <= 4 for text in asked_of().values())
    assert not any("mutation" in text for text in asked_of().values())
