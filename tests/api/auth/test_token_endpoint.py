"""The token endpoint over HTTP, and Authlib's own client as its consumer."""

import asyncio
import json
import socket
import time
import warnings
from datetime import timedelta

import pytest
import uvicorn
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from api.auth import Caller, CallerKind, Role, TokenRejected
from api.auth.compact import sign_compact
from api.auth.server import ASSERTION_TYPE
from tests.api.auth.world import (
    AUDIENCE,
    CLIENT_EDWARDS_KEY,
    CLIENT_KEY,
    ISSUER,
    NOW,
    OLD_SECRET,
    PARTNER,
    SECRET,
    STRANGER_KEY,
    TOKEN_URL,
)

SHOP = Caller(CallerKind.PARTNER, 7, "shop", partner_id=PARTNER, client_id="shop")
FAILED = {"error": "invalid_client", "error_description": "Client authentication failed."}


def assertion(key=CLIENT_KEY, header=None, **changes):
    issued = int(NOW.timestamp())
    claims = {
        "iss": "signing",
        "sub": "signing",
        "aud": TOKEN_URL,
        "iat": issued,
        "exp": issued + 60,
        "jti": "one",
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return sign_compact(header or {}, claims, key)


def assertion_form(signed):
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_secret_by_basic_gives_a_token_of_900_seconds(world, secret):
    answer = await world.request_token(auth=("shop", secret), scope="mizan")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    token = body.pop("access_token")
    assert body == {"token_type": "Bearer", "expires_in": 900, "scope": "mizan"}
    assert await world.authenticate(token) == SHOP
    assert SHOP.identity == f"partner:{PARTNER}"


async def test_secret_by_post_gives_a_token(world):
    answer = await world.request_token(client_id="shop", client_secret=SECRET)

    assert answer.status_code == 200
    assert await world.authenticate(answer.json()["access_token"]) == SHOP


async def test_client_of_staff_carries_its_person_and_roles(world):
    answer = await world.request_token(auth=("layla-console", SECRET))

    caller = await world.authenticate(answer.json()["access_token"])
    assert caller == Caller(
        CallerKind.STAFF,
        7,
        "layla",
        roles=frozenset({Role.FINANCE_MAKER, Role.OPERATOR}),
        client_id="layla-console",
    )
    assert caller.identity == "staff:layla"


async def test_access_token_follows_rfc_9068_and_verifies_with_the_published_keys(world):
    answer = await world.request_token(auth=("shop", SECRET))
    async with world.http() as http:
        published = (await http.get("/.well-known/jwks.json")).json()

    token = jwt.decode(
        answer.json()["access_token"], KeySet.import_key_set(published), algorithms=["ES256"]
    )
    assert token.header == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": world.keys.keys().current.kid,
    }
    issued = int(NOW.timestamp())
    assert len(token.claims.pop("jti")) == 22
    assert token.claims == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "shop",
        "client_id": "shop",
        "iat": issued,
        "exp": issued + 900,
        "scope": "mizan",
        "network": 7,
        "kind": "partner",
        "partner": str(PARTNER),
    }


async def test_token_expires_on_the_clock_of_the_platform(world):
    token = (await world.request_token(auth=("shop", SECRET))).json()["access_token"]

    world.set_clock(NOW + timedelta(seconds=899))
    assert await world.authenticate(token) == SHOP
    world.set_clock(NOW + timedelta(seconds=900))
    with pytest.raises(TokenRejected) as rejected:
        await world.authenticate(token)
    assert rejected.value.reason == "expired"


@pytest.mark.parametrize("key", [CLIENT_KEY, CLIENT_EDWARDS_KEY], ids=["ES256", "EdDSA"])
async def test_signed_assertion_gives_a_token(world, key):
    answer = await world.request_token(**assertion_form(assertion(key)))

    assert answer.status_code == 200
    caller = await world.authenticate(answer.json()["access_token"])
    assert (caller.partner_id, caller.client_id) == (PARTNER, "signing")
    assert world.directories.assertions == {("signing", "one"): NOW + timedelta(seconds=60)}


async def test_assertion_with_the_name_of_its_algorithm_of_rfc_9864_is_taken(world):
    signed = jwt.encode(
        {"alg": "Ed25519"},
        jwt.decode(assertion(), CLIENT_KEY).claims,
        CLIENT_EDWARDS_KEY,
        algorithms=["Ed25519"],
    )

    assert (await world.request_token(**assertion_form(signed))).status_code == 200


async def test_used_assertion_is_refused(world):
    form = assertion_form(assertion())
    assert (await world.request_token(**form)).status_code == 200

    again = await world.request_token(**form)

    assert (again.status_code, again.json()) == (401, FAILED)


