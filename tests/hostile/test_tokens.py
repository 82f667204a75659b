"""Tokens that are expired, forged or meant for others: 401 at the door, and nothing changes."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey

from tests.api.auth.test_forged_tokens import encode, sign
from tests.conftest import NOW
from tests.graphql_client import GraphQLClient
from tests.hostile.conftest import Attack
from tests.hostile.test_purchases import purchase
from tests.permissions.documents import mutation_document

STRANGER = ECKey.generate_key("P-256")
START = int(NOW.timestamp())


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, claims, signature = token.split(".")
    header, body = (
        json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in (head, claims)
    )
    return header, body, signature


def forged(
    attack: Attack, *, who: str = "partner", key: Any = None, header: Any = (), **claims: Any
) -> str:
    """A good token of somebody, changed in the named places and signed anew."""
    token = attack.caller(who).token
    assert token is not None
    old_header, old_claims, _ = parts_of(token)
    whole = {**old_claims, **claims}
    signing = key or attack.app.keys.keys().current
    return sign({**old_header, **dict(header)}, whole, signing)


def altered(attack: Attack, **claims: Any) -> str:
    """A good token with other claims under its old signature."""
    token = attack.caller("partner").token
    assert token is not None
    header, body, signature = parts_of(token)
    claims = {**body, **claims}
    return (
        f"{encode(json.dumps(header).encode())}.{encode(json.dumps(claims).encode())}.{signature}"
    )


def without_algorithm(attack: Attack) -> str:
    token = attack.caller("partner").token
    assert token is not None
    header, body, _ = parts_of(token)
    head = {**header, "alg": "none"}
    return f"{encode(json.dumps(head).encode())}.{encode(json.dumps(body).encode())}."


def with_the_public_key_as_secret(attack: Attack) -> str:
    token = attack.caller("partner").token
    assert token is not None
    header, body, _ = parts_of(token)
    head = {**header, "alg": "HS256"}
    plain = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(body).encode())}"
    secret = attack.app.keys.keys().current.as_pem(private=False)
    return f"{plain}.{encode(hmac.new(secret, plain.encode(), hashlib.sha256).digest())}"


FORGERIES: dict[str, Callable[[Attack], str]] = {
    "alg none": without_algorithm,
    "HS256 with the public key": with_the_public_key_as_secret,
    "another key under our name": lambda a: forged(a, key=STRANGER),
    "a key of its own in the header": lambda a: forged(
        a, key=STRANGER, header={"jwk": STRANGER.as_dict(private=False)}
    ),
    "an unknown key": lambda a: forged(a, header={"kid": "nobody"}),
    "another audience": lambda a: forged(a, aud="https://elsewhere.example"),
    "no audience": lambda a: forged(a, aud=None),
    "another issuer": lambda a: forged(a, iss="https://elsewhere.example"),
    "expired": lambda a: forged(a, iat=START - 1_800, exp=START - 900),
    "expired this second": lambda a: forged(a, iat=START - 900, exp=START),
    "not yet begun": lambda a: forged(a, nbf=START + 900),
    "issued in the future": lambda a: forged(a, iat=START + 3_600, exp=START + 4_500),
    "for ever": lambda a: forged(a, exp=None),
    "another partner under an old signature": lambda a: altered(a, partner=str(uuid4())),
    "another network under an old signature": lambda a: altered(a, network=a.other.network_id),
    "a role under an old signature": lambda a: altered(a, kind="staff", roles=["operator"]),
    "a member's, signed by a stranger": lambda a: forged(a, who="member", key=STRANGER),
    "a member's, under a platform key": lambda a: forged(a, who="member"),
    "of another type": lambda a: forged(a, header={"typ": "JWT"}),
    "two dots": lambda a: "..",
    "long": lambda a: "a" * 9_000 + ".b.c",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_forged_token_gets_nobody_in(attack: Attack, name: str) -> None:
    token = FORGERIES[name](attack)
    given = {"idempotencyKey": uuid4().hex, **purchase(attack)}
    body = {"query": mutation_document("recordPurchase", 1), "variables": {"input": given}}
    async with attack.nothing_changes():
        answer = await attack.post(GraphQLClient(attack.app.http, token), body)
    assert answer.status_code == 401
    assert [one["extensions"]["code"] for one in answer.json()["errors"]] == ["UNAUTHENTICATED"]


async def test_token_is_good_until_its_clock_runs_out(attack: Attack) -> None:
    client = attack.caller("partner")
    good = await attack.post(client, {"query": "{ viewer { kind } }"})
    attack.app.clock.set(NOW + timedelta(hours=1))
    try:
        late = await attack.post(client, {"query": "{ viewer { kind } }"})
    finally:
        attack.app.clock.set(NOW)
    assert good.json() == {"data": {"viewer": {"kind": "PARTNER"}}}
    assert late.status_code == 401
