"""Forged tokens: each case says what it forges and the reason it must be rejected for."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from api.auth import TokenRejected, issue_partner_token, issue_staff_token
from tests.api.auth.world import (
    AUDIENCE,
    BRAND_EDWARDS_KEY,
    BRAND_KEY,
    ISSUER,
    NOW,
    PARTNER,
    STRANGER_KEY,
    TOKEN_URL,
)

START = int(NOW.timestamp())
OWN = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "shop",
    "client_id": "shop",
    "iat": START,
    "exp": START + 900,
    "jti": "x",
    "scope": "mizan",
    "network": 7,
    "kind": "partner",
    "partner": str(PARTNER),
}
BRAND = {"iss": "brand", "aud": AUDIENCE, "sub": "cust-1", "iat": START, "exp": START + 900}
ABSENT = object()
P384_KEY = ECKey.generate_key("P-384")
ED448_KEY = OKPKey.generate_key("Ed448")
RSA_KEY = RSAKey.generate_key(2048)


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def as_json(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def sign(header, claims, key, alg="ES256"):
    """Sign anything at all, as a forger would."""
    signing_input = f"{encode(as_json(header))}.{encode(as_json(claims))}"
    signature = JWSRegistry.algorithms[alg].sign(signing_input.encode(), key)
    return f"{signing_input}.{encode(signature)}"


def without(fields):
    return {name: value for name, value in fields.items() if value is not ABSENT}


def own(world, *, key=None, alg="ES256", header=(), **claims):
    """A token of the platform's own key, forged in the named places."""
    signing = world.keys.keys().current
    whole = {"alg": alg, "typ": "at+jwt", "kid": signing.kid, **dict(header)}
    return sign(without(whole), without({**OWN, **claims}), key or signing, alg)


def brand(key=BRAND_KEY, *, alg="ES256", header=(), **claims):
    whole = {"alg": alg, "kid": "brand-ec", **dict(header)}
    return sign(without(whole), without({**BRAND, **claims}), key, alg)


def none_algorithm(world, alg, signature=""):
    header = {"alg": alg, "typ": "at+jwt", "kid": world.keys.keys().current.kid}
    return f"{encode(as_json(header))}.{encode(as_json(OWN))}.{signature}"


