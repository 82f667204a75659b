"""Finance ends a lost order over the door: who may, what is told, and what a second try does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from tests.api.graphql.catalog.redeeming import Redeeming
from tests.api.graphql.explain.asking import DOCUMENT, Told
from tests.catalog.redemptions.conftest import start_buying
from tests.catalog.redemptions.mistakes import Finance
from tests.catalog.suppliers.conftest import Double
from tests.catalog.suppliers.conftest import double as double
from tests.factories.small_network import found_network
from tests.fingerprint import KEYS, fingerprint
from tests.graphql_client import running_app

SHOWN = """mistakenOrder { id kind state supplierKey reference expectedCost { minor } reportedBy
  supplier { name } redemption { id state failureCode }
  resolutions { number outcome reference charged { minor currency } remark proposedBy approvedBy
    journal { kind } } }"""
LIST = """query($open: Boolean) { mistakenOrders(open: $open, first: 5) {
  edges { node { id state } } pageInfo { hasNextPage } } }"""
CHARGE = {"minor": "4950", "currency": "SAR"}


class World:
    """The network, its application, and an order that its supplier does not tell as ours."""

    def __init__(self, redeeming: Redeeming, finance: Finance, lost: Any) -> None:
        self.redeeming = redeeming
        self.finance = finance
        self.id = redeeming.id("MistakenOrder", lost.mistaken_order_id)
        self.key = lost.mistaken_order_id
        self.redemption_id = redeeming.id("Redemption", lost.redemption_id)
        self.maker = redeeming.staff("finance_maker")
        self.checker = redeeming.staff("finance_checker")

    async def propose(self, **fields: Any) -> dict[str, Any]:
        given = {
            "mistakenOrderId": self.id,
            "outcome": "WRITTEN_OFF",
            "reference": "R-1",
            "charged": CHARGE,
            "remark": "They charge for it.",
            **fields,
        }
        given = {name: value for name, value in given.items() if value is not None}
        return await self.maker.mutate("resolveMistakenOrder", given, SHOWN)

    async def approve(self, number: int, **fields: Any) -> dict[str, Any]:
        given = {"mistakenOrderId": self.id, "number": number, **fields}
        return await self.checker.mutate("approveMistakenOrder", given, SHOWN)


@pytest.fixture
async def world(database: Database, double: Double) -> AsyncIterator[World]:
    buying = await start_buying(await found_network(database), double)
    await buying.souq.fund(20_000)
    souq = buying.souq
    _, lost = await Finance(buying).lose()
    async with running_app(database, network_id=souq.network_id, vault=souq.vault) as app:
        yield World(Redeeming(souq, app), Finance(buying), lost)
    for supplier in buying.world.suppliers.values():
        await supplier.aclose()


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


async def test_a_lost_order_is_written_off_and_given_back_by_two_persons(world: World) -> None:
    assert (await world.maker.data(LIST, {"open": True}))["mistakenOrders"] == {
        "edges": [{"node": {"id": world.id, "state": "OPEN"}}],
        "pageInfo": {"hasNextPage": False},
    }
    proposed = await world.propose()
    assert proposed["problems"] == []
    shown = proposed["mistakenOrder"]
    assert (shown["id"], shown["kind"], shown["state"]) == (world.id, "LOST", "OPEN")
    assert shown["supplier"] == {"name": "reloadly"}
    assert (shown["reference"], shown["expectedCost"]) == (None, {"minor": "4950"})
    assert await world.finance.stands() == (0, 0)
    approved = await world.approve(1)
    assert approved["problems"] == []
    shown = approved["mistakenOrder"]
    assert (shown["state"], shown["reference"]) == ("WRITTEN_OFF", "R-1")
    assert shown["redemption"] == {
        "id": world.redemption_id,
        "state": "FAILED",
        "failureCode": "ORDER_LOST",
    }
    (one,) = shown["resolutions"]
    assert (one["number"], one["outcome"], one["charged"]) == (1, "WRITTEN_OFF", CHARGE)
    assert one["journal"] == {"kind": "mistaken_order.write_off"}
    assert one["proposedBy"] != one["approvedBy"]
    assert await world.finance.stands() == (4_950, 4_950)
    assert (await world.maker.data(LIST, {"open": True}))["mistakenOrders"]["edges"] == []
    assert (await world.propose(outcome="CANCELLED", charged=None, reference=None))[
        "problems"
    ] == []
    ended = (await world.approve(2))["mistakenOrder"]
    assert ended["state"] == "CANCELLED"
    assert ended["resolutions"][1]["journal"] == {"kind": "mistaken_order.refund"}
    assert await world.finance.stands() == (0, 0)


async def test_the_same_request_again_changes_nothing(
    world: World, superuser: AsyncConnection
) -> None:
    key = {"idempotencyKey": "k1"}
    proposed = await world.propose(**key)
    assert await world.propose(**key) == proposed | {"replayed": True}
    assert codes(await world.propose(**key, remark="Another")) == ["IDEMPOTENCY_MISMATCH"]
    approved = await world.approve(1, **key)
    before = await fingerprint(superuser)
    assert await world.approve(1, **key) == approved | {"replayed": True}
    assert await fingerprint(superuser) == before
    assert await world.finance.stands() == (4_950, 4_950)


async def test_nobody_else_reports_proposes_approves_or_sees(
    world: World, superuser: AsyncConnection
) -> None:
    redeeming = world.redeeming
    proposed = await world.propose()
    supplier_key = proposed["mistakenOrder"]["supplierKey"]
    report = {"supplierKey": supplier_key, "reference": "R-2"}
    propose = {"mistakenOrderId": world.id, "outcome": "CANCELLED", "remark": "x"}
    approve = {"mistakenOrderId": world.id, "number": 1}
    before = await fingerprint(superuser)
    for who in (
        redeeming.staff(),
        redeeming.staff("auditor"),
        world.checker,
        redeeming.member,
        redeeming.merchant,
    ):
        for name, given in (("reportMistakenOrder", report), ("resolveMistakenOrder", propose)):
            assert codes(await who.mutate(name, given, SHOWN)) == ["FORBIDDEN"]
    for who in (redeeming.staff(), world.maker, redeeming.member, redeeming.merchant):
        assert codes(await who.mutate("approveMistakenOrder", approve, SHOWN)) == ["FORBIDDEN"]
    both = redeeming.app.as_staff("finance_maker", "finance_checker")
    assert await fingerprint(superuser) == before
    await both.mutate("resolveMistakenOrder", propose | {"reference": "R-1"}, SHOWN)
    before = await fingerprint(superuser, without=KEYS)
    own = await both.mutate("approveMistakenOrder", approve | {"number": 2}, SHOWN)
    assert codes(own) == ["MAKER_IS_CHECKER"]
    assert await fingerprint(superuser, without=KEYS) == before
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await redeeming.staff("auditor").data(node, {"id": world.id}))["node"] is not None
    for who in (redeeming.member, redeeming.merchant):
        assert (await who.run(node, {"id": world.id}))["data"]["node"] is None
        assert "errors" in await who.run(LIST)


async def test_refusals_are_problems_with_their_codes(
    world: World, superuser: AsyncConnection
) -> None:
    await world.propose()
    before = await fingerprint(superuser, without=KEYS)
    absent = world.redeeming.id("MistakenOrder", world.finance.buying.supplier_id)
    answers = [
        (await world.propose(mistakenOrderId=absent), "NOT_FOUND"),
        (await world.propose(reference=None), "INVALID_INPUT"),
        (await world.propose(charged=None), "INVALID_AMOUNT"),
        (await world.propose(charged={"minor": "0", "currency": "SAR"}), "AMOUNT_OUT_OF_RANGE"),
        (await world.propose(charged={"minor": "1", "currency": "USD"}), "CURRENCY_MISMATCH"),
        (await world.propose(remark=" "), "INVALID_INPUT"),
        (await world.approve(2), "STATE_CONFLICT"),
        (
            await world.maker.mutate(
                "reportMistakenOrder", {"supplierKey": "mz-1-2", "reference": "R-2"}, SHOWN
            ),
            "NOT_FOUND",
        ),
    ]
    assert [codes(answer) for answer, _ in answers] == [[code] for _, code in answers]
    assert [answer["mistakenOrder"] for answer, _ in answers] == [None] * len(answers)
    assert await fingerprint(superuser, without=KEYS) == before


async def test_it_is_explained_from_the_redemption_and_the_journal(world: World) -> None:
    await world.propose()
    await world.approve(1)
    auditor = world.redeeming.staff("auditor")
    found = Told((await auditor.data(DOCUMENT, {"id": world.redemption_id}))["explain"])
    assert ("MistakenOrder", "ordered_for", "Redemption", None) in found.edges
    assert ("Journal", "caused_by", "MistakenOrder", None) in found.edges
    (facts,) = found.facts("MistakenOrder")
    assert (facts["state"], facts["reference"], facts["charged"]) == (
        "written_off",
        "R-1",
        "49.50 SAR",
    )
    told = [one for one in found.sentences if "The network bears SAR" in one]
    assert len(told) == 1
    assert told[0].endswith(": They charge for it.")
    arabic = (await auditor.data(DOCUMENT, {"id": world.id, "language": "AR"}))["explain"]
    assert any("تتحمل الشبكة" in one for one in arabic["sentences"])
    mine = (await world.redeeming.member.data(DOCUMENT, {"id": world.redemption_id}))["explain"]
    assert "MistakenOrder" not in Told(mine).kinds
    assert (await world.redeeming.member.data(DOCUMENT, {"id": world.id}))["explain"] is None
