"""The GraphQL fields of the house `catalog`."""

QUERIES: tuple[type, ...] = ()
MUTATIONS: tuple[type, ...] = ()
TYPES: tuple[type, ...] = ()
"""Types that are reachable only through an interface."""