async def test_of_eight_uses_of_an_assertion_at_once_one_succeeds(world):
    form = assertion_form(assertion())

    answers = await asyncio.gather(*(world.request_token(**form) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + 7 * [401]


async def test_assertion_expires_on_the_clock_of_the_platform(world):
    world.set_clock(NOW + timedelta(seconds=60))

    assert (await world.request_token(**assertion_form(assertion()))).status_code == 401


FORGED_ASSERTIONS = {
    "key of a stranger": lambda: assertion(STRANGER_KEY),
    "audience is the API": lambda: assertion(aud=AUDIENCE),
    "audience is elsewhere": lambda: assertion(aud="https://elsewhere.example/oauth/token"),
    "two audiences": lambda: assertion(aud=[TOKEN_URL, "https://elsewhere.example"]),
    "issuer is another client": lambda: assertion(iss="shop"),
    "client without keys": lambda: assertion(iss="shop", sub="shop"),
    "unknown client": lambda: assertion(iss="nobody", sub="nobody"),
    "no jti": lambda: assertion(jti=None),
    "jti is a number": lambda: assertion(jti=1),
    "no exp": lambda: assertion(exp=None),
    "exp is a text": lambda: assertion(exp="tomorrow"),
    "lives for a year": lambda: assertion(exp=int(NOW.timestamp()) + 365 * 86400),
    "not yet valid": lambda: assertion(nbf=int(NOW.timestamp()) + 120),
    "issued in the future": lambda: assertion(iat=int(NOW.timestamp()) + 120),
    "no sub": lambda: assertion(sub=None),
    "sub is a list": lambda: assertion(sub=["signing"]),
    "brings its own key": lambda: assertion(header={"jwk": CLIENT_KEY.as_dict(private=False)}),
    "algorithm none": lambda: "eyJhbGciOiJub25lIn0." + assertion().split(".")[1] + ".AA",
    "nested deep": lambda: "eyJhbGciOiJFUzI1NiJ9." + "W1tb" * 1500 + ".AA",
    "not a token": lambda: "x",
}


@pytest.mark.parametrize("forge", FORGED_ASSERTIONS.values(), ids=FORGED_ASSERTIONS.keys())
async def test_forged_assertion_is_refused_and_not_remembered(world, forge):
    answer = await world.request_token(**assertion_form(forge()))

    assert (answer.status_code, answer.json()) == (401, FAILED)
    assert world.directories.assertions == {}


@pytest.mark.parametrize(
    "credentials",
    [
        ("shop", "wrong"),
        ("nobody", SECRET),
        ("closed", SECRET),
        ("signing", SECRET),
        ("shop", ""),
        ("", SECRET),
        ("شركة", "سر"),
    ],
)
async def test_wrong_credentials_are_answered_alike(world, credentials):
    by_basic = await world.request_token(
        auth=tuple(part.encode() for part in credentials)  # a header is octets
    )
    by_post = await world.request_token(client_id=credentials[0], client_secret=credentials[1])

    for answer in (by_basic, by_post):
        assert (answer.status_code, answer.json()) == (401, FAILED)
        assert answer.headers["www-authenticate"] == 'Basic realm="mizan"'
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic c2hvcA=="]
)
async def test_malformed_authorization_is_refused(world, header):
    answer = await world.request_token(headers={"Authorization": header})

    assert (answer.status_code, answer.json()) == (401, FAILED)


async def test_no_credentials_are_refused(world):
    answer = await world.request_token()

    assert (answer.status_code, answer.json()) == (401, FAILED)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"scope": "mizan admin"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"client_secret": SECRET, "client_id": "shop"}, "invalid_request"),
        ({"grant_type": ["client_credentials", "password"]}, "invalid_request"),
    ],
)
async def test_bad_request_gets_the_error_of_rfc_6749(world, form, error):
    answer = await world.request_token(auth=("shop", SECRET), **form)

    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_client_id_in_the_form_must_be_the_one_that_authenticates(world):
    same = await world.request_token(auth=("shop", SECRET), client_id="shop")
    other = await world.request_token(auth=("shop", SECRET), client_id="layla-console")

    assert (same.status_code, other.status_code) == (200, 401)


async def test_other_bodies_are_refused_before_they_are_read(world):
    async with world.http() as http:
        as_json = await http.post("/oauth/token", json={"grant_type": "client_credentials"})
        form = {"content-type": "application/x-www-form-urlencoded"}
        large = await http.post("/oauth/token", content=b"a=" + b"x" * 20_000, headers=form)
        not_utf8 = await http.post("/oauth/token", content=b"a=%ff", headers=form)
        fields = await http.post("/oauth/token", content=b"a=1&" * 40, headers=form)
        by_get = await http.get("/oauth/token")

    assert [r.status_code for r in (as_json, large, not_utf8, fields)] == [400, 413, 400, 400]
    assert {r.json()["error"] for r in (as_json, large, not_utf8, fields)} == {"invalid_request"}
    assert by_get.status_code == 405


async def test_metadata_is_what_rfc_8414_asks_for(world):
    async with world.http() as http:
        document = (await http.get("/.well-known/oauth-authorization-server")).json()

    AuthorizationServerMetadata(document).validate()
    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == TOKEN_URL
    assert document["grant_types_supported"] == ["client_credentials"]
    assert document["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]


async def test_published_keys_are_public(world):
    async with world.http() as http:
        answer = await http.get("/.well-known/jwks.json")

    document = answer.json()
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert len(document["keys"]) == 2
    for jwk in document["keys"]:
        assert set(jwk) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    assert '"d"' not in json.dumps(document)


async def test_authlibs_client_fetches_tokens_from_a_real_server(world):
    world.run_clock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/oauth/token"
        config = uvicorn.Config(world.app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                async with AsyncOAuth2Client("shop", SECRET, token_endpoint=url) as client:
                    token = await client.fetch_token(grant_type="client_credentials")
                assert (await world.authenticate(token["access_token"])) == SHOP
                assert token["expires_at"] - time.time() == pytest.approx(900, abs=5)
                async with AsyncOAuth2Client(
                    "signing",
                    CLIENT_KEY,
                    token_endpoint_auth_method=PrivateKeyJWT(TOKEN_URL, alg="ES256"),
                ) as client:
                    token = await client.fetch_token(url, grant_type="client_credentials")
                assert (await world.authenticate(token["access_token"])).client_id == "signing"
                async with AsyncOAuth2Client("shop", "wrong", token_endpoint=url) as client:
                    with pytest.raises(OAuthError) as refused:
                        await client.fetch_token(grant_type="client_credentials")
                assert refused.value.error == "invalid_client"
        finally:
            server.should_exit = True
            await serving
