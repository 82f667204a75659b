"""The GraphQL fields of the house `payouts`."""

from api.graphql.payouts import (
    adjustments,
    bank_accounts,
    bank_files,
    bank_statements,
    conversions,
    destinations,
    disbursement,
    disputes,
    funding,
    fx,
    halts,
    ledger,
    payees,
    progress,
    proofs,
    reconciliation,
    reconciliation_progress,
    reserves,
    settlement,
    statements,
    terms,
)
from api.graphql.payouts.budget_problems import PROBLEMS as BUDGET_PROBLEMS
from api.graphql.payouts.dispute_problems import PROBLEMS as DISPUTE_PROBLEMS
from api.graphql.payouts.problems import PROBLEMS
from api.graphql.payouts.reconciliation_problems import PROBLEMS as RECONCILIATION_PROBLEMS
from api.graphql.payouts.reserve_problems import PROBLEMS as RESERVE_PROBLEMS
from api.graphql.problems import register_problems

register_problems(BUDGET_PROBLEMS)
register_problems(DISPUTE_PROBLEMS)
register_problems(PROBLEMS)
register_problems(RECONCILIATION_PROBLEMS)
register_problems(RESERVE_PROBLEMS)

QUERIES: tuple[type, ...] = (
    ledger.Query,
    proofs.Query,
    reconciliation.Query,
    reconciliation_progress.Query,
    settlement.Query,
    statements.Query,
    disputes.Query,
    reserves.Query,
    conversions.Query,
    disbursement.Query,
    halts.Query,
    destinations.Query,
    bank_accounts.Query,
    bank_files.Query,
)
MUTATIONS: tuple[type, ...] = (
    fx.Mutation,
    bank_statements.Mutation,
    reconciliation.Mutation,
    payees.Mutation,
    settlement.Mutation,
    adjustments.Mutation,
    disputes.Mutation,
    terms.Mutation,
    reserves.Mutation,
    conversions.Mutation,
    disbursement.Mutation,
    funding.Mutation,
    halts.Mutation,
    destinations.Mutation,
    bank_accounts.Mutation,
    bank_files.Mutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (progress.Subscription,)
TYPES: tuple[type, ...] = ()
"""Types that are reachable only through an interface."""
