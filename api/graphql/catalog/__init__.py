"""The GraphQL fields of the house `catalog`."""

from api.graphql.catalog import brands, problems, reward_mutations, rewards, suppliers

QUERIES: tuple[type, ...] = (brands.Query, rewards.Query)
MUTATIONS: tuple[type, ...] = (brands.Mutation, reward_mutations.Mutation, suppliers.Mutation)
TYPES: tuple[type, ...] = tuple(rewards.TYPES.values())
"""Types that are reachable only through an interface."""

__all__ = ["MUTATIONS", "QUERIES", "TYPES", "problems"]