def keyed_with_the_public_key(world, secret):
    header = {"alg": "HS256", "typ": "at+jwt", "kid": world.keys.keys().current.kid}
    signing_input = f"{encode(as_json(header))}.{encode(as_json(OWN))}"
    mac = hmac.new(secret(world.keys.keys().current), signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{encode(mac.digest())}"


def altered(world, **claims):
    head, _, signature = own(world).split(".")
    return f"{head}.{encode(as_json({**OWN, **claims}))}.{signature}"


def raw(world, header, claims=OWN):
    return sign(header, claims, world.keys.keys().current)


def jwk_of(key):
    return key.as_dict(private=False)


def embedded(world, field, value, key=STRANGER_KEY):
    return own(world, key=key, header={field: value})


FORGERIES = {
    # the algorithm
    "alg none": (lambda w: none_algorithm(w, "none", "AA"), "algorithm_not_allowed"),
    "alg none without signature": (lambda w: none_algorithm(w, "none"), "not_a_compact_token"),
    "alg nOnE": (lambda w: none_algorithm(w, "nOnE", "AA"), "algorithm_not_allowed"),
    "alg missing": (lambda w: own(w, header={"alg": ABSENT}), "algorithm_not_allowed"),
    "alg a list": (lambda w: own(w, header={"alg": ["ES256"]}), "algorithm_not_allowed"),
    "alg es256": (lambda w: own(w, header={"alg": "es256"}), "algorithm_not_allowed"),
    "HS256 with the public PEM": (
        lambda w: keyed_with_the_public_key(w, lambda k: k.as_pem(private=False)),
        "algorithm_not_allowed",
    ),
    "HS256 with the public JWK": (
        lambda w: keyed_with_the_public_key(w, lambda k: as_json(k.as_dict(private=False))),
        "algorithm_not_allowed",
    ),
    "HS256 with the empty key": (
        lambda w: keyed_with_the_public_key(w, lambda k: b""),
        "algorithm_not_allowed",
    ),
    "RS256": (lambda w: own(w, key=RSA_KEY, alg="RS256"), "algorithm_not_allowed"),
    "ES384": (lambda w: own(w, key=P384_KEY, alg="ES384"), "algorithm_not_allowed"),
    "Ed448 as EdDSA": (
        lambda w: own(w, key=ED448_KEY, alg="EdDSA"),
        "algorithm_does_not_fit_key",
    ),
    "EdDSA under an EC kid": (
        lambda w: own(w, key=BRAND_EDWARDS_KEY, alg="EdDSA"),
        "algorithm_does_not_fit_key",
    ),
    "ES256 under an Ed25519 kid": (
        lambda w: brand(header={"kid": "brand-ed"}),
        "algorithm_does_not_fit_key",
    ),
    # the key
    "key of a stranger": (lambda w: own(w, key=STRANGER_KEY), "signature_wrong"),
    "key of a brand as ours": (lambda w: own(w, key=BRAND_KEY), "signature_wrong"),
    "kid of a brand with our issuer": (
        lambda w: own(w, key=BRAND_KEY, header={"kid": "brand-ec"}),
        "key_unknown",
    ),
    "our kid with the issuer of brands": (
        lambda w: own(w, iss="brand"),
        "key_unknown",
    ),
    "kid unknown": (lambda w: own(w, header={"kid": "x"}), "key_unknown"),
    "kid missing": (lambda w: own(w, header={"kid": ABSENT}), "kid_missing"),
    "kid is a path": (lambda w: own(w, header={"kid": "../../dev/null"}), "kid_malformed"),
    "kid is SQL": (lambda w: brand(header={"kid": "' OR 1=1 --"}), "kid_malformed"),
    "kid with NUL": (lambda w: brand(header={"kid": "brand-ec\x00"}), "kid_malformed"),
    "kid with newline": (lambda w: brand(header={"kid": "brand-ec\n"}), "kid_malformed"),
    "kid in Arabic digits": (lambda w: brand(header={"kid": "١٢٣"}), "kid_malformed"),
    "kid is a number": (lambda w: own(w, header={"kid": 1}), "kid_malformed"),
    "jku": (lambda w: embedded(w, "jku", "https://evil.example/jwks"), "header_not_allowed"),
    "jwk": (lambda w: embedded(w, "jwk", jwk_of(STRANGER_KEY)), "header_not_allowed"),
    "x5u": (lambda w: embedded(w, "x5u", "https://evil.example/c"), "header_not_allowed"),
    "x5c": (lambda w: embedded(w, "x5c", ["MIIB"]), "header_not_allowed"),
    "crit": (lambda w: own(w, header={"crit": ["exp"]}), "header_not_allowed"),
    "crit empty": (lambda w: own(w, header={"crit": []}), "header_not_allowed"),
    "b64 false": (lambda w: own(w, header={"b64": False}), "header_not_allowed"),
    "zip": (lambda w: own(w, header={"zip": "DEF"}), "header_not_allowed"),
    # the signature
    "signature of zeroes": (
        lambda w: own(w).rpartition(".")[0] + "." + encode(bytes(64)),
        "signature_wrong",
    ),
    "signature cut": (lambda w: own(w)[:-8], "signature_wrong"),
    "signature in DER": (
        lambda w: own(w).rpartition(".")[0] + "." + encode(bytes.fromhex("3006020101020101")),
        "signature_wrong",
    ),
    "network raised": (lambda w: altered(w, network=8), "signature_wrong"),
    "roles added": (
        lambda w: altered(w, kind="staff", roles=["operator"], network=0),
        "signature_wrong",
    ),
    # the shape
    "cut in the middle": (lambda w: own(w)[: len(own(w)) // 2], "not_a_compact_token"),
    "two parts": (lambda w: own(w).rpartition(".")[0], "not_a_compact_token"),
    "four parts": (lambda w: own(w) + ".AAAA", "not_a_compact_token"),
    "two dots alone": (lambda w: "..", "not_a_compact_token"),
    "padding": (lambda w: own(w) + "==", "not_a_compact_token"),
    "plain base64": (lambda w: own(w)[:-4] + "+/+/", "not_a_compact_token"),
    "letter beyond ASCII": (lambda w: own(w)[:-1] + "ﬀ", "not_a_compact_token"),
    "newline at the end": (lambda w: own(w) + "\n", "not_a_compact_token"),
    "huge": (lambda w: own(w, sub="x" * 9000), "too_large"),
    "header is a list": (lambda w: raw(w, []), "not_an_object"),
    "header is not JSON": (lambda w: raw(w, b"{"), "not_json"),
    "header is not UTF-8": (lambda w: raw(w, b'{"alg":"\xff"}'), "not_json"),
    "header says alg twice": (
        lambda w: raw(w, b'{"alg":"none","alg":"ES256"}'),
        "duplicate_field",
    ),
    "claims nested deep": (
        lambda w: raw(w, {"alg": "ES256"}, b"[" * 5000),
        "not_json",
    ),
    "claims are a text": (lambda w: raw(w, {"alg": "ES256"}, "x"), "not_an_object"),
    "claims say network twice": (
        lambda w: raw(w, {"alg": "ES256"}, b'{"network":7,"network":8}'),
        "duplicate_field",
    ),
    # the claims, all well signed
    "audience elsewhere": (lambda w: own(w, aud="https://elsewhere.example"), "audience_wrong"),
    "audience is the token endpoint": (lambda w: own(w, aud=TOKEN_URL), "audience_wrong"),
    "audience missing": (lambda w: own(w, aud=ABSENT), "audience_wrong"),
    "audience shared": (lambda w: own(w, aud=[AUDIENCE, "https://x.example"]), "audience_wrong"),
    "audience starts alike": (lambda w: own(w, aud=AUDIENCE + "x"), "audience_wrong"),
    "brand audience elsewhere": (lambda w: brand(aud="shop.example"), "audience_wrong"),
    "issuer elsewhere": (lambda w: own(w, iss="https://evil.example"), "issuer_unknown"),
    "issuer with a slash": (lambda w: own(w, iss=ISSUER + "/"), "issuer_unknown"),
    "issuer missing": (lambda w: own(w, iss=ABSENT), "issuer_unknown"),
    "issuer a list": (lambda w: own(w, iss=[ISSUER]), "issuer_unknown"),
    "expired": (lambda w: own(w, exp=START), "expired"),
    "brand expired": (lambda w: brand(exp=START - 1), "expired"),
    "exp missing": (lambda w: own(w, exp=ABSENT), "exp_missing"),
    "brand exp missing": (lambda w: brand(exp=ABSENT), "exp_missing"),
    "exp true": (lambda w: own(w, exp=True), "exp_malformed"),
    "exp a text": (lambda w: own(w, exp=str(START + 900)), "exp_malformed"),
    "exp infinite": (lambda w: own(w, exp=float("inf")), "not_a_number"),
    "exp NaN": (lambda w: own(w, exp=float("nan")), "not_a_number"),
    "exp 1e999": (
        lambda w: raw(
            w,
            {"alg": "ES256", "typ": "at+jwt", "kid": w.keys.keys().current.kid},
            as_json({**OWN, "exp": 0}).replace(b'"exp": 0', b'"exp": 1e999'),
        ),
        "exp_malformed",
    ),
    "exp beyond all years": (lambda w: own(w, exp=10**300), "exp_malformed"),
    "exp in a year": (lambda w: own(w, exp=START + 365 * 86400), "lives_too_long"),
    "brand exp in two days": (lambda w: brand(exp=START + 2 * 86400), "lives_too_long"),
    "nbf in future": (lambda w: own(w, nbf=START + 60), "nbf_in_future"),
    "brand nbf in future": (lambda w: brand(nbf=START + 60), "nbf_in_future"),
    "iat in future": (lambda w: own(w, iat=START + 60), "iat_in_future"),
    "typ missing": (lambda w: own(w, header={"typ": ABSENT}), "type_wrong"),
    "typ of an identity token": (lambda w: own(w, header={"typ": "JWT"}), "type_wrong"),
    "brand typ of another kind": (lambda w: brand(header={"typ": "logout+jwt"}), "type_wrong"),
    "jti missing": (lambda w: own(w, jti=ABSENT), "jti_missing_or_malformed"),
    "scope missing": (lambda w: own(w, scope=ABSENT), "scope_missing_or_malformed"),
    "scope of another": (lambda w: own(w, scope="mizan2"), "scope_missing"),
    "sub missing": (lambda w: own(w, sub=ABSENT), "sub_missing_or_malformed"),
    "client missing": (lambda w: own(w, client_id=ABSENT), "kind_malformed"),
    "client unknown": (lambda w: own(w, client_id="nobody"), "client_inactive"),
    "client closed": (lambda w: own(w, client_id="closed"), "client_inactive"),
    "client of another network": (lambda w: own(w, network=8), "client_changed"),
    "network missing": (lambda w: own(w, network=ABSENT), "network_malformed"),
    "network a text": (lambda w: own(w, network="7"), "network_malformed"),
    "network true": (lambda w: own(w, network=True), "network_malformed"),
    "network negative": (lambda w: own(w, network=-7), "network_malformed"),
    "partner of the platform": (lambda w: own(w, network=0), "kind_malformed"),
    "partner not an id": (lambda w: own(w, partner="x"), "partner_malformed"),
    "kind member": (lambda w: own(w, kind="member"), "kind_malformed"),
    "staff without roles": (lambda w: own(w, kind="staff"), "roles_malformed"),
    "staff with an unknown role": (
        lambda w: own(w, kind="staff", roles=["root"]),
        "roles_malformed",
    ),
    "staff by the client of a partner": (
        lambda w: own(w, kind="staff", roles=["operator"]),
        "client_changed",
    ),
    "brand sub missing": (lambda w: brand(sub=ABSENT), "sub_missing_or_malformed"),
    "brand sub empty": (lambda w: brand(sub=""), "sub_missing_or_malformed"),
    "brand sub a number": (lambda w: brand(sub=1), "sub_missing_or_malformed"),
    "brand sub with NUL": (lambda w: brand(sub="cust-1\x00"), "sub_missing_or_malformed"),
    "brand sub half a letter": (lambda w: brand(sub="\ud800"), "sub_missing_or_malformed"),
    "brand claims to be staff": (
        lambda w: brand(sub="nobody", kind="staff", roles=["operator"], network=0),
        "member_unknown",
    ),
    "brand signed by a stranger": (lambda w: brand(STRANGER_KEY), "signature_wrong"),
}


async def test_the_unforged_tokens_are_good(world):
    assert (await world.authenticate(own(world))).client_id == "shop"
    assert (await world.authenticate(brand())).subject == "cust-1"


@pytest.mark.parametrize(("forge", "reason"), FORGERIES.values(), ids=FORGERIES.keys())
async def test_forged_token_is_rejected(world, forge, reason):
    token = forge(world)

    for _ in range(2):  # a rejection must not be remembered as anything else
        with pytest.raises(TokenRejected) as rejected:
            await world.verifier.authenticate(f"Bearer {token}", now=NOW)
        assert rejected.value.reason == reason
    assert len(world.verifier._verified) == 0


async def test_no_single_changed_character_of_a_good_token_gets_another_caller_in(world):
    tokens = [
        issue_partner_token(
            world.keys.keys(),
            issuer=ISSUER,
            network_id=7,
            partner_id=PARTNER,
            client_id="shop",
            now=NOW,
        ),
        issue_staff_token(
            world.keys.keys(), issuer=ISSUER, network_id=7, subject="a", roles=[], now=NOW
        ),
    ]
    for token in tokens:
        honest = await world.authenticate(token)
        # The last character of a signature carries bits that no octet uses.
        for place in range(len(token) - 1):
            changed = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
            with pytest.raises(TokenRejected):
                await world.authenticate(changed)
        assert await world.authenticate(token) == honest
