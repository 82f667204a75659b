"""Codes are sealed to their place, and nothing shows them unasked."""

import pickle
import secrets
from dataclasses import replace
from uuid import uuid4

import pytest

from catalog.suppliers import Secret
from catalog.vouchers import Code, Vault, VaultKeyInvalid, VoucherDamaged, new_card_code
from catalog.vouchers.model import hint_of, read_card_code

KEY, OTHER_KEY = secrets.token_hex(32), secrets.token_hex(32)
CODE = Code(Secret("0012 3456 7890 1234"), Secret("0042"))


def test_what_is_sealed_opens_in_its_own_place_only() -> None:
    vault, voucher_id = Vault([("a", KEY)]), uuid4()
    place = {"network_id": 7, "voucher_id": voucher_id}
    sealed = vault.seal(realm="s", code=CODE, **place)
    fields = {"key_id": sealed.key_id, "ciphertext": sealed.ciphertext}
    assert vault.unseal(**place, **fields) == CODE
    for moved in ({**place, "network_id": 8}, {**place, "voucher_id": uuid4()}):
        with pytest.raises(VoucherDamaged):
            vault.unseal(**moved, **fields)
    flipped = bytearray(sealed.ciphertext)
    flipped[-1] ^= 1
    with pytest.raises(VoucherDamaged):
        vault.unseal(**place, key_id="a", ciphertext=bytes(flipped))
    with pytest.raises(VaultKeyInvalid):
        Vault([("b", KEY)]).unseal(**place, **fields)


def test_the_same_code_is_never_sealed_alike_but_digested_alike() -> None:
    vault, place = Vault([("a", KEY)]), {"network_id": 7, "voucher_id": uuid4(), "realm": "s"}
    one, two = vault.seal(code=CODE, **place), vault.seal(code=CODE, **place)
    assert one.ciphertext != two.ciphertext
    assert [one.digest] == [two.digest] == vault.digests(network_id=7, realm="s", code=CODE)
    others = [
        vault.digests(network_id=8, realm="s", code=CODE),
        vault.digests(network_id=7, realm="t", code=CODE),
        vault.digests(network_id=7, realm="s", code=replace(CODE, pin=None)),
        Vault([("a", OTHER_KEY)]).digests(network_id=7, realm="s", code=CODE),
    ]
    assert [one.digest] not in others


def test_the_newest_key_seals_and_older_ones_open() -> None:
    old, new = Vault([("a", KEY)]), Vault([("b", OTHER_KEY), ("a", KEY)])
    place = {"network_id": 7, "voucher_id": uuid4()}
    sealed = old.seal(realm="s", code=CODE, **place)
    fresh = new.reseal(**place, key_id=sealed.key_id, ciphertext=sealed.ciphertext)
    assert (sealed.key_id, fresh.key_id) == ("a", "b")
    assert (
        Vault([("b", OTHER_KEY)]).unseal(**place, key_id="b", ciphertext=fresh.ciphertext) == CODE
    )
    assert sealed.digest in new.digests(network_id=7, realm="s", code=CODE)
    assert fresh.digest in new.digests(network_id=7, realm="s", code=CODE)


@pytest.mark.parametrize(
    "text", ["", "abc", "0f" * 16, "é" * 32], ids=["empty", "short", "128 bits", "not ASCII"]
)
def test_a_key_that_is_not_256_bits_is_refused(text: str) -> None:
    with pytest.raises(VaultKeyInvalid):
        Vault([("a", text)])
    with pytest.raises(VaultKeyInvalid):
        Vault([])


def test_nothing_shows_a_key_or_a_code() -> None:
    vault = Vault([("a", KEY)])
    sealed = vault.seal(network_id=7, voucher_id=uuid4(), realm="s", code=CODE)
    shown = f"{vault!r} {vault} {CODE!r} {CODE} {sealed!r} {sealed}"
    for secret in (KEY, "0012", "1234", "0042", repr(sealed.digest)):
        assert secret not in shown
    for thing in (vault, CODE):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_own_codes_have_80_random_bits_and_survive_typing() -> None:
    made = {new_card_code(7).reveal() for _ in range(2_000)}
    assert len(made) == 2_000
    for text in list(made)[:200]:
        prefix, *groups, check = text.split("-")
        assert (prefix, [len(one) for one in groups], len(check)) == ("7", [4] * 4, 1)
        sloppy = text.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        found = read_card_code(sloppy)
        assert found is not None
        assert found.reveal() == text


def test_one_wrong_sign_or_two_swapped_are_noticed() -> None:
    text = new_card_code(7).reveal()
    signs = text.replace("-", "")
    for at in range(len(signs) - 1):
        wrong = "0" if signs[at] != "0" else "1"
        assert read_card_code(signs[:at] + wrong + signs[at + 1 :]) is None
        if signs[at] != signs[at + 1] and at < len(signs) - 2:
            swapped = signs[:at] + signs[at + 1] + signs[at] + signs[at + 2 :]
            assert read_card_code(swapped) is None
    for other in ("", "-", "7", "x" * 65, "٧" * 18, "7-" + "U" * 17):
        assert read_card_code(other) is None


def test_only_a_long_number_leaves_a_hint() -> None:
    assert hint_of(Secret("0012 3456 7890 1234")) == "1234"
    assert hint_of(Secret("12345678")) == ""
