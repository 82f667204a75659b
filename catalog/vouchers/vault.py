"""The vault: seals codes with a key of its own for each record's place, and finds them by digest."""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from catalog.suppliers import Secret
from catalog.vouchers.errors import VaultKeyInvalid, VoucherDamaged
from catalog.vouchers.model import Code

KEY_BYTES = 32
NONCE_BYTES = 12
TEXT_LENGTH_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """A code as it is stored."""

    key_id: str
    ciphertext: bytes = field(repr=False)
    digest: bytes = field(repr=False)


class Vault:
    """Keys by id, newest first: the newest seals, all open.

    What is sealed opens only in its own place: the network and the voucher are part of the seal.
    """

    __slots__ = ("_digesting", "_newest", "_sealing", "_signing")

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        masters = {key_id: _key_of(key_id, text) for key_id, text in keys}
        if not masters:
            raise VaultKeyInvalid("The vault has no key.")
        self._newest = next(iter(masters))
        self._sealing: Mapping[str, AESGCM] = {
            key_id: AESGCM(_derived(master, b"mizan/voucher/seal"))
            for key_id, master in masters.items()
        }
        self._digesting: Mapping[str, bytes] = {
            key_id: _derived(master, b"mizan/voucher/digest") for key_id, master in masters.items()
        }
        self._signing: Mapping[str, bytes] = {
            key_id: _derived(master, b"mizan/quote/sign") for key_id, master in masters.items()
        }

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._sealing)})"

    def __reduce__(self) -> str:
        raise TypeError("A vault is not pickled.")

    @classmethod
    def of_new_key(cls) -> "Vault":
        """Open a vault with a key that nobody else has."""
        return cls([("new", secrets.token_hex(KEY_BYTES))])

    @property
    def newest_key_id(self) -> str:
        """The key that seals."""
        return self._newest

    def seal(self, *, network_id: int, voucher_id: UUID, realm: str, code: Code) -> Sealed:
        """Seal a code for its place; `realm` says whose numbers it is one of."""
        _check_length(code)
        nonce = secrets.token_bytes(NONCE_BYTES)
        pin = None if code.pin is None else code.pin.reveal()
        plain = json.dumps({"number": code.number.reveal(), "pin": pin, "realm": realm}).encode()
        place = _place(network_id, voucher_id)
        ciphertext = nonce + self._sealing[self._newest].encrypt(nonce, plain, place)
        digest = self._digest(self._newest, network_id, realm, code)
        return Sealed(self._newest, ciphertext, digest)

    def unseal(self, *, network_id: int, voucher_id: UUID, key_id: str, ciphertext: bytes) -> Code:
        """Open what was sealed in this place. Raises VoucherDamaged, VaultKeyInvalid."""
        code, _ = self._opened(network_id, voucher_id, key_id, ciphertext)
        return code

    def reseal(
        self, *, network_id: int, voucher_id: UUID, key_id: str, ciphertext: bytes
    ) -> Sealed:
        """Seal with the newest key what an older one sealed. Raises as `unseal` does."""
        code, realm = self._opened(network_id, voucher_id, key_id, ciphertext)
        return self.seal(network_id=network_id, voucher_id=voucher_id, realm=realm, code=code)

    def digests(self, *, network_id: int, realm: str, code: Code) -> list[bytes]:
        """Tell under which digests a code may be stored, one for each key."""
        return [self._digest(key_id, network_id, realm, code) for key_id in self._digesting]

    def sign(self, content: bytes) -> str:
        """Sign what this deployment promises, with the newest key; the signature names the key."""
        mac = hmac.digest(self._signing[self._newest], content, "sha256")
        return f"{self._newest}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def verifies(self, content: bytes, *, signature: str) -> bool:
        """Tell whether a key of this vault, the newest or an earlier one, signed the content."""
        key = self._signing.get(signature.rpartition(".")[0])
        if key is None:
            return False
        mac = hmac.digest(key, content, "sha256")
        expected = base64.urlsafe_b64encode(mac).rstrip(b"=")
        return hmac.compare_digest(signature.rpartition(".")[2].encode(), expected)

    def _opened(
        self, network_id: int, voucher_id: UUID, key_id: str, ciphertext: bytes
    ) -> tuple[Code, str]:
        if key_id not in self._sealing:
            raise VaultKeyInvalid(f"The vault has no key {key_id!r}.")
        nonce, rest = ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:]
        try:
            plain = self._sealing[key_id].decrypt(nonce, rest, _place(network_id, voucher_id))
        except InvalidTag:
            raise VoucherDamaged(f"Voucher {voucher_id} does not open.") from None
        value = json.loads(plain)
        pin = None if value["pin"] is None else Secret(value["pin"])
        return Code(Secret(value["number"]), pin), value["realm"]

    def _digest(self, key_id: str, network_id: int, realm: str, code: Code) -> bytes:
        pin = "" if code.pin is None else code.pin.reveal()
        parts = (str(network_id), realm, code.number.reveal(), pin)
        message = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
        return hmac.digest(self._digesting[key_id], message, "sha256")


def _key_of(key_id: str, text: str) -> bytes:
    for decode in (bytes.fromhex, _from_base64):
        try:
            key = decode(text)
        except ValueError:
            continue
        if len(key) == KEY_BYTES:
            return key
    raise VaultKeyInvalid(f"Key {key_id!r} is not 256 bits in hexadecimal or base 64.")


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(master)


def _place(network_id: int, voucher_id: UUID) -> bytes:
    return f"{network_id}|{voucher_id}".encode()


def _check_length(code: Code) -> None:
    texts = [code.number.reveal(), "" if code.pin is None else code.pin.reveal()]
    if not texts[0] or max(len(text) for text in texts) > TEXT_LENGTH_MAX:
        raise ValueError("a code is a text of bounded length")
