"""Bank accounts: what they are made of, and whether an IBAN can be one."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from payouts.disbursement.errors import InvalidBankAccount

NAME_LENGTH_MAX = 140
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_OTHER = re.compile(r"[A-Za-z0-9/-]{1,34}", re.ASCII)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
_IBAN_LENGTHS = {
    "AE": 23, "AT": 20, "BE": 16, "BH": 22, "CH": 21, "DE": 22, "EG": 29, "ES": 24, "FR": 27,
    "GB": 22, "IE": 22, "IT": 27, "JO": 30, "KW": 30, "LB": 28, "LU": 20, "NL": 18, "OM": 23,
    "PT": 25, "QA": 29, "SA": 24, "TN": 24, "TR": 26,
}  # fmt: skip
"""Of countries whose length we know; other countries' IBANs are held to their check digits."""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Whose account it is, and where; never part of a log."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    is_iban: bool
    bic: str | None

    def text(self) -> str:
        """Write it as it is sealed."""
        return json.dumps([self.name, self.number, self.is_iban, self.bic], ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> "BankAccount":
        """Read it as it was sealed."""
        name, number, is_iban, bic = json.loads(text)
        return cls(name, number, is_iban, bic)


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """A payee's bank account as it is stored: sealed, with its last four signs."""

    bank_account_id: UUID
    payee_id: UUID
    key_id: str
    ciphertext: bytes = field(repr=False)
    destination_hash: str
    last4: str
    named_at: datetime


def read_account(*, name: str, iban: str | None, other: str | None, bic: str | None) -> BankAccount:
    """Read what somebody typed: exactly one of IBAN and another id. Raises InvalidBankAccount."""
    holder = " ".join(name.split())
    if not 1 <= len(holder) <= NAME_LENGTH_MAX or not holder.isprintable():
        raise InvalidBankAccount(path=("name",))
    if bic is not None and not _BIC.fullmatch(bic):
        raise InvalidBankAccount(path=("bic",))
    if (iban is None) == (other is None):
        raise InvalidBankAccount(path=("iban",))
    if iban is not None:
        plain = iban.replace(" ", "").upper()
        if not is_iban(plain):
            raise InvalidBankAccount(path=("iban",))
        return BankAccount(holder, plain, is_iban=True, bic=bic)
    assert other is not None
    if not _OTHER.fullmatch(other):
        raise InvalidBankAccount(path=("other",))
    return BankAccount(holder, other, is_iban=False, bic=bic)


def is_iban(text: str) -> bool:
    """Tell whether a text without spaces can be an IBAN: length and check digits (ISO 7064)."""
    if not _IBAN.fullmatch(text) or len(text) != _IBAN_LENGTHS.get(text[:2], len(text)):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1
