"""What the provider said happened."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

PROVIDER = "stripe"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A message of the provider: a hint at which object to read again, never its content."""

    webhook_id: UUID
    event_id: str
    type: str
    account_id: str | None
    object_type: str | None
    object_id: str | None
    occurred_at: datetime
    received_at: datetime
    processed_at: datetime | None
    attempts: int
    outcome: str | None
