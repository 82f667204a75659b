"""Finance works the list of exceptions and closes the month, each person in their own part."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from tests.graphql_client import GraphQLClient, RunningApp, running_app
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.payouts.reconciliation.world import BOOK, counts, opened

ITEM = (
    "reconciliationItem { id state resolution proposedBy approvedBy openAmount { minor }"
    " journal { id kind period postings { accountType amount { minor currency } } } }"
)
LIST = """query ($first: Int, $after: String, $states: [ReconciliationState!]) {
  reconciliationItems(first: $first, after: $after, states: $states) {
    edges { node { id leg state reason amount { decimal currency } } }
    pageInfo { hasNextPage endCursor }
    totals { count amount { minor } openAmount { minor } }
  } }"""
STATEMENT = document(
    statement("100.00", "597.00", entry("500.00", ref="B1"), entry("-3.00", ref="B2"))
)


@pytest.fixture
async def app(database: Database) -> AsyncIterator[RunningApp]:
    await opened(database)
    async with running_app(database, network_id=BOOK) as running:
        yield running


async def imported(app: RunningApp) -> dict[str, Any]:
    return await app.as_staff("finance_maker").mutate(
        "importBankStatement",
        {"content": STATEMENT},
        "bankStatement { id reference closing { decimal } entriesCount }",
    )


async def listed(client: GraphQLClient, **variables: Any) -> dict[str, Any]:
    data = await client.data(LIST, {"first": 10, **variables})
    return data["reconciliationItems"]


def codes(payload: dict[str, Any]) -> list[str]:
    return [one["code"] for one in payload["problems"]]


async def test_a_statement_is_imported_listed_resolved_and_closed(app: RunningApp) -> None:
    maker, checker = app.as_staff("finance_maker"), app.as_staff("finance_checker")
    payload = await imported(app)
    assert payload["bankStatement"]["closing"] == {"decimal": "597.00"}
    assert codes(await imported(app)) == ["DUPLICATE_DOCUMENT"]
    page = await listed(maker, first=1)
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await listed(maker, first=1, after=page["pageInfo"]["endCursor"])
    assert rest["pageInfo"]["hasNextPage"] is False
    nodes = [one["node"] for one in page["edges"] + rest["edges"]]
    assert {(one["state"], one["amount"]["decimal"]) for one in nodes} == {
        ("UNEXPECTED", "500.00"),
        ("UNEXPECTED", "-3.00"),
    }
    assert page["totals"] == [
        {"count": 2, "amount": {"minor": "49700"}, "openAmount": {"minor": "49700"}}
    ]
    meant = {"500.00": "CAPITAL_CONTRIBUTION", "-3.00": "BANK_FEE"}
    for node in nodes:
        proposal = {"itemId": node["id"], "resolution": meant[node["amount"]["decimal"]]}
        proposed = await maker.mutate(
            "resolveReconciliationItem", {**proposal, "remark": "seen"}, ITEM
        )
        assert proposed["reconciliationItem"]["state"] == "PROPOSED"
        approved = await checker.mutate("approveReconciliationItem", {"itemId": node["id"]}, ITEM)
        assert approved["reconciliationItem"]["state"] == "RESOLVED"
        journal = approved["reconciliationItem"]["journal"]
        assert sum(int(one["amount"]["minor"]) for one in journal["postings"]) == 0
        again = await checker.data(
            "query ($id: ID!) { journal(id: $id) { kind seq reverses { id } } }",
            {"id": journal["id"]},
        )
        assert again["journal"] == {"kind": journal["kind"], "seq": None, "reverses": None}
    assert (await listed(maker, states=["UNEXPECTED", "PROPOSED"]))["edges"] == []
    balance = await checker.data(
        "{ trialBalance { rows { accountType debit { minor } credit { minor } }"
        " totals { debit { minor } credit { minor } } }"
        " openEnds { items clearing { accountType } } }"
    )
    assert balance["openEnds"] == {"items": 0, "clearing": []}
    assert balance["trialBalance"]["totals"] == [
        {"debit": {"minor": "50300"}, "credit": {"minor": "50300"}}
    ]
    period = {"period": "2026-03"}
    shown = "period { id period status closedBy }"
    early = await checker.mutate("closePeriod", period, shown)
    assert (early["period"], codes(early)) == (None, ["STATE_CONFLICT"])
    app.clock.set(datetime(2026, 4, 2, 9, tzinfo=UTC))
    maker, checker = app.as_staff("finance_maker"), app.as_staff("finance_checker")
    assert (await maker.mutate("closePeriod", period, shown))["period"]["status"] == "soft"
    closed = (await checker.mutate("closePeriod", period, shown))["period"]
    assert (closed["period"], closed["status"]) == ("2026-03", "closed")
    node = await checker.data(
        "query ($id: ID!) { node(id: $id) { ... on AccountingPeriod { status } } }",
        {"id": closed["id"]},
    )
    assert node["node"] == {"status": "closed"}
    assert codes(await maker.mutate("closePeriod", period, shown)) == ["PERIOD_CLOSED"]


async def test_a_replay_imports_once_and_hostile_content_changes_nothing(
    app: RunningApp, superuser: AsyncConnection
) -> None:
    maker = app.as_staff("finance_maker")
    given = {"content": STATEMENT, "idempotencyKey": uuid4().hex}
    first = await maker.mutate("importBankStatement", given, "bankStatement { id }")
    replay = await maker.mutate("importBankStatement", given, "bankStatement { id }")
    assert (replay["bankStatement"], replay["replayed"]) == (first["bankStatement"], True)
    before = await counts(superuser)
    hostile = "<!DOCTYPE d [<!ENTITY x 'y'>]><d>&x;</d>"
    for content, code in ((hostile, "DOCUMENT_REFUSED"), ("x" * 200_001, "INVALID_INPUT")):
        refused = await maker.mutate(
            "importBankStatement", {"content": content}, "bankStatement { id }"
        )
        assert (refused["bankStatement"], codes(refused)) == (None, [code])
    arabic = await maker.mutate(
        "importBankStatement", {"content": hostile}, "bankStatement { id }", locale="ar"
    )
    assert "لا يمكن قبول مستند البنك" in arabic["problems"][0]["message"]
    assert await counts(superuser) == before


async def test_only_finance_works_the_list(app: RunningApp, superuser: AsyncConnection) -> None:
    await imported(app)
    before = await counts(superuser)
    item = (await listed(app.as_staff("auditor")))["edges"][0]["node"]["id"]
    proposal = {"itemId": item, "resolution": "BANK_FEE", "remark": "x"}
    for role in ("finance_checker", "operator", "auditor"):
        payload = await app.as_staff(role).mutate("resolveReconciliationItem", proposal, ITEM)
        assert codes(payload) == ["FORBIDDEN"]
    for role in ("finance_maker", "operator", "auditor"):
        payload = await app.as_staff(role).mutate(
            "approveReconciliationItem", {"itemId": item}, ITEM
        )
        assert codes(payload) == ["FORBIDDEN"]
    for role in ("operator", "auditor"):
        for name, given in (
            ("closePeriod", {"period": "2026-02"}),
            ("importBankStatement", {"content": STATEMENT}),
        ):
            payload = await app.as_staff(role).mutate(name, given, "replayed")
            assert codes(payload) == ["FORBIDDEN"]
    partner = app.as_partner(uuid4())
    for query in ("{ trialBalance { rows { glCode } } }", "{ openEnds { items } }", LIST):
        answer = await partner.run(query, {"first": 1} if query == LIST else {})
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await partner.data(node, {"id": item}))["node"] is None
    stranger = app.as_staff("finance_checker", network_id=BOOK + 1)
    assert (await stranger.data(node, {"id": item}))["node"] is None
    payload = await stranger.mutate("approveReconciliationItem", {"itemId": item}, ITEM)
    assert codes(payload) == ["NOT_FOUND"]
    assert await counts(superuser) == before


async def test_maker_with_both_roles_cannot_approve_own_proposal(app: RunningApp) -> None:
    await imported(app)
    both = app.as_staff("finance_maker", "finance_checker", subject="one-person")
    item = (await listed(both))["edges"][0]["node"]["id"]
    proposal = {"itemId": item, "resolution": "CASH_IN_TRANSIT", "remark": "x"}
    assert codes(await both.mutate("resolveReconciliationItem", proposal, ITEM)) == []
    refused = await both.mutate("approveReconciliationItem", {"itemId": item}, ITEM)
    assert codes(refused) == ["MAKER_IS_CHECKER"]


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "March", "2026-3"])
async def test_a_month_that_is_none_is_invalid(app: RunningApp, month: str) -> None:
    payload = await app.as_staff("finance_checker").mutate(
        "closePeriod", {"period": month}, "period { id }"
    )
    assert codes(payload) == ["INVALID_INPUT"]
