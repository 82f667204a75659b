"""The issuer's keys on disk: made once, secret, rotated without locking anybody out."""

import multiprocessing
import stat
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from api.auth import (
    KeyFileInvalid,
    PublicKeyRefused,
    TokenRejected,
    issue_partner_token,
    open_signing_keys,
    public_key,
)
from partners.clients import digest_client_secret, new_client_secret
from tests.api.auth.world import ISSUER, NOW, PARTNER


def shop_token(world, now=NOW):
    return issue_partner_token(
        world.keys.keys(),
        issuer=ISSUER,
        network_id=7,
        partner_id=PARTNER,
        client_id="shop",
        now=now,
    )


def _start(data_dir, gate, answers):
    gate.wait(10)
    answers.put(open_signing_keys(data_dir).keys().jwks(now=NOW))


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path):
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(4), context.Queue()
    starting = [
        context.Process(target=_start, args=(tmp_path, gate, answers), daemon=True)
        for _ in range(4)
    ]
    for process in starting:
        process.start()
    seen = [answers.get(timeout=10) for _ in starting]
    for process in starting:
        process.join(10)

    assert len(seen[0]["keys"]) == 2
    assert seen == [seen[0]] * 4


def test_second_start_finds_the_keys_of_the_first(tmp_path):
    first = open_signing_keys(tmp_path).keys().jwks(now=NOW)

    assert open_signing_keys(tmp_path).keys().jwks(now=NOW) == first


def test_only_the_owner_reads_the_keys(tmp_path):
    open_signing_keys(tmp_path)

    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert sorted(file.name for file in folder.iterdir()) == ["issuer.json", "issuer.lock"]


async def test_rotated_key_verifies_until_its_last_token_is_dead(world):
    before = shop_token(world)
    following = world.keys.keys().following.kid

    world.keys.rotate(NOW)

    assert world.keys.keys().current.kid == following
    assert (await world.authenticate(before)).client_id == "shop"
    assert (await world.authenticate(shop_token(world))).client_id == "shop"
    assert len(world.keys.keys().jwks(now=NOW)["keys"]) == 3
    later = NOW + timedelta(seconds=930)
    assert len(world.keys.keys().jwks(now=later)["keys"]) == 2


async def test_key_that_was_rotated_out_long_ago_signs_nobody_in(world):
    old = world.keys.keys()
    later = NOW + timedelta(days=1)
    world.keys.rotate(NOW)
    forged = issue_partner_token(
        old, issuer=ISSUER, network_id=7, partner_id=PARTNER, client_id="shop", now=later
    )

    world.set_clock(later)

    with pytest.raises(TokenRejected) as rejected:
        await world.authenticate(forged)
    assert rejected.value.reason == "key_unknown"


def test_rotation_keeps_no_private_half_of_the_old_key(world, tmp_path):
    private = world.keys.keys().current.as_dict(private=True)["d"]

    world.keys.rotate(NOW)

    assert private not in (tmp_path / "keys" / "issuer.json").read_text()


def test_another_process_notices_a_rotation(world, tmp_path):
    other = open_signing_keys(tmp_path)
    other.keys()

    rotated = world.keys.rotate(NOW)

    assert other.keys().current.kid == rotated.current.kid


def test_damaged_file_is_named_and_never_quoted(tmp_path):
    open_signing_keys(tmp_path)
    file = tmp_path / "keys" / "issuer.json"
    file.write_text(file.read_text()[:200])

    with pytest.raises(KeyFileInvalid) as invalid:
        open_signing_keys(tmp_path).keys()

    assert str(invalid.value) == str(file)


@pytest.mark.parametrize(
    "key",
    [ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")],
    ids=["P-256", "Ed25519"],
)
def test_public_key_of_both_kinds_is_read(key):
    assert public_key(key.as_dict(private=False)).thumbprint() == key.thumbprint()


EC_JWK = ECKey.generate_key("P-256").as_dict(private=False)
REFUSED_KEYS = {
    "private": ECKey.generate_key("P-256").as_dict(private=True),
    "P-384": ECKey.generate_key("P-384").as_dict(private=False),
    "Ed448": OKPKey.generate_key("Ed448").as_dict(private=False),
    "X25519": OKPKey.generate_key("X25519").as_dict(private=False),
    "RSA": RSAKey.generate_key(2048).as_dict(private=False),
    "oct": OctKey.generate_key(256).as_dict(),
    "not on the curve": {**EC_JWK, "y": EC_JWK["x"]},
    "without y": {name: value for name, value in EC_JWK.items() if name != "y"},
    "x a number": {**EC_JWK, "x": 1},
    "x beyond base64": {**EC_JWK, "x": "??"},
    "empty": {},
}


@pytest.mark.parametrize("jwk", REFUSED_KEYS.values(), ids=REFUSED_KEYS.keys())
def test_other_key_is_refused(jwk):
    with pytest.raises(PublicKeyRefused):
        public_key(jwk)


def test_client_secret_has_256_bits_and_is_kept_as_a_digest():
    secrets = {new_client_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {4 + 43}
    assert {len(digest_client_secret(secret)) for secret in secrets} == {32}
