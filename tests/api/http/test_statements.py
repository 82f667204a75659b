"""Documents of a statement over HTTP: for its partner and the staff, and for nobody else."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.documents import pdf_document
from api.graphql.nodes import id_of
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import Cause, Draft, Line, credit, debit, post_journal
from payouts.reserves import publish_reserve_policy
from payouts.settlement import Statement, close_settlement_cycle, list_cycle_statements
from tests.api.documents.test_csv_document import rows_of
from tests.api.documents.workbook import is_right_to_left, sheets_of
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network
from tests.graphql_client import GraphQLClient, RunningApp, running_app

FORMS = ("json", "csv", "xlsx", "pdf")
STAFF = ("operator", "finance_maker", "finance_checker", "auditor")
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Office:
    """A network with a closed cycle: P owes 4.00 and is owed 17.46, Q owes 0.05."""

    app: RunningApp
    souq: SmallNetwork
    statements: dict[UUID, Statement]

    def name_of(self, partner_id: UUID) -> str:
        one = self.statements[partner_id]
        return str(id_of("Statement", self.souq.network_id, one.statement_id))

    @property
    def own(self) -> str:
        return self.name_of(self.souq.partner_id)

    @property
    def partner(self) -> GraphQLClient:
        return self.app.as_partner(self.souq.partner_id)

    async def get(
        self,
        name: str,
        who: GraphQLClient | None,
        *,
        method: str = "GET",
        **headers: str,
    ) -> httpx2.Response:
        if who is not None and who.token is not None:
            headers["authorization"] = f"Bearer {who.token}"
        return await self.app.http.request(method, f"/statements/{name}", headers=headers)


async def post(souq: SmallNetwork, key: str, kind: str, *lines: Line) -> None:
    draft = Draft(
        kind=kind,
        key=key,
        cause=Cause("purchase", key),
        lines=lines,
        actor="test",
        effective_at=NOW - timedelta(hours=1),
    )
    async with souq.database.writing(souq.network_id) as db:
        await post_journal(db, network_id=souq.network_id, draft=draft, now=NOW)


async def owes(souq: SmallNetwork, key: str, minor: int, partner_id: UUID | None = None) -> None:
    await post(
        souq,
        key,
        "accrual.confirm",
        debit(souq.of_partner("partner_recv", partner_id), souq.money(minor)),
        credit(souq.wallet(), souq.money(minor)),
    )


@asynccontextmanager
async def open_office(database: Database, **options: Any) -> AsyncIterator[Office]:
    souq = await found_network(database)
    await owes(souq, "one", 450)
    await owes(souq, "two", -50)
    await post(
        souq,
        "three",
        "card.capture",
        debit(souq.own("platform_fee"), souq.money(1_746)),
        credit(souq.of_partner("partner_payable"), souq.money(1_746)),
    )
    await owes(souq, "four", 5, souq.other_partner_id)
    async with database.writing(souq.network_id) as db:
        cycle = await close_settlement_cycle(
            db, network_id=souq.network_id, currency="SAR", actor="staff:mona", now=NOW
        )
        made = await list_cycle_statements(db, network_id=souq.network_id, cycle_id=cycle.cycle_id)
    async with running_app(database, network_id=souq.network_id, **options) as app:
        yield Office(app, souq, {one.partner_id: one for one in made})


async def approve_with_reserve(souq: SmallNetwork, one: Statement) -> None:
    """Hold a tenth of what is paid back for 30 days, and approve the cycle."""
    async with souq.database.writing(souq.network_id) as db:
        await publish_reserve_policy(
            db,
            network_id=souq.network_id,
            currency="SAR",
            partner_id=None,
            share_bps=1_000,
            hold_days=30,
            actor="staff:omar",
            now=NOW,
        )
        await approve_settlement_cycle(
            db, network_id=souq.network_id, cycle_id=one.cycle_id, actor="staff:said", now=NOW
        )


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


async def test_the_partner_and_the_staff_get_the_same_bytes_in_every_form(
    database: Database,
) -> None:
    async with open_office(database) as office:
        number = office.statements[office.souq.partner_id].number
        for form in FORMS:
            answers = [
                await office.get(f"{office.own}.{form}", who)
                for who in (office.partner, *(office.app.as_staff(role) for role in STAFF))
            ]
            first = answers[0]
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert first.headers["content-type"] == MEDIA_TYPES[form]
            assert first.headers["content-disposition"] == (
                f'attachment; filename="statement-{number:06d}-SAR.{form}"'
            )
            assert first.headers["cache-control"] == "private, no-store"
            assert first.headers["x-content-type-options"] == "nosniff"
            assert len(first.content) > 500


async def test_all_forms_say_the_same_totals(database: Database) -> None:
    async with open_office(database) as office:
        content = {
            form: (await office.get(f"{office.own}.{form}", office.partner)).content
            for form in FORMS
        }
        document = json.loads(content["json"])
        rows = {row["record"]: row for row in rows_of(content["csv"])}
        summary, lines = sheets_of(content["xlsx"]).values()
        assert document["movements"]["count"] == document["linesCount"] == 3
        assert [one["amount"]["decimal"] for one in document["lines"]] == ["4.50", "-0.50", "17.46"]
        told = ["4.00", "17.46", "-13.46"]
        sides = ("receivable", "payable", "net")
        for record in ("movements", "closing"):
            assert [document[record][side]["decimal"] for side in sides] == told
            assert [rows[record][side] for side in sides] == told
        assert [value for _, value in lines[-1][11:14]] == told
        (closing,) = [row for row in summary if row and row[0] == ("s", "Closing")]
        assert [value for _, value in closing[2:]] == told
        assert document["cycle"] == 1
        assert document["reference"] == rows["header"]["reference"]


async def test_what_is_held_back_is_known_once_it_is_approved_and_told_alike(
    database: Database, superuser: AsyncConnection
) -> None:
    async with open_office(database) as office:
        before = (await office.get(f"{office.own}.json", office.partner)).json()
        assert (before["state"], before["reserveWithheld"], before["payment"]) == (
            "ISSUED",
            None,
            None,
        )
        await approve_with_reserve(office.souq, office.statements[office.souq.partner_id])
        content = {
            form: (await office.get(f"{office.own}.{form}", office.partner)).content
            for form in ("json", "csv", "xlsx")
        }
        document = json.loads(content["json"])
        assert document["state"] == "FINAL"
        rows = {row["record"]: row["net"] for row in rows_of(content["csv"])}
        summary, _ = sheets_of(content["xlsx"]).values()
        cells = {row[0][1]: row[4][1] for row in summary if len(row) > 4}
        for key, record, label, net in (
            ("toSettle", "to_settle", "To be settled", "-13.46"),
            ("reserveWithheld", "reserve_withheld", "Reserve withheld", "1.35"),
            ("payment", "payment", "Payment after reserve", "-12.11"),
        ):
            told = (document[key]["decimal"], rows[record], cells[label])
            assert told == (net, net, net)
        assert document["reserveReleaseAt"] == (NOW + timedelta(days=30)).isoformat()
        assert document["reserveReleased"]["count"] == 0
        pages = await office.get(f"{office.own}.pdf", office.partner)
        assert (pages.status_code, pages.content[:5]) == (200, b"%PDF-")
        paid = await superuser.execute(text("SELECT amount FROM payouts.payout"))
        assert paid.scalar_one() == 1_211
        # Of what is collected nothing is held back.
        other = (
            await office.get(
                f"{office.name_of(office.souq.other_partner_id)}.json",
                office.app.as_staff("auditor"),
            )
        ).json()
        assert (other["reserveWithheld"]["minor"], other["reserveReleaseAt"]) == ("0", None)
        assert other["payment"] == other["toSettle"]


async def test_nobody_else_gets_it_and_foreign_is_as_absent(database: Database) -> None:
    async with open_office(database) as office:
        souq = office.souq
        stranger = office.app.as_partner(souq.other_partner_id)
        absent = str(id_of("Statement", souq.network_id, UUID(int=5)))
        elsewhere = str(id_of("Statement", souq.network_id + 1, UUID(int=5)))
        other_type = str(id_of("Partner", souq.network_id, souq.partner_id))
        foreign = await office.get(f"{office.own}.json", stranger)
        assert code_of(foreign) == (404, "NOT_FOUND")
        for name in (
            f"{absent}.json",
            f"{elsewhere}.json",
            f"{other_type}.json",
            f"{office.own}.exe",
            office.own,
            f"{office.own}.",
            ".pdf",
            f"{office.own}=.json",
        ):
            answer = await office.get(name, stranger)
            assert (answer.status_code, answer.content) == (404, foreign.content), name
        for form in FORMS:
            assert (await office.get(f"{office.own}.{form}", stranger)).content == foreign.content
        abroad = office.app.as_staff("auditor", network_id=souq.network_id + 1)
        assert (await office.get(f"{office.own}.json", abroad)).content == foreign.content
        platform = office.app.as_staff("auditor", network_id=0)
        assert (await office.get(f"{office.own}.json", platform)).content == foreign.content


async def test_members_are_forbidden_and_others_must_say_who_they_are(database: Database) -> None:
    async with open_office(database) as office:
        name = f"{office.own}.json"
        member = office.app.as_member(office.souq.member_id, partner_id=office.souq.partner_id)
        refused = await office.get(name, member)
        assert code_of(refused) == (403, "FORBIDDEN")
        # Whether there is such a statement is not told either.
        absent = id_of("Statement", office.souq.network_id, UUID(int=5))
        assert (await office.get(f"{absent}.json", member)).content == refused.content
        anonymous = await office.get(name, None)
        assert code_of(anonymous) == (401, "UNAUTHENTICATED")
        assert anonymous.headers["www-authenticate"] == 'Bearer realm="mizan"'
        wrong = await office.get(name, GraphQLClient(office.app.http, "no.good.token"))
        assert code_of(wrong) == (401, "UNAUTHENTICATED")
        assert 'error="invalid_token"' in wrong.headers["www-authenticate"]


async def test_the_language_is_that_of_the_request_or_of_the_address(database: Database) -> None:
    async with open_office(database) as office:
        name = f"{office.own}.xlsx"
        english = await office.get(name, office.partner)
        assert english.headers["content-language"] == "en"
        arabic = await office.get(name, office.partner, **{"accept-language": "ar-SA, en;q=0.5"})
        assert arabic.headers["content-language"] == "ar"
        assert is_right_to_left(arabic.content) == [True, True]
        asked = await office.get(f"{name}?locale=ar", office.partner, **{"accept-language": "en"})
        assert asked.content == arabic.content != english.content
        for given, answered in (
            ("AR", arabic),
            ("ar-EG", arabic),
            ("fr", english),
            ("he", english),
        ):
            other = await office.get(
                f"{name}?locale={given}", office.partner, **{"accept-language": "ar"}
            )
            assert other.headers["content-language"] == answered.headers["content-language"]
            assert other.content == answered.content
        for wrong in ("?locale=xx", "?locale=", "?locale=ar&locale=en"):
            answer = await office.get(f"{name}{wrong}", office.partner)
            assert code_of(answer) == (400, "BAD_ARGUMENT")
        told = await office.get("x.pdf?locale=ar", office.partner)
        assert told.json()["errors"][0]["message"] == "لا يوجد كشف حساب بهذا المعرّف."
        json_ = await office.get(f"{office.own}.json?locale=ar", office.partner)
        assert "content-language" not in json_.headers


@pytest.mark.parametrize("form", ["pdf", "xlsx"])
async def test_a_document_that_is_whole_before_it_goes_has_its_length_and_digest(
    database: Database, form: str
) -> None:
    async with open_office(database) as office:
        answer = await office.get(f"{office.own}.{form}", office.partner)
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert answer.headers["content-length"] == str(len(answer.content))
        again = await office.get(f"{office.own}.{form}", office.partner)
        assert again.content == answer.content


async def test_a_head_has_no_body_and_other_methods_are_refused(database: Database) -> None:
    async with open_office(database) as office:
        for form in FORMS:
            head = await office.get(f"{office.own}.{form}", office.partner, method="HEAD")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"] == MEDIA_TYPES[form]
        posted = await office.get(f"{office.own}.json", office.partner, method="POST")
        assert posted.status_code == 405


async def test_lines_come_page_by_page_and_hold_no_connection_meanwhile(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.documents.lines.LINES_AT_ONCE", 1)
    async with open_office(database) as office:
        headers = {"authorization": f"Bearer {office.partner.token}"}
        url = f"/statements/{office.own}.json"
        async with office.app.http.stream("GET", url, headers=headers) as answer:
            assert answer.status_code == 200
            document = json.loads(await answer.aread())
        assert [one["seq"] for one in document["lines"]] == ["1", "2", "3"]
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_statement_that_its_postings_contradict_is_told_in_no_form(
    database: Database, superuser: AsyncConnection
) -> None:
    async with open_office(database) as office:
        await superuser.execute(text("UPDATE payouts.statement SET payable = payable - 1"))
        for form in FORMS:
            answer = await office.get(f"{office.own}.{form}", office.partner)
            assert code_of(answer) == (409, "STATE_CONFLICT")


async def test_who_waits_too_long_for_other_layouts_is_told_when_to_come_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_document, "WAIT_SECONDS_MAX", 0.01)
    async with open_office(database) as office:
        async with pdf_document.TURNS:
            busy = await office.get(f"{office.own}.pdf", office.partner)
            assert code_of(busy) == (503, "TOO_MANY_AT_ONCE")
            assert busy.headers["retry-after"] == "10"
            assert (await office.get(f"{office.own}.csv", office.partner)).status_code == 200
        assert (await office.get(f"{office.own}.pdf", office.partner)).status_code == 200


async def test_a_layout_that_fails_is_a_fault_of_ours_without_particulars(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_document, "LAYOUT_SECONDS_MAX", 0.001)
    async with open_office(database) as office:
        answer = await office.get(f"{office.own}.pdf", office.partner)
        assert (answer.status_code, answer.text) == (500, "Internal Server Error")


async def test_the_statement_says_where_its_documents_are(database: Database) -> None:
    async with open_office(database) as office:
        query = "query($id: ID!) { statement(id: $id) { documents { format url } } }"
        told = await office.partner.data(query, {"id": office.own})
        assert told["statement"]["documents"] == [
            {"format": form.upper(), "url": f"/statements/{office.own}.{form}"} for form in FORMS
        ]
        for one in told["statement"]["documents"]:
            name = one["url"].removeprefix("/statements/")
            assert (await office.get(name, office.partner)).status_code == 200
        metrics = (await office.app.http.get("/metrics")).text
        assert 'path="/statements/"' in metrics
        assert office.own not in metrics
