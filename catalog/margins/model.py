"""Margins: what a network adds to, or gives of, the cost of what it buys from suppliers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MARGIN_BPS_MIN, MARGIN_BPS_MAX = -5_000, 10_000
CATEGORY_LENGTH_MAX = 200


class MarginScope(StrEnum):
    """What a margin is for. The narrowest that has one decides: brand, category, supplier, all."""

    NETWORK = "network"
    SUPPLIER = "supplier"
    CATEGORY = "category"
    BRAND = "brand"


NARROWEST_FIRST = (
    MarginScope.BRAND,
    MarginScope.CATEGORY,
    MarginScope.SUPPLIER,
    MarginScope.NETWORK,
)
Subject = tuple[MarginScope, str]
"""A scope, and which one of its kind: an id, a category, or nothing for the whole network."""
EVERYTHING: Subject = (MarginScope.NETWORK, "")


@dataclass(frozen=True, slots=True)
class Margin:
    """One version of a margin; the newest of its scope and subject is in force."""

    margin_id: UUID
    scope: MarginScope
    subject: str
    version: int
    margin_bps: int
    """Of the converted cost; below zero the network pays a part of what members get."""
    published_by: str
    published_at: datetime


def subjects_of(
    *, brand_id: UUID | None, category: str | None, supplier_id: UUID
) -> tuple[Subject, ...]:
    """Name what may have a margin for a reward of a supplier."""
    found = [EVERYTHING, (MarginScope.SUPPLIER, str(supplier_id))]
    if category is not None:
        found.append((MarginScope.CATEGORY, category))
    if brand_id is not None:
        found.append((MarginScope.BRAND, str(brand_id)))
    return tuple(found)


def deciding_margin(
    margins: Mapping[Subject, Margin], subjects: tuple[Subject, ...]
) -> Margin | None:
    """Choose the margin of the narrowest scope; None when no scope has one."""
    by_scope = {scope: (scope, subject) for scope, subject in subjects}
    for scope in NARROWEST_FIRST:
        found = margins.get(by_scope.get(scope, (scope, "")))
        if found is not None:
            return found
    return None
