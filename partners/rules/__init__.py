"""Rules: what a purchase earns its member, and who pays for it."""

from partners.rules.activate_rule import activate_rule
from partners.rules.errors import InvalidFunding, InvalidRule, RuleNotFound
from partners.rules.model import EarnRule, Funder, FundingShare
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

__all__ = [
    "EarnRule",
    "Funder",
    "FundingShare",
    "InvalidFunding",
    "InvalidRule",
    "RuleNotFound",
    "activate_rule",
    "find_rule_for",
    "get_rule",
    "list_activations",
    "list_rules",
    "publish_rule",
    "read_rules",
    "rule_of",
    "select_rule_for",
]
