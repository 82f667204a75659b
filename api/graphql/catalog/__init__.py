"""The GraphQL fields of the house `catalog`."""

from api.graphql.catalog import (
    assortments,
    brands,
    changes,
    experiences,
    giftcard_mutations,
    giftcards,
    import_mutations,
    imports,
    lifecycle_mutations,
    margins,
    matches,
    mistaken_order_problems,
    mistaken_orders,
    pool_problems,
    problems,
    redemption_mutations,
    redemption_problems,
    redemptions,
    reward_list,
    reward_mutations,
    rewards,
    search,
    sourcing,
    suppliers,
    vouchers,
)

QUERIES: tuple[type, ...] = (
    brands.Query,
    changes.Query,
    imports.Query,
    reward_list.Query,
    search.Query,
    margins.Query,
    assortments.Query,
    giftcards.Query,
    redemptions.Query,
    matches.Query,
    sourcing.Query,
    mistaken_orders.Query,
)
MUTATIONS: tuple[type, ...] = (
    brands.Mutation,
    reward_mutations.Mutation,
    lifecycle_mutations.Mutation,
    suppliers.Mutation,
    margins.Mutation,
    assortments.Mutation,
    import_mutations.Mutation,
    experiences.Mutation,
    giftcard_mutations.Mutation,
    redemption_mutations.Mutation,
    vouchers.Mutation,
    matches.Mutation,
    sourcing.Mutation,
    mistaken_orders.Mutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (changes.Subscription,)
TYPES: tuple[type, ...] = tuple(rewards.TYPES.values())
"""Types that are reachable only through an interface."""

__all__ = [
    "MUTATIONS",
    "QUERIES",
    "SUBSCRIPTIONS",
    "TYPES",
    "mistaken_order_problems",
    "pool_problems",
    "problems",
    "redemption_problems",
]
