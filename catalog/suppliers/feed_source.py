"""A feed as a network has described it, and what became of the last pull of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from catalog.suppliers.feed_mapping import FeedMapping, read_mapping

PULL_KIND = "feed.pull"


class SourceKind(StrEnum):
    """How a feed is had: as a file, or by asking a brand's GraphQL endpoint page by page."""

    FEED = "feed"
    GRAPHQL = "graphql"


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A version of a description; the newest is in force."""

    supplier_id: UUID
    version: int
    kind: SourceKind
    description: Mapping[str, Any]
    url: str | None
    pull_hours: int | None
    saved_by: str
    saved_at: datetime

    @property
    def content(self) -> tuple[SourceKind, Mapping[str, Any], str | None, int | None]:
        """All that a network says of it."""
        return self.kind, self.description, self.url, self.pull_hours

    @property
    def mapping(self) -> FeedMapping:
        """How its items are read."""
        return read_mapping(self.description)


class PullOutcome(StrEnum):
    """How a pull ended."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FeedPull:
    """The last pull of a feed; what its server said of the file that was imported last."""

    supplier_id: UUID
    version: int
    etag: str | None
    last_modified: str | None
    file_sha256: str | None
    outcome: PullOutcome
    remark: str | None
    pulled_at: datetime
