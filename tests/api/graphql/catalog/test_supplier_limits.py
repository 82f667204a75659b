"""A supplier's limit, as staff agrees to it and reads it."""

from pathlib import Path
from typing import Any

from api.auth.caller import Role
from api.database.transaction import Database
from api.graphql.nodes import GlobalId
from payouts.events import supplier_draw
from payouts.ledger import Cause, Draft, post_journal
from payouts.money import Money
from tests.api.graphql.partners.test_earning import seller
from tests.api.graphql.partners.world import Door, operator, staff
from tests.conftest import NOW
from tests.factories.catalog import make_supplier
from tests.factories.partners import open_shop

SHOWN = "supplier { id limits { amount { minor currency } agreedBy agreedAt } }"


async def test_a_checker_agrees_to_a_limit_and_draws_are_bounded_by_it(
    database: Database, tmp_path: Path
) -> None:
    door = Door(database, tmp_path / "clock")
    door.set_clock(NOW)
    shop = await open_shop(database)
    checker = staff(shop.network_id, Role.FINANCE_CHECKER)
    async with database.writing(shop.network_id) as db:
        supplier = await make_supplier(db, network_id=shop.network_id)
    supplier_id = str(GlobalId("Supplier", shop.network_id, supplier.supplier_id))

    def asked(minor: str, key: str = "k1") -> dict[str, Any]:
        limit = {"currency": "USD", "minor": minor}
        return {"supplierId": supplier_id, "limit": limit, "idempotencyKey": key}

    shown = {"agreedBy": "staff:person-1", "agreedAt": NOW.isoformat()}
    first = {"amount": {"minor": "500", "currency": "USD"}, **shown}
    made = await door.do(checker, "agreeSupplierLimit", SHOWN, **asked("500"))
    assert made == {
        "supplier": {"id": supplier_id, "limits": [first]},
        "problems": [],
        "replayed": False,
    }
    again = await door.do(checker, "agreeSupplierLimit", SHOWN, **asked("500"))
    assert again == made | {"replayed": True}
    async with database.writing(shop.network_id) as db:
        lines = supplier_draw(supplier_id=supplier.supplier_id, amount=Money(400, "USD"))
        draft = Draft("supplier.draw", "d1", Cause("test", "1"), lines, "test", NOW)
        await post_journal(db, network_id=shop.network_id, draft=draft, now=NOW)
    low = await door.do(checker, "agreeSupplierLimit", SHOWN, **asked("399", "k2"))
    assert low["supplier"] is None
    assert [(one["code"], one["retryable"]) for one in low["problems"]] == [
        ("INSUFFICIENT_BALANCE", True)
    ]
    negative = await door.do(checker, "agreeSupplierLimit", SHOWN, **asked("-1", "k3"))
    assert [one["code"] for one in negative["problems"]] == ["INVALID_AMOUNT"]
    for other in (seller(shop), operator(shop.network_id)):
        denied = await door.do(other, "agreeSupplierLimit", SHOWN, **asked("900", "k4"))
        assert [one["code"] for one in denied["problems"]] == ["FORBIDDEN"]
    lowered = await door.do(checker, "agreeSupplierLimit", SHOWN, **asked("400", "k5"))
    assert lowered["supplier"]["limits"] == [
        {"amount": {"minor": "400", "currency": "USD"}, **shown},
        first,
    ]
    strange = str(GlobalId("Supplier", shop.network_id, shop.partner.partner_id))
    absent = await door.do(
        checker, "agreeSupplierLimit", SHOWN, **(asked("1", "k6") | {"supplierId": strange})
    )
    assert [(one["code"], one["path"]) for one in absent["problems"]] == [
        ("NOT_FOUND", ["supplierId"])
    ]
