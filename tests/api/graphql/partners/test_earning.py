"""Purchases, returns, wallets and balances as callers see them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Caller, Role
from api.graphql.nodes import GlobalId
from partners.accruals import confirm_due_accruals
from partners.members import enrol_member
from tests.api.graphql.partners.world import Door, member, operator, partner, staff
from tests.conftest import NOW
from tests.factories.partners import Shop, make_agreement, make_partner, open_shop
from tests.partners.purchases.world import everything

PURCHASES = (
    "query($first: Int, $after: String, $last: Int, $before: String, $since: DateTime,"
    " $until: DateTime, $partnerId: ID, $memberId: ID) { purchases(first: $first, after: $after,"
    " last: $last, before: $before, since: $since, until: $until, partnerId: $partnerId,"
    " memberId: $memberId) { edges { cursor node { externalId } } totals { minor currency }"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)


def seller(shop: Shop) -> Caller:
    return partner(shop.network_id, shop.partner.partner_id)


def buyer(shop: Shop) -> Caller:
    return member(shop.network_id, shop.partner.partner_id, shop.member.member_id)


def report(shop: Shop, number: int = 1, **over: object) -> dict[str, object]:
    return {
        "idempotencyKey": f"buy-{number}",
        "externalId": f"p-{number}",
        "memberId": str(GlobalId("Member", shop.network_id, shop.member.member_id)),
        "amount": {"minor": "10000", "currency": "SAR"},
        "purchasedAt": (NOW - timedelta(minutes=number)).isoformat(),
        **over,
    }


async def test_wallet_and_balance_follow_a_purchase_and_its_return(door: Door) -> None:
    shop = await open_shop(door.database)
    wallet = (
        "{ wallet { member { externalId } balances { currency available { minor }"
        " pending { minor } held { minor } debt { minor } } } }"
    )
    balance = (
        "{ partnerBalance { partner { name } balances { currency receivablePending { minor }"
        " receivable { minor } payable { minor } net { minor } } } }"
    )

    async def stand() -> tuple[list[str], list[str]]:
        has = (await door.read(buyer(shop), wallet))["wallet"]["balances"]
        owes = (await door.read(seller(shop), balance))["partnerBalance"]["balances"]
        assert [one["currency"] for one in has + owes] == ["SAR", "SAR"]
        return (
            [has[0][part]["minor"] for part in ("available", "pending", "held", "debt")],
            [
                owes[0][part]["minor"]
                for part in ("receivablePending", "receivable", "payable", "net")
            ],
        )

    assert await stand() == (["0", "0", "0", "0"], ["0", "0", "0", "0"])
    bought = await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop))
    assert await stand() == (["0", "500", "0", "0"], ["600", "0", "0", "0"])
    back = await door.do(
        seller(shop),
        "recordReturn",
        "purchaseReturn { amount { decimal } cashback { minor } debt { minor }"
        " purchase { returned { minor } returns { externalId } } }",
        purchaseId=bought["purchase"]["id"],
        externalId="r-1",
        amount={"decimal": "40.00", "currency": "SAR"},
    )
    assert back["purchaseReturn"] == {
        "amount": {"decimal": "40.00"},
        "cashback": {"minor": "200"},
        "debt": {"minor": "0"},
        "purchase": {"returned": {"minor": "4000"}, "returns": [{"externalId": "r-1"}]},
    }
    assert await stand() == (["0", "300", "0", "0"], ["360", "0", "0", "0"])
    later = NOW + timedelta(days=14)
    async with door.database.writing(shop.network_id) as db:
        await confirm_due_accruals(db, network_id=shop.network_id, limit=10, now=later)
    assert await stand() == (["300", "0", "0", "0"], ["0", "360", "0", "-360"])


async def test_replay_answers_the_same_and_books_nothing(
    door: Door, superuser: AsyncConnection
) -> None:
    shop = await open_shop(door.database)
    shown = "purchase { id amount { decimal } accrual { id state } }"
    first = await door.do(seller(shop), "recordPurchase", shown, **report(shop))
    before = await everything(superuser)
    again = await door.do(
        seller(shop),
        "recordPurchase",
        shown,
        **report(shop, amount={"decimal": "100.00", "currency": "SAR"}),
    )
    assert again == {**first, "replayed": True}
    other = await door.do(
        seller(shop),
        "recordPurchase",
        shown,
        **report(shop, amount={"decimal": "100.01", "currency": "SAR"}),
    )
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_MISMATCH"]
    assert await everything(superuser) == before


REFUSED: list[Any] = [
    ({"amount": {"minor": "0", "currency": "SAR"}}, "INVALID_AMOUNT", ["amount"]),
    ({"amount": {"minor": "1", "currency": "EUR"}}, "CURRENCY_MISMATCH", ["amount"]),
    ({"amount": {"decimal": "1.001", "currency": "SAR"}}, "INVALID_AMOUNT", ["amount"]),
    ({"purchasedAt": "2027-01-01T00:00:00Z"}, "PURCHASE_IN_FUTURE", ["purchasedAt"]),
    ({"purchasedAt": "2020-01-01T00:00:00Z"}, "NO_AGREEMENT", ["purchasedAt"]),
    ({"purchasedAt": "2026-03-15T08:00:00"}, "INVALID_INPUT", ["purchasedAt"]),
    ({"memberId": "nonsense"}, "NOT_FOUND", ["memberId"]),
    ({"memberId": None}, "INVALID_INPUT", ["memberId"]),
    (
        {"memberId": None, "memberExternalId": "nobody"},
        "NOT_FOUND",
        ["memberExternalId"],
    ),
    ({"externalId": ""}, "INVALID_INPUT", ["externalId"]),
]


async def test_refusals_come_as_problems_and_change_nothing(
    door: Door, superuser: AsyncConnection
) -> None:
    shop = await open_shop(door.database)
    before = await everything(superuser)
    for number, (over, code, path) in enumerate(REFUSED):
        given = {**report(shop), "idempotencyKey": f"k-{number}", **over}
        answer = await door.do(seller(shop), "recordPurchase", "purchase { id }", **given)
        assert answer["purchase"] is None
        assert [(one["code"], one["path"]) for one in answer["problems"]] == [(code, path)]
    assert await everything(superuser) == before


async def test_return_of_too_much_says_what_is_left_in_both_languages(door: Door) -> None:
    shop = await open_shop(door.database)
    bought = await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop))
    messages = []
    for locale in ("en", "ar"):
        answer = await door.do(
            seller(shop),
            "recordReturn",
            "purchaseReturn { id }",
            locale=locale,
            purchaseId=bought["purchase"]["id"],
            externalId="r-1",
            amount={"minor": "10001", "currency": "SAR"},
        )
        assert [one["code"] for one in answer["problems"]] == ["RETURN_EXCEEDS_PURCHASE"]
        messages.append(answer["problems"][0]["message"])
    assert messages == [
        "Only 100.00 SAR of this purchase can still come back. Nothing was booked.",
        "المتبقي القابل للإرجاع من هذه العملية 100.00 SAR فقط. لم يُقيَّد شيء.",
    ]


async def test_foreign_and_absent_purchases_are_answered_alike(door: Door) -> None:
    shop = await open_shop(door.database)
    async with door.database.writing(shop.network_id) as db:
        rival = await make_partner(db, network_id=shop.network_id)
        await make_agreement(db, network_id=shop.network_id, partner_id=rival.partner_id)
    bought = await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop))
    absent = str(GlobalId("Purchase", shop.network_id, UUID(int=7)))
    caller = partner(shop.network_id, rival.partner_id)
    answers = [
        await door.do(
            caller,
            "recordReturn",
            "purchaseReturn { id }",
            idempotencyKey=one,
            purchaseId=one,
            externalId="r-1",
            amount={"minor": "1", "currency": "SAR"},
        )
        for one in (bought["purchase"]["id"], absent)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["problems"][0]["code"] == "NOT_FOUND"
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    seen = await door.read(caller, nodes, ids=[bought["purchase"]["id"], absent, "nonsense"])
    assert seen == {"nodes": [None, None, None]}


async def test_lists_show_the_newest_first_in_pages_with_totals(door: Door) -> None:
    shop = await open_shop(door.database)
    for number in range(1, 6):
        await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop, number))

    async def page(**variables: object) -> tuple[list[str], dict[str, object], object]:
        found = (await door.read(seller(shop), PURCHASES, **variables))["purchases"]
        names = [edge["node"]["externalId"] for edge in found["edges"]]
        return names, found["pageInfo"], found["totals"]

    names, info, totals = await page(first=2)
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == (["p-1", "p-2"], True, False)
    assert totals == [{"minor": "50000", "currency": "SAR"}]
    names, info, _ = await page(first=2, after=info["endCursor"])
    assert names == ["p-3", "p-4"]
    back, _, _ = await page(last=2, before=info["startCursor"])
    assert back == ["p-1", "p-2"]
    names, info, _ = await page(first=2, after=info["endCursor"])
    assert (names, info["hasNextPage"]) == (["p-5"], False)
    names, _, _ = await page(last=2)
    assert names == ["p-4", "p-5"]
    span = {
        "since": (NOW - timedelta(minutes=3)).isoformat(),
        "until": (NOW - timedelta(minutes=1)).isoformat(),
    }
    names, _, totals = await page(first=100, **span)
    assert names == ["p-2", "p-3"]
    assert totals == [{"minor": "20000", "currency": "SAR"}]


LISTS_REFUSED: list[Any] = [
    {},
    {"first": 0},
    {"first": 101},
    {"first": 1, "last": 1},
    {"first": 1, "after": "nonsense"},
    {"first": 1, "after": "WyJ4IiwieSJd"},
    {"first": 1, "after": "WzEsMl0"},
    {"first": 1, "partnerId": "nonsense"},
    {"first": 1, "since": "2020-01-01T00:00:00Z"},
    {"first": 1, "since": "2026-03-01T00:00:00"},
    {"first": 1, "since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
]


async def test_list_arguments_that_cannot_be_are_request_errors(door: Door) -> None:
    shop = await open_shop(door.database)
    for variables in LISTS_REFUSED:
        result = await door.ask(seller(shop), PURCHASES, **variables)
        assert [one.extensions["code"] for one in result.errors] == ["BAD_ARGUMENT"]


async def test_everybody_sees_their_own_rows(door: Door) -> None:
    shop = await open_shop(door.database)
    async with door.database.writing(shop.network_id) as db:
        rival = await make_partner(db, network_id=shop.network_id)
        other = await enrol_member(
            db,
            network_id=shop.network_id,
            partner_id=rival.partner_id,
            external_id="theirs",
            now=NOW,
        )
    await door.do(seller(shop), "recordPurchase", "purchase { id }", **report(shop))
    await door.do(
        seller(shop),
        "recordPurchase",
        "purchase { id }",
        **report(shop, 2, memberId=str(GlobalId("Member", shop.network_id, other.member_id))),
    )
    document = (
        "{ accruals(first: 10) { totals { minor } edges { node { fee { minor }"
        " member { externalId } partner { name } purchase { externalId }"
        " shares { amount { minor } } } } } }"
    )
    seen = {}
    for name, caller in {
        "seller": seller(shop),
        "buyer": buyer(shop),
        "rival": partner(shop.network_id, rival.partner_id),
        "other": member(shop.network_id, rival.partner_id, other.member_id),
        "auditor": staff(shop.network_id, Role.AUDITOR),
    }.items():
        found = (await door.read(caller, document))["accruals"]
        seen[name] = (
            [edge["node"]["purchase"]["externalId"] for edge in found["edges"]],
            [one["minor"] for one in found["totals"]],
            [edge["node"]["fee"] is not None for edge in found["edges"]],
            [edge["node"]["member"] is not None for edge in found["edges"]],
        )
    assert seen == {
        "seller": (["p-1", "p-2"], ["1000"], [True, True], [True, False]),
        "buyer": (["p-1"], ["500"], [False], [True]),
        "rival": ([], [], [], []),
        "other": (["p-2"], ["500"], [False], [True]),
        "auditor": (["p-1", "p-2"], ["1000"], [True, True], [True, True]),
    }


async def test_wallets_and_balances_of_others_are_not_found(door: Door) -> None:
    shop = await open_shop(door.database)
    async with door.database.writing(shop.network_id) as db:
        rival = await make_partner(db, network_id=shop.network_id)
        other = await enrol_member(
            db,
            network_id=shop.network_id,
            partner_id=rival.partner_id,
            external_id="theirs",
            now=NOW,
        )
    wallet = "query($id: ID) { wallet(memberId: $id) { member { externalId } } }"
    balance = "query($id: ID) { partnerBalance(partnerId: $id) { partner { name } } }"
    others = str(GlobalId("Member", shop.network_id, other.member_id))
    rivals = str(GlobalId("Partner", shop.network_id, rival.partner_id))
    absent = str(GlobalId("Member", shop.network_id, UUID(int=7)))
    for caller, document, given, code in (
        (buyer(shop), wallet, others, "NOT_FOUND"),
        (buyer(shop), wallet, absent, "NOT_FOUND"),
        (buyer(shop), wallet, "nonsense", "NOT_FOUND"),
        (seller(shop), wallet, others, "FORBIDDEN"),
        (seller(shop), balance, rivals, "NOT_FOUND"),
        (seller(shop), balance, "nonsense", "NOT_FOUND"),
        (buyer(shop), balance, rivals, "FORBIDDEN"),
        (None, wallet, others, "UNAUTHENTICATED"),
        (operator(shop.network_id), wallet, None, "BAD_ARGUMENT"),
        (operator(shop.network_id), balance, None, "NOT_FOUND"),
    ):
        result = await door.ask(caller, document, id=given)
        assert [one.extensions["code"] for one in result.errors] == [code], (document, given)
    seen = await door.read(operator(shop.network_id), wallet, id=others)
    assert seen == {"wallet": {"member": {"externalId": "theirs"}}}


async def test_earn_rules_are_listed_in_pages(door: Door) -> None:
    shop = await open_shop(door.database)
    for number in range(3):
        await door.do(
            operator(shop.network_id),
            "publishEarnRule",
            "earnRule { id }",
            idempotencyKey=f"rule-{number}",
            partnerId=str(GlobalId("Partner", shop.network_id, shop.partner.partner_id)),
            rateBps=100 + number,
            funding=[{"weight": 1}],
        )
    document = (
        "query($first: Int, $after: String, $last: Int) { earnRules(first: $first, after: $after,"
        " last: $last) { edges { node { rateBps } } pageInfo { hasNextPage endCursor } } }"
    )

    async def page(**variables: object) -> tuple[list[int], dict[str, object]]:
        found = (await door.read(seller(shop), document, **variables))["earnRules"]
        return [edge["node"]["rateBps"] for edge in found["edges"]], found["pageInfo"]

    rates, info = await page(first=3)
    more, last_info = await page(first=3, after=info["endCursor"])
    assert sorted(rates + more) == [100, 101, 102, 500]
    assert (info["hasNextPage"], last_info["hasNextPage"]) == (True, False)
    assert await page(last=4) == (
        rates + more,
        {"hasNextPage": False, "endCursor": last_info["endCursor"]},
    )
