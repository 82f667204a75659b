"""What a programme is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DEFAULT_SLUG = "default"
"""The slug of the network's own programme, in which a rule is that names no other."""


@dataclass(frozen=True, slots=True)
class Programme:
    """One scheme inside a network, with its own name; without a sponsor it is the network's own."""

    programme_id: UUID
    slug: str
    name: dict[str, str]
    sponsor_partner_id: UUID | None
    created_at: datetime
