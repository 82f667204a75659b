"""Where a member stands: what operators say of it, by which rewards are shown."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SEGMENTS_MAX = 50
SEGMENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's tier and segments since an instant; the newest version is in force."""

    member_standing_id: UUID
    member_id: UUID
    version: int
    tier: str | None
    segments: tuple[str, ...]
    set_by: str
    set_at: datetime
