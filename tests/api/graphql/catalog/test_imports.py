"""Imports as staff reads them, and decides about what they withheld."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.auth.caller import Caller, CallerKind, Role
from api.database.transaction import Database
from tests.api.graphql.partners.test_earning import seller
from tests.api.graphql.partners.world import Door, operator, staff
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier
from tests.factories.partners import Shop, open_shop

SHOWN = "catalogueImport { id state withdrawn withheld decidedBy decidedAt }"
LISTED = """
query($supplier: ID) { catalogueImports(supplierId: $supplier, first: 1) { edges { node {
  id state items itemsDone isComplete added changed unchanged withdrawn refused withheld startedBy
  supplier { name }
  refusals(first: 5) { edges { node { item supplierSku reasons } } pageInfo { hasNextPage } }
  withheldWithdrawals(first: 2) { edges { node { country supplierSku } } pageInfo { hasNextPage } }
} } pageInfo { hasNextPage } } }
"""


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    made = Door(database, tmp_path / "clock")
    made.set_clock(NOW)
    return made


async def take_off(database: Database, shop: Shop) -> None:
    """Import the fixture, and then a file in which nothing of it is on sale any more."""
    items = json.loads(RAW_FEED)["content"]
    nothing = json.dumps([one | {"status": "INACTIVE"} for one in items]).encode()
    async with database.writing(shop.network_id) as db:
        supplier = await make_supplier(db, network_id=shop.network_id)
        for raw in (RAW_FEED, nothing):
            await import_raw(
                db, network_id=shop.network_id, supplier_id=supplier.supplier_id, raw=raw
            )


async def newest(door: Door, shop: Shop) -> dict[str, Any]:
    found = await door.read(operator(shop.network_id), LISTED)
    [edge] = found["catalogueImports"]["edges"]
    assert found["catalogueImports"]["pageInfo"] == {"hasNextPage": True}
    node: dict[str, Any] = edge["node"]
    return node


async def test_staff_sees_what_waits_and_somebody_else_approves(database, door, shop) -> None:
    await take_off(database, shop)
    waiting = await newest(door, shop)

    assert {name: waiting[name] for name in ("state", "items", "itemsDone", "withheld")} == {
        "state": "AWAITING_APPROVAL",
        "items": 10,
        "itemsDone": 10,
        "withheld": 9,
    }
    assert waiting["supplier"] == {"name": "reloadly"}
    assert waiting["refusals"] == {"edges": [], "pageInfo": {"hasNextPage": False}}
    held = waiting["withheldWithdrawals"]
    assert [one["node"] for one in held["edges"]] == [
        {"country": "SA", "supplierSku": "9001"},
        {"country": "SA", "supplierSku": "9002"},
    ]
    assert held["pageInfo"] == {"hasNextPage": True}
    roles = frozenset({Role.OPERATOR})
    starter = Caller(CallerKind.STAFF, shop.network_id, "operator-1", roles=roles)
    assert waiting["startedBy"] == starter.identity
    own = await door.do(starter, "approveCatalogueImport", SHOWN, importId=waiting["id"])
    assert [one["code"] for one in own["problems"]] == ["MAKER_IS_CHECKER"]
    denied = await door.do(seller(shop), "approveCatalogueImport", SHOWN, importId=waiting["id"])
    assert [one["code"] for one in denied["problems"]] == ["FORBIDDEN"]
    assert await newest(door, shop) == waiting

    checker = staff(shop.network_id, Role.FINANCE_CHECKER)
    done = await door.do(checker, "approveCatalogueImport", SHOWN, importId=waiting["id"])
    assert done == {
        "catalogueImport": {
            "id": waiting["id"],
            "state": "FINISHED",
            "withdrawn": 9,
            "withheld": 9,
            "decidedBy": checker.identity,
            "decidedAt": NOW.isoformat(),
        },
        "problems": [],
        "replayed": False,
    }
    late = await door.do(checker, "rejectCatalogueImport", SHOWN, importId=waiting["id"])
    assert [one["code"] for one in late["problems"]] == ["STATE_CONFLICT"]


async def test_what_is_rejected_stays_on_sale(database, door, shop) -> None:
    await take_off(database, shop)
    waiting = await newest(door, shop)
    checker = staff(shop.network_id, Role.FINANCE_CHECKER)

    done = await door.do(checker, "rejectCatalogueImport", SHOWN, importId=waiting["id"])
    assert (done["catalogueImport"]["state"], done["catalogueImport"]["withdrawn"]) == (
        "REJECTED",
        0,
    )
    rewards = await door.read(
        operator(shop.network_id), '{ rewards(country: "SA", first: 20) { edges { cursor } } }'
    )
    assert len(rewards["rewards"]["edges"]) == 6


async def test_a_checker_says_how_much_is_too_much(database, door, shop) -> None:
    shown = "policy { withdrawnBpsMax withdrawnAlways }"
    checker = staff(shop.network_id, Role.FINANCE_CHECKER)
    given = {"withdrawnBpsMax": 500, "withdrawnAlways": 10}
    made = await door.do(checker, "publishCatalogueImportPolicy", shown, **given)
    assert made == {"policy": given, "problems": [], "replayed": False}
    bad = await door.do(
        checker,
        "publishCatalogueImportPolicy",
        shown,
        withdrawnBpsMax=10_001,
        withdrawnAlways=0,
        idempotencyKey="k2",
    )
    assert [one["code"] for one in bad["problems"]] == ["INVALID_INPUT"]
    other = operator(shop.network_id)
    denied = await door.do(other, "publishCatalogueImportPolicy", shown, **given)
    assert [one["code"] for one in denied["problems"]] == ["FORBIDDEN"]
    read = await door.read(other, "{ catalogueImportPolicy { withdrawnBpsMax withdrawnAlways } }")
    assert read == {"catalogueImportPolicy": given}

    await take_off(database, shop)
    assert (await newest(door, shop))["withdrawn"] == 9
