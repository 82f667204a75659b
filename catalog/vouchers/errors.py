"""Refusals about vouchers, and what is wrong with keys."""

from payouts.refusal import Refusal


class VoucherNotFound(Refusal):
    """There is no such voucher."""


class AlreadyRevealed(Refusal):
    """The code was shown before; it is shown once only."""


class CodeDelivered(Refusal):
    """The same code was delivered before."""


class VaultKeyInvalid(Exception):
    """A key of the vault is missing or is not 256 bits."""


class VoucherDamaged(Exception):
    """A stored code does not open with its key; it was altered or moved."""
