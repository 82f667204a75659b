"""Over HTTP: how far a partner's file came, and which of its lines were refused."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.cli.purchases import Import, import_purchases
from api.database.transaction import Database
from api.graphql.nodes import GlobalId
from partners.intakes import shown_name
from tests.conftest import NOW
from tests.factories.partners import make_agreement, make_partner
from tests.fingerprint import changed, fingerprint
from tests.graphql_client import GraphQLClient, RunningApp, TestClock, running_app
from tests.partners.intakes.test_intakes import HEADER, sale
from tests.partners.purchases.world import Till, open_till

INTAKE = (
    "{ id state fileName fileSha256 lines linesTaken recorded replayed refused startedAt"
    " lastTakenAt finishedAt partner { id } refusals(first: 2) { edges { cursor node { line"
    " externalId reason message } } pageInfo { hasNextPage endCursor } } }"
)
LIST = (
    "query($first: Int, $last: Int, $after: String, $before: String, $partnerId: ID) {"
    " purchaseIntakes(first: $first, last: $last, after: $after, before: $before,"
    " partnerId: $partnerId) { edges { cursor node { fileName } }"
    " pageInfo { hasNextPage hasPreviousPage endCursor } } }"
)
ONE = f"query($id: ID!) {{ purchaseIntake(id: $id) {INTAKE} }}"
STAFF = ("operator", "finance_maker", "finance_checker", "auditor")


@pytest.fixture
async def till(database: Database) -> Till:
    return await open_till(database)


@pytest.fixture
async def app(till: Till) -> AsyncIterator[RunningApp]:
    async with running_app(till.database, network_id=till.network_id) as app:
        yield app


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(lines))
    return path


async def take_in(till: Till, path: Path, at: Any = NOW) -> int:
    clock = TestClock(at)
    return await import_purchases(
        Import(till.database, clock, till.network_id, till.partner_id, path, 2)
    )


async def names(who: GraphQLClient, **given: object) -> list[str]:
    found = await who.data(LIST, given)
    return [one["node"]["fileName"] for one in found["purchaseIntakes"]["edges"]]


async def first_of(who: GraphQLClient) -> dict[str, Any]:
    found = await who.data(f"{{ purchaseIntakes(first: 1) {{ edges {{ node {INTAKE} }} }} }}")
    node: dict[str, Any] = found["purchaseIntakes"]["edges"][0]["node"]
    return node


async def test_a_file_shows_what_became_of_its_lines(
    till: Till, app: RunningApp, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "march.csv",
        *(sale(n) for n in (1, 1, 2)),
        sale(3, member="nobody"),
        sale(4, amount="x"),
        "too,few\n",
    )
    assert await take_in(till, path) == 1
    shop = app.as_partner(till.partner_id)
    one = await first_of(shop)
    refusals = one.pop("refusals")
    assert one == {
        "id": one["id"],
        "state": "FINISHED",
        "fileName": "march.csv",
        "fileSha256": one["fileSha256"],
        "lines": 6,
        "linesTaken": 6,
        "recorded": 2,
        "replayed": 1,
        "refused": 3,
        "startedAt": "2026-03-15T09:00:00+00:00",
        "lastTakenAt": "2026-03-15T09:00:00+00:00",
        "finishedAt": "2026-03-15T09:00:00+00:00",
        "partner": {"id": str(GlobalId("Partner", till.network_id, till.partner_id))},
    }
    assert len(one["fileSha256"]) == 64
    assert [edge["node"] for edge in refusals["edges"]] == [
        {
            "line": 5,
            "externalId": "r-3",
            "reason": "MemberNotFound",
            "message": "There is no such member.",
        },
        {
            "line": 6,
            "externalId": "r-4",
            "reason": "InvalidAmount",
            "message": "This is not an amount of the currency's units. Nothing was booked.",
        },
    ]
    assert refusals["pageInfo"]["hasNextPage"] is True
    rest = (
        "query($id: ID!, $after: String, $before: String) { purchaseIntake(id: $id) {"
        " next: refusals(first: 2, after: $after) { edges { node { line externalId message } } }"
        " back: refusals(last: 1, before: $before) { edges { node { line } } } } }"
    )
    given = {
        "id": one["id"],
        "after": refusals["pageInfo"]["endCursor"],
        "before": refusals["edges"][1]["cursor"],
    }
    found = (await shop.data(rest, given, locale="ar"))["purchaseIntake"]
    assert [edge["node"] for edge in found["next"]["edges"]] == [
        {"line": 7, "externalId": None, "message": "عدد حقول السطر لا يطابق أسماء الأعمدة."}
    ]
    assert [edge["node"]["line"] for edge in found["back"]["edges"]] == [5]
    for role in STAFF:
        assert (await app.as_staff(role).data(ONE, {"id": one["id"]}))["purchaseIntake"] == {
            **one,
            "refusals": refusals,
        }


async def test_a_file_that_was_left_says_so_and_goes_on(
    till: Till, app: RunningApp, tmp_path: Path
) -> None:
    path = write(tmp_path, "broken.csv", *(sale(n) for n in range(5)), '"')
    assert await take_in(till, path) == 2
    shop = app.as_partner(till.partner_id)

    async def stands() -> list[object]:
        one = await first_of(shop)
        return [one[name] for name in ("state", "lines", "linesTaken", "finishedAt")]

    assert await stands() == ["RUNNING", None, 4, None]
    app.clock.set(NOW + timedelta(seconds=60))
    assert await stands() == ["RUNNING", None, 4, None]
    app.clock.set(NOW + timedelta(seconds=60, microseconds=1))
    assert await stands() == ["STOPPED", None, 4, None]


async def test_intakes_are_listed_the_newest_first(
    till: Till, app: RunningApp, tmp_path: Path
) -> None:
    for number in range(3):
        path = write(tmp_path, f"{number}.csv", sale(number))
        assert await take_in(till, path, NOW + timedelta(seconds=number)) == 0
    shop, operator = app.as_partner(till.partner_id), app.as_staff("operator")
    assert await names(shop, first=5) == ["2.csv", "1.csv", "0.csv"]
    assert await names(operator, last=2) == ["1.csv", "0.csv"]
    page = (await shop.data(LIST, {"first": 1}))["purchaseIntakes"]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    after = page["pageInfo"]["endCursor"]
    assert await names(shop, first=1, after=after) == ["1.csv"]
    assert await names(shop, last=1, before=after) == []
    own = str(GlobalId("Partner", till.network_id, till.partner_id))
    assert len(await names(operator, first=5, partnerId=own)) == 3


async def test_others_find_no_intake_and_members_may_not_ask(
    till: Till, app: RunningApp, tmp_path: Path, superuser: Any
) -> None:
    assert await take_in(till, write(tmp_path, "mine.csv", sale(1))) == 0
    own = {"network_id": till.network_id}
    async with till.database.writing(till.network_id) as db:
        other = await make_partner(db, **own, name="Hotel")
        await make_agreement(db, **own, partner_id=other.partner_id)
    before = await fingerprint(superuser)
    id_ = (await first_of(app.as_partner(till.partner_id)))["id"]
    nothing = str(GlobalId("PurchaseIntake", till.network_id, other.partner_id))
    strangers = (
        app.as_partner(other.partner_id),
        app.as_partner(till.partner_id, network_id=till.network_id + 1),
        app.as_staff("operator", network_id=till.network_id + 1),
        app.as_staff("operator", network_id=0),
    )
    for who in strangers:
        assert await names(who, first=5) == []
        answers = [await who.run(ONE, {"id": one}) for one in (id_, nothing, "x")]
        assert answers == [{"data": {"purchaseIntake": None}}] * 3
        assert await who.data("query($id: ID!) { node(id: $id) { id } }", {"id": id_}) == {
            "node": None
        }
    member = app.as_member(till.shop.member.member_id, partner_id=till.partner_id)
    for who, code in ((member, "FORBIDDEN"), (app.anonymous(), "UNAUTHENTICATED")):
        answer = await who.run(ONE, {"id": id_})
        assert answer["errors"][0]["extensions"]["code"] == code
    assert changed(before, await fingerprint(superuser)) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("march.csv", "march.csv"),
        ("/home/noor/march.csv", "march.csv"),
        ("C:\\files\\march.csv", "march.csv"),
        ("a\x00b\n\x1b[31m\u202e.csv", "ab[31m.csv"),
        ("x" * 300, "x" * 255),
        ("\x00", None),
        ("مارس.csv", "مارس.csv"),
        ("bad\udcff.csv", "bad.csv"),
    ],
)
def test_of_a_name_its_last_part_is_kept_as_far_as_it_prints(name: str, shown: str | None) -> None:
    assert shown_name(name) == shown
