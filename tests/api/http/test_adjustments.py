"""An adjustment over HTTP: issued by finance, read by its partner, in every form alike."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.graphql.nodes import id_of
from payouts.ledger import Cause, Draft, credit, debit, post_journal
from payouts.settlement import (
    Statement,
    close_settlement_cycle,
    list_cycle_statements,
    post_settlement_cycle,
)
from tests.api.documents.test_csv_document import rows_of
from tests.api.documents.workbook import sheets_of
from tests.api.http.test_statements import FORMS, Office, code_of
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network
from tests.graphql_client import running_app

SHOWN = """adjustmentStatement { id number currency linesCount contentHash issuedBy fromSeq toSeq
  receivable { decimal } payable { decimal } net { decimal } adjusts { number state }
  partner { id } documents { format url }
  lines(first: 9) { totals { count net { decimal } } pageInfo { hasNextPage }
    edges { cursor node { kind reason side isLate correctsJournalId amount { decimal }
      settledIn { number state } } } } }"""
NODE = """query($id: ID!) { node(id: $id) { id ... on AdjustmentStatement { number issuedBy
  net { decimal } lines(first: 2) { edges { node { settledIn { number state } } } } } } }"""
ADJUSTMENTS = """query($id: ID!, $first: Int, $after: String) { statement(id: $id) {
  adjustments(first: $first, after: $after) { edges { cursor node { number net { decimal } } }
    pageInfo { hasNextPage } } } }"""


@dataclass(frozen=True)
class Corrected(Office):
    """A network with a final statement of P, of which 1.20 came back."""

    traded: UUID

    async def issue(self, who: str = "finance_maker", **given: Any) -> dict[str, Any]:
        client = self.app.as_staff(who)
        given = {"statementId": self.own, **given}
        return await client.mutate("issueAdjustmentStatement", given, SHOWN)

    async def take_back(self, key: str, minor: int) -> None:
        await trade(self.souq, key, -minor, reverses=self.traded)


async def trade(
    souq: SmallNetwork,
    key: str,
    minor: int,
    *,
    of: UUID | None = None,
    reverses: UUID | None = None,
) -> UUID:
    at = NOW if reverses is None else NOW + timedelta(minutes=5)
    draft = Draft(
        kind="accrual.return_available" if reverses else "accrual.confirm",
        key=key,
        cause=Cause("purchase", key),
        lines=(
            debit(souq.of_partner("partner_recv", of), souq.money(minor)),
            credit(souq.wallet(), souq.money(minor)),
        ),
        actor="test",
        effective_at=at,
        reverses=reverses,
    )
    async with souq.database.writing(souq.network_id) as db:
        return (await post_journal(db, network_id=souq.network_id, draft=draft, now=at)).journal_id


async def settle(souq: SmallNetwork, hours: int) -> dict[UUID, Statement]:
    at = NOW + timedelta(hours=hours)
    async with souq.database.writing(souq.network_id) as db:
        cycle = await close_settlement_cycle(
            db, network_id=souq.network_id, currency="SAR", actor="staff:mona", now=at
        )
        await post_settlement_cycle(
            db, network_id=souq.network_id, cycle_id=cycle.cycle_id, actor="staff:said", now=at
        )
        made = await list_cycle_statements(db, network_id=souq.network_id, cycle_id=cycle.cycle_id)
    return {one.partner_id: one for one in made}


@asynccontextmanager
async def corrected(database: Database) -> AsyncIterator[Corrected]:
    souq = await found_network(database)
    traded = await trade(souq, "one", 450)
    await trade(souq, "two", 5, of=souq.other_partner_id)
    made = await settle(souq, 0)
    async with running_app(database, network_id=souq.network_id) as app:
        office = Corrected(app, souq, made, traded)
        await office.take_back("back", 120)
        yield office


def codes(payload: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(one["code"], one["retryable"]) for one in payload["problems"]]


async def rows(superuser: AsyncConnection) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for table in ("statement", "adjustment_statement", "journal", "settlement_cycle"):
        found += [
            tuple(one)
            for one in await superuser.execute(
                text(f"SELECT to_jsonb(t)::text FROM payouts.{table} t ORDER BY 1")
            )
        ]
    return found


async def test_finance_issues_it_and_its_partner_reads_where_each_line_is_settled(
    database: Database,
) -> None:
    async with corrected(database) as office:
        souq = office.souq
        shown = (await office.issue())["adjustmentStatement"]
        assert (shown["number"], shown["currency"], shown["linesCount"]) == (3, "SAR", 1)
        assert [shown[side]["decimal"] for side in ("receivable", "payable", "net")] == [
            "-1.20",
            "0.00",
            "-1.20",
        ]
        assert shown["adjusts"] == {
            "number": office.statements[souq.partner_id].number,
            "state": "FINAL",
        }
        assert shown["partner"]["id"] == id_of("Partner", souq.network_id, souq.partner_id)
        assert shown["issuedBy"]
        assert shown["lines"]["totals"] == {"count": 1, "net": {"decimal": "-1.20"}}
        (edge,) = shown["lines"]["edges"]
        assert edge["node"] == {
            "kind": "accrual.return_available",
            "reason": "REVERSAL",
            "side": "RECEIVABLE",
            "isLate": False,
            "correctsJournalId": id_of("Journal", souq.network_id, office.traded),
            "amount": {"decimal": "-1.20"},
            "settledIn": None,
        }
        second = (await settle(souq, 1))[souq.partner_id]
        found = (await office.partner.data(NODE, {"id": shown["id"]}))["node"]
        assert found == {
            "id": shown["id"],
            "number": 3,
            "issuedBy": None,
            "net": {"decimal": "-1.20"},
            "lines": {
                "edges": [{"node": {"settledIn": {"number": second.number, "state": "FINAL"}}}]
            },
        }


async def test_the_same_key_gives_the_same_and_another_one_finds_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    async with corrected(database) as office:
        first = await office.issue(idempotencyKey="one")
        again = await office.issue(idempotencyKey="one")
        assert again["replayed"]
        assert again["adjustmentStatement"]["id"] == first["adjustmentStatement"]["id"]
        before = await rows(superuser)
        nothing = await office.issue("finance_checker")
        assert codes(nothing) == [("NOTHING_TO_ADJUST", True)]
        assert nothing["adjustmentStatement"] is None
        assert await rows(superuser) == before
        await office.take_back("more", 10)
        later = (await office.issue("finance_checker"))["adjustmentStatement"]
        assert (later["number"], later["net"]["decimal"]) == (4, "-0.10")
        assert later["fromSeq"] == first["adjustmentStatement"]["toSeq"]


async def test_the_adjustments_of_a_statement_are_paged_by_number(database: Database) -> None:
    async with corrected(database) as office:
        for number in range(3):
            assert (await office.issue())["problems"] == []
            await office.take_back(f"back {number}", number + 1)
        told: list[tuple[int, str]] = []
        place: str | None = None
        while True:
            given = {"id": office.own, "first": 2, "after": place}
            page = (await office.partner.data(ADJUSTMENTS, given))["statement"]["adjustments"]
            told += [
                (one["node"]["number"], one["node"]["net"]["decimal"]) for one in page["edges"]
            ]
            if not page["pageInfo"]["hasNextPage"]:
                break
            place = page["edges"][-1]["cursor"]
        assert told == [(3, "-1.20"), (4, "-0.01"), (5, "-0.02")]


async def test_only_finance_issues_it_and_only_for_what_is_final_and_there(
    database: Database, superuser: AsyncConnection
) -> None:
    async with corrected(database) as office:
        souq = office.souq
        before = await rows(superuser)
        for who in ("operator", "auditor"):
            assert codes(await office.issue(who)) == [("FORBIDDEN", False)]
        refused = await office.partner.mutate(
            "issueAdjustmentStatement", {"statementId": office.own}, SHOWN
        )
        assert codes(refused) == [("FORBIDDEN", False)]
        for number, key in ((0, UUID(int=5)), (1, office.statements[souq.partner_id].statement_id)):
            absent = await office.issue(
                statementId=id_of("Statement", souq.network_id + number, key)
            )
            assert codes(absent) == [("NOT_FOUND", False)]
        arabic = await office.app.as_staff("finance_maker").mutate(
            "issueAdjustmentStatement",
            {"statementId": office.name_of(souq.other_partner_id)},
            SHOWN,
            locale="ar",
        )
        assert codes(arabic) == [("NOTHING_TO_ADJUST", True)]
        assert arabic["problems"][0]["message"].startswith("لا يوجد تصحيح")
        assert await rows(superuser) == before
        await superuser.execute(text("UPDATE payouts.statement SET state = 'issued'"))
        before = await rows(superuser)
        assert codes(await office.issue()) == [("STATE_CONFLICT", False)]
        assert await rows(superuser) == before


async def test_another_partner_and_another_network_find_nothing(database: Database) -> None:
    async with corrected(database) as office:
        souq = office.souq
        key = (await office.issue())["adjustmentStatement"]["id"]
        stranger = office.app.as_partner(souq.other_partner_id)
        assert await stranger.data(NODE, {"id": key}) == {"node": None}
        abroad = office.app.as_staff("auditor", network_id=souq.network_id + 1)
        assert await abroad.data(NODE, {"id": key}) == {"node": None}
        absent = id_of("AdjustmentStatement", souq.network_id, UUID(int=5))
        missing = await office.get(f"{absent}.json", stranger)
        assert code_of(missing) == (404, "NOT_FOUND")
        for who in (stranger, abroad):
            for form in FORMS:
                assert (await office.get(f"{key}.{form}", who)).content == missing.content
        # Each of its lines has a certificate in the statement that settles it.
        certificate = await office.get(f"{key}.certificate", office.partner)
        assert (certificate.status_code, certificate.content) == (404, missing.content)


async def test_its_documents_say_the_same_totals_and_are_the_same_bytes(
    database: Database, superuser: AsyncConnection
) -> None:
    async with corrected(database) as office:
        shown = (await office.issue())["adjustmentStatement"]
        key = shown["id"]
        assert shown["documents"] == [
            {"format": form.upper(), "url": f"/statements/{key}.{form}"} for form in FORMS
        ]
        content = {}
        for form in FORMS:
            answer = await office.get(f"{key}.{form}", office.partner)
            assert answer.status_code == 200
            assert answer.headers["content-disposition"] == (
                f'attachment; filename="adjustment-000003-SAR.{form}"'
            )
            again = await office.get(f"{key}.{form}", office.app.as_staff("auditor"))
            assert again.content == answer.content
            content[form] = answer.content
        told = ["-1.20", "0.00", "-1.20"]
        sides = ("receivable", "payable", "net")
        document = json.loads(content["json"])
        assert [document["linesTotal"][side]["decimal"] for side in sides] == told
        assert document["contentHash"] == shown["contentHash"]
        assert document["adjusts"]["number"] == shown["adjusts"]["number"]
        (corrections,) = [row for row in rows_of(content["csv"]) if row["record"] == "corrections"]
        assert [corrections[side] for side in sides] == told
        summary, lines = sheets_of(content["xlsx"]).values()
        (total,) = [row for row in summary if row and row[0] == ("s", "All corrections")]
        assert [value for _, value in total[2:]] == told
        assert [value for _, value in lines[-1][11:14]] == told
        arabic = await office.get(f"{key}.pdf?locale=ar", office.partner)
        assert arabic.headers["content-language"] == "ar"
        assert arabic.content.startswith(b"%PDF-")
        assert arabic.content != content["pdf"]
        await superuser.execute(text("UPDATE payouts.adjustment_statement SET payable = 1"))
        for form in FORMS:
            altered = await office.get(f"{key}.{form}", office.partner)
            assert code_of(altered) == (409, "STATE_CONFLICT")
