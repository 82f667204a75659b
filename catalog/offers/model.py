"""Offers that members switch on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OfferActivation:
    """A member's switching on of an offer, in the version that was on sale then."""

    offer_activation_id: UUID
    reward_id: UUID
    version: int
    rule_id: UUID
    member_id: UUID
    activated_at: datetime
