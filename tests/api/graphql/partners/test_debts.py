"""The debt policy, as the staff sets and reads it."""

from typing import Any

from api.auth.caller import Role
from tests.api.graphql.partners.test_earning import seller
from tests.api.graphql.partners.world import Door, operator, staff
from tests.factories.partners import open_shop

SHOWN = "debtPolicy { id treatment afterDays publishedBy }"
QUERY = "{ debtPolicy { treatment afterDays } }"


async def test_an_operator_says_what_becomes_of_debts(door: Door) -> None:
    shop = await open_shop(door.database)
    caller = operator(shop.network_id)
    assert (await door.read(caller, QUERY))["debtPolicy"] is None
    given: dict[str, Any] = {"treatment": "WRITE_OFF", "afterDays": 90}
    made = await door.do(caller, "publishDebtPolicy", SHOWN, **given)
    assert (made["problems"], made["replayed"]) == ([], False)
    shown = dict(made["debtPolicy"])
    assert shown.pop("id")
    assert shown == {"treatment": "WRITE_OFF", "afterDays": 90, "publishedBy": "staff:person-1"}
    again = await door.do(caller, "publishDebtPolicy", SHOWN, **given)
    assert (again["debtPolicy"]["id"], again["replayed"]) == (made["debtPolicy"]["id"], True)
    read = await door.read(staff(shop.network_id, Role.AUDITOR), QUERY)
    assert read["debtPolicy"] == given


async def test_a_policy_without_its_days_is_refused_and_others_may_not_publish_one(
    door: Door,
) -> None:
    shop = await open_shop(door.database)
    caller = operator(shop.network_id)
    refused = await door.do(caller, "publishDebtPolicy", SHOWN, treatment="RECHARGE")
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [
        ("INVALID_INPUT", ["afterDays"])
    ]
    for other in (seller(shop), staff(shop.network_id, Role.FINANCE_MAKER)):
        denied = await door.do(
            other, "publishDebtPolicy", SHOWN, idempotencyKey="d", treatment="OFFSET"
        )
        assert [one["code"] for one in denied["problems"]] == ["FORBIDDEN"]
    assert (await door.read(caller, QUERY))["debtPolicy"] is None
