"""On which terms a network resells what it buys from a supplier."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SupplierTerms:
    """A supplier as a network registered it; `name` is that of its adapter."""

    supplier_id: UUID
    name: str
    partner_id: UUID | None
    discount_share_bps: int
    """The part of the supplier's discount that the member gets; the network keeps the rest."""
    fx_margin_bps: int
    """What the member pays for exchange, of the converted cost, when the currencies differ."""
