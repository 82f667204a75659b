"""The GraphQL fields of the house `payouts`."""

from api.graphql.payouts import fx

QUERIES: tuple[type, ...] = ()
MUTATIONS: tuple[type, ...] = (fx.Mutation,)
TYPES: tuple[type, ...] = ()
"""Types that are reachable only through an interface."""
