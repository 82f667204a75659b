"""Bank accounts of payees, sealed with the keys that seal codes."""

from collections.abc import Sequence
from uuid import UUID

from catalog.suppliers import Secret
from catalog.vouchers import Code, Vault
from payouts.disbursement import SealedAccount

REALM = "bank account"


class SealedAccounts:
    """The vault as bank accounts need it; what it seals opens in no voucher's place."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, *, network_id: int, account_id: UUID, text: str) -> SealedAccount:
        """Seal a text for its place."""
        sealed = self._vault.seal(
            network_id=network_id, voucher_id=account_id, realm=REALM, code=Code(Secret(text))
        )
        return SealedAccount(sealed.key_id, sealed.ciphertext, sealed.digest)

    def unseal(self, *, network_id: int, account_id: UUID, key_id: str, ciphertext: bytes) -> str:
        """Open what was sealed in this place. Raises VoucherDamaged, VaultKeyInvalid."""
        code = self._vault.unseal(
            network_id=network_id, voucher_id=account_id, key_id=key_id, ciphertext=ciphertext
        )
        return code.number.reveal()

    def digests(self, *, network_id: int, text: str) -> Sequence[bytes]:
        """Tell under which digests a text may be stored, one for each key, the newest first."""
        return self._vault.digests(network_id=network_id, realm=REALM, code=Code(Secret(text)))
