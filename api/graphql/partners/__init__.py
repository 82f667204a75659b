"""The GraphQL fields of the house `partners`."""

from api.graphql.partners import (
    accruals,
    agreements,
    clients,
    debts,
    intakes,
    members,
    networks,
    programmes,
    purchases,
    rules,
    standings,
)
from api.graphql.partners.problems import PROBLEMS
from api.graphql.problems import register_problems

register_problems(PROBLEMS)

QUERIES: tuple[type, ...] = (
    agreements.Query,
    members.Query,
    programmes.Query,
    rules.Query,
    accruals.Query,
    purchases.Query,
    debts.Query,
    intakes.Query,
    standings.Query,
)
MUTATIONS: tuple[type, ...] = (
    networks.Mutation,
    agreements.Mutation,
    clients.Mutation,
    members.Mutation,
    programmes.Mutation,
    rules.Mutation,
    purchases.Mutation,
    debts.Mutation,
    standings.Mutation,
)
TYPES: tuple[type, ...] = ()
"""Types that are reachable only through an interface."""
