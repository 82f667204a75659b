"""Reads the credentials that Tango delivers: texts, addresses, barcodes and dates.

Assumed: what the holder shows is the first text that is no PIN; where there is none it is the
address, then the barcode. Dates are not secret and not needed to use the card.
"""

from typing import Any

from catalog.suppliers.errors import SupplierAnswerInvalid
from catalog.suppliers.exact_answers import card_secret
from catalog.suppliers.model import Secret
from catalog.suppliers.port import SupplierCode

CREDENTIALS_MAX = 50

_RANKS = {"text": 0, "url": 1, "barcode": 2}
_PINS = frozenset({"pin", "pincode", "pinnumber", "securitycode", "securitypin"})


def read_tango_code(reward: Any) -> SupplierCode:
    """Read the card of one order. Raises SupplierAnswerInvalid when it is not whole."""
    credentials = reward.get("credentialList") if isinstance(reward, dict) else None
    if not isinstance(credentials, list) or not 0 < len(credentials) <= CREDENTIALS_MAX:
        raise SupplierAnswerInvalid("The order has no codes.")
    pin: Secret | None = None
    shown: list[tuple[int, Secret]] = []
    for credential in credentials:
        if not isinstance(credential, dict):
            raise SupplierAnswerInvalid("A card cannot be read.")
        secret = card_secret(credential.get("value"))
        kind = str(credential.get("type")).lower()
        if secret is None or kind == "date":
            continue
        if _is_pin(credential):
            pin = pin or secret
        else:
            shown.append((_RANKS.get(kind, 0), secret))
    if not shown:
        raise SupplierAnswerInvalid("A card has a PIN and no number.")
    return SupplierCode(min(shown, key=lambda one: one[0])[1], pin)


def _is_pin(credential: dict[str, Any]) -> bool:
    named = credential.get("credentialType") or credential.get("label")
    letters = "".join(mark for mark in str(named).lower() if mark.isalpha())
    return letters in _PINS
