"""The feeds that networks describe: opened with what this process may reach and knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.settings import Settings
from catalog.suppliers import (
    FeedAccess,
    FeedSource,
    FeedSupplier,
    GraphqlAccess,
    GraphqlSupplier,
    Secret,
    SourceKind,
    host_of,
    open_feed,
    open_graphql,
)


@dataclass(frozen=True, slots=True)
class FeedReach:
    """The tokens by the host that each is for, and the origins of a test's own doubles."""

    tokens: Mapping[str, Secret] = field(default_factory=dict)
    trusted_origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "FeedReach":
        """Tell what the settings of this process allow."""
        tokens = {host: Secret(token) for host, token in settings.feed_tokens}
        return cls(tokens, frozenset(settings.feed_test_origins))

    def open(self, source: FeedSource) -> FeedSupplier | GraphqlSupplier:
        """Open the adapter of a described feed; close it when done."""
        token = None if source.url is None else self.tokens.get(host_of(source.url))
        if source.kind is SourceKind.GRAPHQL:
            assert source.url is not None, "what is asked has an address"
            access = GraphqlAccess(source.mapping, source.url, token, self.trusted_origins)
            return open_graphql(access)
        return open_feed(FeedAccess(source.mapping, source.url, token, self.trusted_origins))
