"""The GraphQL fields of the house `partners`."""

QUERIES: tuple[type, ...] = ()
MUTATIONS: tuple[type, ...] = ()
TYPES: tuple[type, ...] = ()
"""Types that are reachable only through an interface."""
