"""Programmes through the schema: made by operators, seen by everybody in the network."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.graphql.nodes import GlobalId
from tests.api.graphql.partners.world import Door, member, operator, partner
from tests.factories.partners import make_partner, open_shop

NAME = [{"locale": "en", "text": "Gold Club"}, {"locale": "ar", "text": "النادي الذهبي"}]
SHOWN = "programme { id slug name arabic: name(locale: AR) sponsor { id } createdAt }"
LISTED = (
    "query($first: Int, $after: String) { programmes(first: $first, after: $after)"
    " { edges { node { id slug name } } pageInfo { endCursor hasNextPage } } }"
)


async def test_rules_are_published_into_a_programme_or_the_networks_own(door: Door) -> None:
    shop = await open_shop(door.database)
    caller = operator(shop.network_id)
    async with door.database.writing(shop.network_id) as db:
        bank = await make_partner(db, network_id=shop.network_id, roles=("sponsor",))
    sponsor = str(GlobalId("Partner", shop.network_id, bank.partner_id))
    made = await door.do(
        caller, "createProgramme", SHOWN, slug="gold", name=NAME, sponsorPartnerId=sponsor
    )
    again = await door.do(
        caller, "createProgramme", SHOWN, slug="gold", name=NAME, sponsorPartnerId=sponsor
    )
    gold = made["programme"]
    assert (made["problems"], again) == ([], {**made, "replayed": True})
    assert gold == {
        "id": gold["id"],
        "slug": "gold",
        "name": "Gold Club",
        "arabic": "النادي الذهبي",
        "sponsor": {"id": sponsor},
        "createdAt": "2026-03-15T09:00:00+00:00",
    }
    shown = "earnRule { rateBps programme { slug name sponsor { id } } }"
    given = {"partnerId": str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))}
    into = await door.do(
        caller, "publishEarnRule", shown, **given, rateBps=700, programmeId=gold["id"]
    )
    plain = await door.do(
        caller, "publishEarnRule", shown, **given, rateBps=800, idempotencyKey="plain"
    )
    assert into["earnRule"]["programme"] == {
        "slug": "gold",
        "name": "Gold Club",
        "sponsor": {"id": sponsor},
    }
    assert plain["earnRule"]["programme"] == {"slug": "default", "name": "Souk", "sponsor": None}


async def test_everybody_of_the_network_sees_its_programmes(door: Door) -> None:
    shop = await open_shop(door.database)
    bazaar = await open_shop(door.database, slug="bazaar")
    made = await door.do(
        operator(shop.network_id), "createProgramme", SHOWN, slug="gold", name=NAME
    )
    ids = (shop.network_id, shop.partner.partner_id)
    for caller in (
        operator(shop.network_id),
        partner(*ids),
        member(*ids, shop.member.member_id),
    ):
        seen: list[str] = []
        page = {"endCursor": None, "hasNextPage": True}
        while page["hasNextPage"]:
            answer = await door.read(caller, LISTED, first=1, after=page["endCursor"])
            page = answer["programmes"]["pageInfo"]
            seen += [edge["node"]["slug"] for edge in answer["programmes"]["edges"]]
        assert sorted(seen) == ["default", "gold"]
    node = "query($id: ID!) { node(id: $id) { id } }"
    found = made["programme"]["id"]
    assert await door.read(partner(*ids), node, id=found) == {"node": {"id": found}}
    assert await door.read(operator(bazaar.network_id), node, id=found) == {"node": None}


async def test_what_is_refused_is_said_in_both_languages_and_changes_nothing(
    door: Door, superuser: AsyncConnection
) -> None:
    shop = await open_shop(door.database)
    bazaar = await open_shop(door.database, slug="bazaar")
    foreign = await door.do(
        operator(bazaar.network_id), "createProgramme", SHOWN, slug="gold", name=NAME
    )
    own = str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))
    cases = (
        ("createProgramme", {"slug": "default", "name": NAME}, "ALREADY_EXISTS", []),
        (
            "createProgramme",
            {"slug": "x", "name": NAME, "sponsorPartnerId": own},
            "INVALID_INPUT",
            [],
        ),
        (
            "publishEarnRule",
            {"partnerId": own, "rateBps": 1, "programmeId": foreign["programme"]["id"]},
            "NOT_FOUND",
            ["programmeId"],
        ),
        (
            "publishEarnRule",
            {
                "partnerId": own,
                "rateBps": 1,
                "programmeId": str(GlobalId("Programme", shop.network_id, shop.rule.rule_id)),
            },
            "NOT_FOUND",
            [],
        ),
    )
    for number, (name, given, code, path) in enumerate(cases):
        messages = []
        for locale in ("en", "ar"):
            answer = await door.do(
                operator(shop.network_id),
                name,
                "__typename",
                locale=locale,
                **given,  # type: ignore[arg-type]
                idempotencyKey=f"{number}-{locale}",
            )
            (problem,) = answer["problems"]
            assert (problem["code"], problem["path"]) == (code, path), (name, given)
            messages.append(problem["message"])
        assert messages[0].isascii()
        assert not messages[1].isascii()
    rows = await superuser.execute(
        text(
            "SELECT network_id, (SELECT count(*) FROM partners.earn_rule r"
            " WHERE r.network_id = p.network_id), array_agg(slug ORDER BY slug)"
            " FROM partners.programme p GROUP BY network_id ORDER BY network_id"
        )
    )
    assert [tuple(row) for row in rows] == [
        (shop.network_id, 1, ["default"]),
        (bazaar.network_id, 1, ["default", "gold"]),
    ]
