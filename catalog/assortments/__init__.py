"""Assortments: which rewards a programme shows to whom, asked of the rules at every reading."""

from catalog.assortments.errors import AssortmentInvalid
from catalog.assortments.find_viewer import find_viewer
from catalog.assortments.model import (
    EVERYTHING,
    Assortment,
    AssortmentRule,
    Effect,
    Eligibility,
    RuleMatch,
    Viewer,
)
from catalog.assortments.publish_assortment import publish_assortment
from catalog.assortments.queries import (
    explain_eligibility,
    find_assortment,
    find_next_turn,
    find_shown,
    list_shown_on_sale,
    list_shown_rewards,
    read_assortments,
)
from catalog.assortments.refuse_hidden import refuse_hidden

__all__ = [
    "EVERYTHING",
    "Assortment",
    "AssortmentInvalid",
    "AssortmentRule",
    "Effect",
    "Eligibility",
    "RuleMatch",
    "Viewer",
    "explain_eligibility",
    "find_assortment",
    "find_next_turn",
    "find_shown",
    "find_viewer",
    "list_shown_on_sale",
    "list_shown_rewards",
    "publish_assortment",
    "read_assortments",
    "refuse_hidden",
]
