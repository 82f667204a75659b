"""Rules: what a purchase earns its member, and who pays for it."""

from partners.rules.activate_rule import activate_rule
from partners.rules.errors import (
    InvalidBudget,
    InvalidFunding,
    InvalidRule,
    RuleHasNoBudget,
    RuleNotFound,
)
from partners.rules.find_next_rules import PassedOver, find_next_rules
from partners.rules.model import BudgetGrant, EarnRule, Funder, FundingShare, RuleBudget
from partners.rules.publish_rule import publish_rule
from partners.rules.queries import (
    find_rule_for,
    get_rule,
    list_activations,
    list_rules,
    read_rules,
    rule_of,
    select_rule_for,
)
from partners.rules.raise_rule_budget import raise_rule_budget

__all__ = [
    "BudgetGrant",
    "EarnRule",
    "Funder",
    "FundingShare",
    "InvalidBudget",
    "InvalidFunding",
    "InvalidRule",
    "PassedOver",
    "RuleBudget",
    "RuleHasNoBudget",
    "RuleNotFound",
    "activate_rule",
    "find_next_rules",
    "find_rule_for",
    "get_rule",
    "list_activations",
    "list_rules",
    "publish_rule",
    "raise_rule_budget",
    "read_rules",
    "rule_of",
    "select_rule_for",
]
