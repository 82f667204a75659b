"""Vouchers: delivered codes, kept encrypted and shown once."""

from catalog.vouchers.errors import (
    AlreadyRevealed,
    CodeDelivered,
    VaultKeyInvalid,
    VoucherDamaged,
    VoucherNotFound,
)
from catalog.vouchers.model import (
    Code,
    RevealedCode,
    Voucher,
    new_card_code,
    read_card_code,
)
from catalog.vouchers.queries import (
    find_card_of_code,
    find_delivered,
    read_vouchers,
    read_vouchers_of_cards,
    read_vouchers_of_redemptions,
)
from catalog.vouchers.reveal_voucher import reveal_voucher
from catalog.vouchers.rewrap_vouchers import rewrap_vouchers
from catalog.vouchers.store_voucher import store_voucher
from catalog.vouchers.vault import Vault

__all__ = [
    "AlreadyRevealed",
    "Code",
    "CodeDelivered",
    "RevealedCode",
    "Vault",
    "VaultKeyInvalid",
    "Voucher",
    "VoucherDamaged",
    "VoucherNotFound",
    "find_card_of_code",
    "find_delivered",
    "new_card_code",
    "read_card_code",
    "read_vouchers",
    "read_vouchers_of_cards",
    "read_vouchers_of_redemptions",
    "reveal_voucher",
    "rewrap_vouchers",
    "store_voucher",
]
