"""Secrets are shown once and kept as digests; keys are public ones of two kinds."""

import asyncio
import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.agreements import PartnerNotFound
from partners.clients import (
    ROTATION_OVERLAP,
    BrandKeyTaken,
    ClientHasNoSecret,
    ClientKind,
    ClientNotFound,
    InvalidClient,
    InvalidPublicKey,
    IssuedClient,
    PrivateKeyShown,
    create_api_client,
    find_brand_key,
    find_client,
    list_clients,
    register_brand_key,
    remember_assertion,
    rotate_api_client,
)
from tests.conftest import NOW
from tests.factories.partners import Shop, make_network, make_partner, open_shop

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def edwards_jwk() -> dict[str, str]:
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}


def curve_jwk() -> dict[str, str]:
    point = generate_private_key(SECP256R1()).public_key().public_numbers()
    x, y = (encoded(n.to_bytes(32, "big")) for n in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


async def create(database: Database, shop: Shop, **over: object) -> IssuedClient:
    values: dict[str, object] = {
        "network_id": shop.network_id,
        "kind": ClientKind.PARTNER,
        "partner_id": shop.partner.partner_id,
        "subject": "till-backend",
        "now": NOW,
        **over,
    }
    async with database.writing(shop.network_id) as db:
        return await create_api_client(db, **values)  # type: ignore[arg-type]


async def rotate(database: Database, shop: Shop, client_id: str, **over: object) -> IssuedClient:
    values: dict[str, object] = {"network_id": shop.network_id, "now": NOW, **over}
    async with database.writing(shop.network_id) as db:
        return await rotate_api_client(db, client_id=client_id, **values)  # type: ignore[arg-type]


async def test_secret_is_shown_once_and_kept_as_a_digest(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    issued = await create(database, shop)
    assert issued.secret is not None
    assert re.fullmatch(r"mzs_[A-Za-z0-9_-]{43}", issued.secret)
    assert re.fullmatch(r"mzc_[0-9a-f]{32}", issued.client.client_id)
    assert issued.secret not in repr(issued)
    async with database.reading(0) as db:  # before a network is known
        found = await find_client(db, client_id=issued.client.client_id, now=NOW)
        assert await find_client(db, client_id="mzc_absent", now=NOW) is None
        assert await find_client(db, client_id="a\x00b", now=NOW) is None
    assert found == issued.client
    assert found.secret_digests == (hashlib.sha256(issued.secret.encode()).digest(),)
    stored = (await superuser.execute(text("SELECT c::text FROM partners.api_client c"))).scalar()
    assert issued.secret not in str(stored)


async def test_rotated_secret_overlaps_for_a_day(database: Database) -> None:
    shop = await open_shop(database)
    first = await create(database, shop)
    second = await rotate(database, shop, first.client.client_id)
    assert second.secret != first.secret

    async def digests(now: object) -> tuple[bytes, ...]:
        async with database.reading(0) as db:
            found = await find_client(db, client_id=first.client.client_id, now=now)  # type: ignore[arg-type]
        assert found is not None
        return found.secret_digests

    new = second.client.secret_digests[0]
    old = first.client.secret_digests[0]
    assert await digests(NOW + ROTATION_OVERLAP - timedelta(seconds=1)) == (new, old)
    assert await digests(NOW + ROTATION_OVERLAP) == (new,)
    third = await rotate(database, shop, first.client.client_id)
    assert await digests(NOW) == (third.client.secret_digests[0], new)


async def test_foreign_and_absent_client_cannot_be_rotated(database: Database) -> None:
    shop = await open_shop(database)
    bazaar = await make_network(database, slug="bazaar")
    issued = await create(database, shop)
    signing = await create(database, shop, public_jwks={"keys": [edwards_jwk()]})
    for client_id, over in (
        ("mzc_absent", {}),
        (issued.client.client_id, {"network_id": bazaar.network_id}),
        (issued.client.client_id, {"partner_id": STRANGER}),
    ):
        with pytest.raises(ClientNotFound):
            await rotate(database, shop, client_id, **over)
    with pytest.raises(ClientHasNoSecret):
        await rotate(database, shop, signing.client.client_id)
    async with database.reading(shop.network_id) as db:
        clients = await list_clients(
            db, network_id=shop.network_id, partner_id=None, limit=10, now=NOW
        )
    assert {one.client_id: one for one in clients} == {
        one.client.client_id: one.client for one in (issued, signing)
    }


async def test_staff_of_the_platform_needs_no_network(database: Database) -> None:
    async with database.writing(0) as db:
        issued = await create_api_client(
            db,
            network_id=0,
            kind=ClientKind.STAFF,
            subject="operator-1",
            roles=["operator"],
            now=NOW,
        )
    assert (issued.client.network_id, issued.client.roles) == (0, frozenset({"operator"}))


CLIENTS_REFUSED: list[Any] = [
    ({"partner_id": None}, InvalidClient),
    ({"kind": ClientKind.STAFF, "roles": ["operator"]}, InvalidClient),
    ({"kind": ClientKind.STAFF, "partner_id": None}, InvalidClient),
    ({"kind": ClientKind.STAFF, "partner_id": None, "roles": ["root"]}, InvalidClient),
    ({"roles": ["operator"]}, InvalidClient),
    ({"subject": "someone@example.com"}, InvalidClient),
    ({"subject": ""}, InvalidClient),
    ({"partner_id": STRANGER}, PartnerNotFound),
    ({"public_jwks": {"keys": []}}, InvalidPublicKey),
    ({"public_jwks": {"keys": ["x"]}}, InvalidPublicKey),
    ({"public_jwks": {"keys": [edwards_jwk()] * 5}}, InvalidPublicKey),
]


async def test_client_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    for over, expected in CLIENTS_REFUSED:
        with pytest.raises(expected):
            await create(database, shop, **over)
        assert (
            await superuser.execute(text("SELECT count(*) FROM partners.api_client"))
        ).scalar() == 0


async def test_brand_key_is_registered_and_found_in_any_network(database: Database) -> None:
    shop = await open_shop(database)
    for given in (edwards_jwk(), curve_jwk(), {**curve_jwk(), "kid": "brand-1", "use": "sig"}):
        for _ in range(2):
            async with database.writing(shop.network_id) as db:
                key = await register_brand_key(
                    db,
                    network_id=shop.network_id,
                    partner_id=shop.partner.partner_id,
                    public_jwk=given,
                    now=NOW,
                )
        async with database.reading(0) as db:
            assert await find_brand_key(db, kid=key.kid) == key
            assert await find_brand_key(db, kid=key.kid + "x") is None
        assert key.public_jwk == {
            **{name: given[name] for name in given if name != "use"},
            "kid": given.get("kid", key.kid),
        }
        assert (key.network_id, key.partner_id) == (shop.network_id, shop.partner.partner_id)


async def test_thumbprint_is_that_of_the_standard(database: Database) -> None:
    shop = await open_shop(database)
    # RFC 8037, appendix A.3
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    async with database.writing(shop.network_id) as db:
        key = await register_brand_key(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            public_jwk=jwk,
            now=NOW,
        )
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


async def test_key_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    curve = curve_jwk()
    for given, expected in (
        ({**edwards_jwk(), "d": "x"}, PrivateKeyShown),
        ({"kty": "oct", "k": "c2VjcmV0"}, PrivateKeyShown),
        ({"kty": "oct"}, InvalidPublicKey),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, InvalidPublicKey),
        ({**curve, "crv": "P-384"}, InvalidPublicKey),
        ({**curve, "y": curve["x"]}, InvalidPublicKey),
        ({**curve, "y": 5}, InvalidPublicKey),
        ({**curve, "kid": "a b"}, InvalidPublicKey),
        ({**edwards_jwk(), "x": "AQAB"}, InvalidPublicKey),
        ({}, InvalidPublicKey),
    ):
        with pytest.raises(expected):
            async with database.writing(shop.network_id) as db:
                await register_brand_key(
                    db,
                    network_id=shop.network_id,
                    partner_id=shop.partner.partner_id,
                    public_jwk=given,
                    now=NOW,
                )
    assert (await superuser.execute(text("SELECT count(*) FROM partners.brand_key"))).scalar() == 0


async def test_key_id_of_another_key_or_partner_is_taken(database: Database) -> None:
    shop = await open_shop(database)
    async with database.writing(shop.network_id) as db:
        other = await make_partner(db, network_id=shop.network_id)
    first = {**edwards_jwk(), "kid": "brand-1"}
    for partner_id, given, is_taken in (
        (shop.partner.partner_id, first, False),
        (other.partner_id, first, True),
        (shop.partner.partner_id, {**edwards_jwk(), "kid": "brand-1"}, True),
    ):
        try:
            async with database.writing(shop.network_id) as db:
                await register_brand_key(
                    db,
                    network_id=shop.network_id,
                    partner_id=partner_id,
                    public_jwk=given,
                    now=NOW,
                )
        except BrandKeyTaken:
            assert is_taken
        else:
            assert not is_taken
    async with database.reading(0) as db:
        kept = await find_brand_key(db, kid="brand-1")
    assert kept is not None
    assert (kept.partner_id, kept.public_jwk["x"]) == (shop.partner.partner_id, first["x"])


async def test_assertion_is_used_once_even_at_once(
    database: Database, superuser: AsyncConnection
) -> None:
    async def remember(jti: str, now: object = NOW) -> bool:
        async with database.writing(0) as db:
            return await remember_assertion(
                db,
                client_id="mzc_x",
                jti=jti,
                expires_at=NOW + timedelta(minutes=1),
                now=now,  # type: ignore[arg-type]
            )

    outcomes = await asyncio.gather(*(remember("one") for _ in range(20)))
    assert sorted(outcomes) == [False] * 19 + [True]
    assert await remember("two")
    later = NOW + timedelta(minutes=10)
    assert await remember("three", later)
    kept = await superuser.execute(text("SELECT count(*) FROM partners.client_assertion"))
    assert kept.scalar() == 1
