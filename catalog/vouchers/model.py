"""What a voucher is, and codes of the network's own cards."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.suppliers import Secret

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

RANDOM_SIGNS = 16  # 80 bits
CODE_LENGTH_MAX = 64
LAST_LENGTH = 4
LONG_ENOUGH_TO_HINT = 10
_CHECK_ALPHABET = ALPHABET + "*~$=U"
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, slots=True)
class Voucher:
    """A delivered code, without the code: whose it is, and when it was shown."""

    voucher_id: UUID
    redemption_id: UUID | None
    card_id: UUID | None
    partner_id: UUID | None
    member_id: UUID | None
    last4: str
    created_at: datetime
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Code:
    """What is delivered: a number or link, and a PIN where there is one."""

    number: Secret
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class RevealedCode:
    """A code on its one way out."""

    voucher_id: UUID
    code: Code
    revealed_at: datetime


def new_card_code(network_id: int) -> Secret:
    """Make the code of a card of the network's own: its network, 80 random bits, a check sign.

    Such as `7-ABCD-EFGH-JKMN-PQRS-T`.
    """
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    prefix = _in_base_32(network_id)
    groups = [random[at : at + 4] for at in range(0, RANDOM_SIGNS, 4)]
    return Secret("-".join([prefix, *groups, _check_sign(prefix + random)]))


def read_card_code(text: str) -> Secret | None:
    """Read a code as people type it: any case, spaces or hyphens, O for 0, I and L for 1.

    None when it cannot be one of ours: too long, a foreign sign, or a wrong check sign.
    """
    if len(text) > CODE_LENGTH_MAX or not text.isascii():
        return None
    signs = text.upper().replace("-", "").replace(" ", "")
    body, check = signs[:-1].translate(_LOOK_ALIKES), signs[-1:].translate(_LOOK_ALIKES)
    prefix, random = body[:-RANDOM_SIGNS], body[-RANDOM_SIGNS:]
    if not prefix or any(sign not in ALPHABET for sign in body) or check != _check_sign(body):
        return None
    groups = [random[at : at + 4] for at in range(0, RANDOM_SIGNS, 4)]
    return Secret("-".join([prefix, *groups, check]))


def hint_of(number: Secret) -> str:
    """The last signs of a number by which its owner recognises it; nothing of a short one."""
    signs = "".join(sign for sign in number.reveal() if sign.isalnum())
    return signs[-LAST_LENGTH:] if len(signs) >= LONG_ENOUGH_TO_HINT else ""


def _check_sign(body: str) -> str:
    value = 0
    for sign in body:
        value = value * 32 + ALPHABET.index(sign)
    return _CHECK_ALPHABET[value % 37]


def _in_base_32(number: int) -> str:
    signs = ""
    while number or not signs:
        number, rest = divmod(number, 32)
        signs = ALPHABET[rest] + signs
    return signs
