"""The directories find what the database keeps, in a token's whole life over HTTP."""

from datetime import timedelta

from joserfc.jwk import ECKey

from api.auth import sign_member_token
from api.clock import Clock
from api.database.transaction import Database
from api.directories import DatabaseDirectories
from partners.clients import ClientKind, create_api_client, register_brand_key
from partners.members import enrol_member
from tests.conftest import NOW
from tests.factories.partners import make_network, make_partner
from tests.graphql_client import ISSUER, GraphQLClient, TestClock, running_app

NODE = '{ node(id: "x") { id } }'


def directories(database: Database, clock: Clock | None = None) -> DatabaseDirectories:
    return DatabaseDirectories(database, clock or TestClock(NOW))


async def test_a_partners_client_gets_a_token_and_comes_in(database: Database) -> None:
    network = await make_network(database)
    async with database.writing(network.network_id) as db:
        partner = await make_partner(db, network_id=network.network_id)
        issued = await create_api_client(
            db,
            network_id=network.network_id,
            kind=ClientKind.PARTNER,
            partner_id=partner.partner_id,
            subject="till",
            now=NOW,
        )
    assert issued.secret is not None
    async with running_app(database, directories=directories(database)) as app:
        good = await app.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(issued.client.client_id, issued.secret),
        )
        bad = await app.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(issued.client.client_id, issued.secret + "x"),
        )
        answer = await GraphQLClient(app.http, good.json()["access_token"]).run(NODE)

    assert (good.status_code, bad.status_code) == (200, 401)
    assert answer == {"data": {"node": None}}


async def test_a_brands_key_lets_its_own_members_in_and_nobody_else(database: Database) -> None:
    network = await make_network(database)
    key = ECKey.generate_key("P-256", auto_kid=True)
    async with database.writing(network.network_id) as db:
        partner = await make_partner(db, network_id=network.network_id)
        other = await make_partner(db, network_id=network.network_id)
        await register_brand_key(
            db,
            network_id=network.network_id,
            partner_id=partner.partner_id,
            public_jwk=key.as_dict(private=False),
            now=NOW,
        )
        for owner, name in ((partner, "own"), (other, "foreign")):
            await enrol_member(
                db,
                network_id=network.network_id,
                partner_id=owner.partner_id,
                external_id=name,
                now=NOW,
            )
    async with running_app(database, directories=directories(database)) as app:
        statuses = {}
        for name in ("own", "foreign", "absent"):
            token = sign_member_token(
                key, kid=str(key.kid), issuer=ISSUER, external_id=name, now=NOW
            )
            statuses[name] = (await GraphQLClient(app.http, token).send(NODE)).status_code

    assert statuses == {"own": 200, "foreign": 401, "absent": 401}


async def test_an_assertion_is_remembered_until_it_expires(database: Database) -> None:
    found = directories(database)
    expires_at = NOW + timedelta(minutes=5)

    assert await found.remember_assertion("mzc_1", "a", expires_at) is True
    assert await found.remember_assertion("mzc_1", "a", expires_at) is False
    assert await found.remember_assertion("mzc_2", "a", expires_at) is True


async def test_strange_names_are_simply_not_found(database: Database) -> None:
    found = directories(database)

    assert await found.find_client("nobody\x00") is None
    assert await found.find_brand_key("nothing") is None
