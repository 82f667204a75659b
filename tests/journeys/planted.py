"""A fault to be found: a supplier's adapter that makes up a key of its own for every sending."""

from uuid import uuid4

from api import supply
from catalog.suppliers import ReloadlySupplier, SupplierOrder
from payouts.money import Money


class Forgetful(ReloadlySupplier):
    """Orders under a key that nobody can look up later, so that a second sending is a second card."""

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        return await super().place_order(f"{key}-{uuid4().hex[:4]}", supplier_sku, face, quantity)


_open = supply.open_reloadly


def _open_forgetful(*given: object) -> Forgetful:
    opened = _open(*given)  # type: ignore[arg-type]
    return Forgetful(opened.http, opened.api_url, opened.now)


supply.open_reloadly = _open_forgetful  # type: ignore[assignment]
