"""From nothing to a network at work, through the schema alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Role
from api.graphql.nodes import GlobalId
from tests.api.graphql.partners.world import Door, member, operator, partner, staff
from tests.conftest import NOW
from tests.factories.partners import make_partner, open_shop

MONEY = "{ minor decimal currency }"


def key(global_id: str) -> UUID:
    found = GlobalId.parse(global_id)
    assert found is not None
    return found.id


async def test_a_network_is_set_up_from_nothing(door: Door) -> None:
    made = await door.do(
        operator(),
        "createNetwork",
        "network { id slug name(locale: AR) currency zone }",
        slug="souk",
        name=[{"locale": "en", "text": "Souk"}, {"locale": "ar", "text": "سوق"}],
        zone="Asia/Riyadh",
        currency="SAR",
    )
    network = made["network"]
    assert (network["name"], network["currency"], made["problems"]) == ("سوق", "SAR", [])
    network_id = key(network["id"]).int

    first = await door.do(
        operator(),
        "createApiClient",
        "apiClient { id clientId roles kind } secret",
        kind="STAFF",
        subject="operator-1",
        roles=["OPERATOR"],
        networkId=network["id"],
    )
    assert first["apiClient"]["roles"] == ["OPERATOR"]
    assert first["secret"].startswith("mzs_")

    staff_caller = operator(network_id)
    shop = await door.do(
        staff_caller,
        "createPartner",
        "partner { id name roles country state }",
        name=[{"locale": "en", "text": "Bakery"}],
        roles=["MERCHANT", "BRAND"],
        country="SA",
    )
    assert shop["partner"]["roles"] == ["BRAND", "MERCHANT"]
    terms = await door.do(
        staff_caller,
        "publishAgreement",
        "agreement { id version purchaseFeeBps returnWindowDays effectiveFrom effectiveTo }",
        partnerId=shop["partner"]["id"],
        currency="SAR",
        purchaseFeeBps=100,
        returnWindowDays=14,
    )
    assert terms["agreement"]["version"] == 1
    assert terms["agreement"]["effectiveFrom"] == NOW.isoformat()
    rule = await door.do(
        staff_caller,
        "publishEarnRule",
        "earnRule { id rateBps partner { id } funding { weight partner { id } } }",
        partnerId=shop["partner"]["id"],
        rateBps=500,
    )
    assert rule["earnRule"]["funding"] == [{"weight": 1, "partner": {"id": shop["partner"]["id"]}}]
    client = await door.do(
        staff_caller,
        "createApiClient",
        "apiClient { id partner { id } } secret",
        idempotencyKey="shop",
        kind="PARTNER",
        subject="till",
        partnerId=shop["partner"]["id"],
    )
    assert client["apiClient"]["partner"] == {"id": shop["partner"]["id"]}

    caller = partner(network_id, key(shop["partner"]["id"]))
    person = await door.do(
        caller, "enrolMember", "member { id externalId partner { name } }", externalId="cust-1"
    )
    assert person["member"]["partner"] == {"name": "Bakery"}
    bought = await door.do(
        caller,
        "recordPurchase",
        f"purchase {{ id amount {MONEY} accrual {{ state cashback {MONEY} fee {MONEY}"
        f" availableAt shares {{ amount {MONEY} partner {{ id }} }} }} }}",
        externalId="p-1",
        memberExternalId="cust-1",
        amount={"decimal": "100.00", "currency": "SAR"},
        purchasedAt=NOW.isoformat(),
    )
    assert bought["problems"] == []
    accrual = bought["purchase"]["accrual"]
    assert (accrual["state"], accrual["cashback"]["minor"]) == ("PENDING", "500")
    assert (accrual["fee"]["decimal"], len(accrual["shares"])) == ("1.00", 1)


async def test_viewer_says_who_is_asking(door: Door) -> None:
    shop = await open_shop(door.database)
    ids = (shop.network_id, shop.partner.partner_id)
    document = (
        "{ viewer { kind subject roles network { slug } partner { name } member { externalId } } }"
    )
    seen = [
        (await door.read(caller, document))["viewer"]
        for caller in (
            operator(),
            staff(shop.network_id, Role.FINANCE_MAKER, Role.AUDITOR),
            partner(*ids),
            member(*ids, shop.member.member_id),
        )
    ]
    assert [(one["kind"], one["roles"]) for one in seen] == [
        ("STAFF", ["OPERATOR"]),
        ("STAFF", ["AUDITOR", "FINANCE_MAKER"]),
        ("PARTNER", []),
        ("MEMBER", []),
    ]
    assert [one["network"] and one["network"]["slug"] for one in seen] == [
        None,
        "souk",
        "souk",
        "souk",
    ]
    assert [one["partner"] and one["partner"]["name"] for one in seen] == [
        None,
        None,
        "Bakery",
        "Bakery",
    ]
    assert seen[3]["member"] == {"externalId": "cust-1"}


async def test_secret_is_not_shown_on_a_replay(door: Door) -> None:
    shop = await open_shop(door.database)
    caller = operator(shop.network_id)
    given = {"kind": "STAFF", "subject": "maker-1", "roles": ["FINANCE_MAKER"]}
    first = await door.do(caller, "createApiClient", "apiClient { id clientId } secret", **given)
    again = await door.do(caller, "createApiClient", "apiClient { id clientId } secret", **given)
    assert again == {**first, "secret": None, "replayed": True}
    other = await door.do(
        caller, "createApiClient", "apiClient { id } secret", **{**given, "subject": "maker-2"}
    )
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_MISMATCH"]

    rotated = await door.ask(
        caller,
        'mutation($id: ID!) { rotateApiClient(input: {idempotencyKey: "r", apiClientId: $id})'
        " { apiClient { clientId previousSecretUntil } secret problems { code } } }",
        id=first["apiClient"]["id"],
    )
    done = rotated.data["rotateApiClient"]
    assert done["apiClient"]["clientId"] == first["apiClient"]["clientId"]
    assert done["secret"] not in (None, first["secret"])
    assert done["apiClient"]["previousSecretUntil"] == "2026-03-16T09:00:00+00:00"


async def test_partner_rotates_its_own_client_alone(door: Door) -> None:
    shop = await open_shop(door.database)
    async with door.database.writing(shop.network_id) as db:
        rival = await make_partner(db, network_id=shop.network_id)
    staff_client = await door.do(
        operator(shop.network_id),
        "createApiClient",
        "apiClient { id }",
        kind="STAFF",
        subject="maker-1",
        roles=["FINANCE_MAKER"],
    )
    own = await door.do(
        operator(shop.network_id),
        "createApiClient",
        "apiClient { id }",
        idempotencyKey="own",
        kind="PARTNER",
        subject="till",
        partnerId=str(GlobalId("Partner", shop.network_id, shop.partner.partner_id)),
    )
    outcomes = []
    for number, (asker, client) in enumerate(
        (
            (shop.partner, own),
            (rival, own),
            (shop.partner, staff_client),
        )
    ):
        document = (
            "mutation($key: String!, $id: ID!) { rotateApiClient(input:"
            " {idempotencyKey: $key, apiClientId: $id}) { apiClient { id } problems { code } } }"
        )
        result = await door.ask(
            partner(shop.network_id, asker.partner_id),
            document,
            key=f"k-{number}",
            id=client["apiClient"]["id"],
        )
        outcomes.append([one["code"] for one in result.data["rotateApiClient"]["problems"]])
    assert outcomes == [[], ["NOT_FOUND"], ["NOT_FOUND"]]
    node = "query($id: ID!) { node(id: $id) { id } }"
    seen = [
        (await door.read(partner(shop.network_id, one.partner_id), node, id=own["apiClient"]["id"]))
        for one in (shop.partner, rival)
    ]
    assert seen == [{"node": {"id": own["apiClient"]["id"]}}, {"node": None}]


async def test_brand_key_is_registered_and_a_private_one_refused(door: Door) -> None:
    shop = await open_shop(door.database)
    caller = partner(shop.network_id, shop.partner.partner_id)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    shown = "brandKey { kid algorithm isActive }"
    first = await door.do(caller, "registerBrandKey", shown, publicJwk=jwk)
    again = await door.do(caller, "registerBrandKey", shown, publicJwk=jwk)
    assert first["brandKey"]["algorithm"] == "EdDSA"
    assert again == {**first, "replayed": True}
    for number, (given, code) in enumerate(
        (
            ({**jwk, "d": "secret"}, "INVALID_INPUT"),
            ("text", "INVALID_INPUT"),
            ({**jwk, "kid": first["brandKey"]["kid"], "x": jwk["x"][::-1]}, "ALREADY_EXISTS"),
        )
    ):
        refused = await door.do(
            caller, "registerBrandKey", shown, idempotencyKey=f"k-{number}", publicJwk=given
        )
        assert refused["brandKey"] is None
        assert [one["code"] for one in refused["problems"]] == [code]


PARTNER_INPUT = {"name": [{"locale": "en", "text": "X"}], "roles": ["BRAND"], "country": "SA"}
PROGRAMME_INPUT = {"slug": "gold", "name": [{"locale": "en", "text": "Gold"}]}
NETWORK_INPUT = {
    "slug": "new",
    "name": [{"locale": "en", "text": "X"}],
    "zone": "Asia/Riyadh",
    "currency": "SAR",
}


async def test_each_mutation_is_for_its_own_callers(door: Door, superuser: AsyncConnection) -> None:
    shop = await open_shop(door.database)
    ids = (shop.network_id, shop.partner.partner_id)
    callers = {
        "platform": operator(),
        "operator": operator(shop.network_id),
        "maker": staff(shop.network_id, Role.FINANCE_MAKER),
        "auditor": staff(shop.network_id, Role.AUDITOR),
        "partner": partner(*ids),
        "member": member(*ids, shop.member.member_id),
    }
    partner_id = str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))
    member_id = str(GlobalId("Member", shop.network_id, shop.member.member_id))
    money = {"minor": "100", "currency": "SAR"}
    mutations = {
        "createNetwork": ({"platform"}, NETWORK_INPUT),
        "createPartner": ({"operator", "platform"}, PARTNER_INPUT),
        "publishAgreement": (
            {"operator", "platform"},
            {
                "partnerId": partner_id,
                "currency": "SAR",
                "purchaseFeeBps": 1,
                "returnWindowDays": 1,
            },
        ),
        "createProgramme": ({"operator", "platform"}, PROGRAMME_INPUT),
        "publishEarnRule": ({"operator", "platform"}, {"partnerId": partner_id, "rateBps": 1}),
        "createApiClient": (
            {"operator", "platform"},
            {"kind": "STAFF", "subject": "s", "roles": ["AUDITOR"]},
        ),
        "rotateApiClient": ({"operator", "platform", "partner"}, {"apiClientId": "x"}),
        "registerBrandKey": ({"operator", "platform", "partner"}, {"publicJwk": {}}),
        "enrolMember": ({"operator", "platform", "partner"}, {"externalId": "new"}),
        "recordPurchase": (
            {"partner"},
            {
                "externalId": "p",
                "memberId": member_id,
                "amount": money,
                "purchasedAt": NOW.isoformat(),
            },
        ),
        "recordReturn": (
            {"partner"},
            {"externalId": "r", "purchaseId": "x", "amount": money},
        ),
    }
    for name, (allowed, given) in mutations.items():
        for who, caller in callers.items():
            if who in allowed:
                continue
            answer = await door.do(caller, name, "__typename", **given)
            assert [one["code"] for one in answer["problems"]] == ["FORBIDDEN"], (name, who)
        anonymous = await door.ask(
            None,
            f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i)"
            " { problems { code } } }",
            i={"idempotencyKey": "k", **given},
        )
        assert anonymous.errors[0].extensions["code"] == "UNAUTHENTICATED"
    counts = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.network), (SELECT count(*) FROM partners.partner),"
            " (SELECT count(*) FROM partners.purchase), (SELECT count(*) FROM api.idempotency_key)"
        )
    )
    assert tuple(counts.one()) == (1, 1, 0, 0)


NEEDS_A_NETWORK: list[Any] = [
    ("createPartner", PARTNER_INPUT),
    ("createProgramme", PROGRAMME_INPUT),
    ("registerBrandKey", {"publicJwk": {}, "partnerId": "x"}),
    ("enrolMember", {"externalId": "x", "partnerId": "x"}),
]


async def test_the_platforms_place_is_no_network(door: Door) -> None:
    for name, given in NEEDS_A_NETWORK:
        answer = await door.do(operator(), name, "__typename", **given)
        assert [one["code"] for one in answer["problems"]] == ["NOT_FOUND"]


async def test_operator_of_a_network_lets_nobody_into_another(door: Door) -> None:
    souk = await open_shop(door.database)
    bazaar = await open_shop(door.database, slug="bazaar")
    answer = await door.do(
        operator(souk.network_id),
        "createApiClient",
        "apiClient { id } secret",
        kind="STAFF",
        subject="intruder",
        roles=["OPERATOR"],
        networkId=str(GlobalId("Network", bazaar.network_id, UUID(int=bazaar.network_id))),
    )
    assert answer["secret"] is None
    assert [(one["code"], one["path"]) for one in answer["problems"]] == [
        ("NOT_FOUND", ["networkId"])
    ]
