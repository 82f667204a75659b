"""The GraphQL fields of the house `catalog`."""

from api.graphql.catalog import (
    brands,
    changes,
    experiences,
    giftcard_mutations,
    giftcards,
    pool_problems,
    problems,
    redemption_mutations,
    redemption_problems,
    redemptions,
    reward_mutations,
    rewards,
    suppliers,
    vouchers,
)

QUERIES: tuple[type, ...] = (
    brands.Query,
    changes.Query,
    rewards.Query,
    giftcards.Query,
    redemptions.Query,
)
MUTATIONS: tuple[type, ...] = (
    brands.Mutation,
    reward_mutations.Mutation,
    suppliers.Mutation,
    experiences.Mutation,
    giftcard_mutations.Mutation,
    redemption_mutations.Mutation,
    vouchers.Mutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (changes.Subscription,)
TYPES: tuple[type, ...] = tuple(rewards.TYPES.values())
"""Types that are reachable only through an interface."""

__all__ = [
    "MUTATIONS",
    "QUERIES",
    "SUBSCRIPTIONS",
    "TYPES",
    "pool_problems",
    "problems",
    "redemption_problems",
]
