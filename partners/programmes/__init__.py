"""Programmes: the schemes inside a network, each with its name, its sponsor and its earn rules."""

from partners.programmes.create_programme import create_programme
from partners.programmes.errors import ProgrammeNotFound, ProgrammeSlugTaken, SponsorRoleMissing
from partners.programmes.have_default_programme import have_default_programme
from partners.programmes.model import DEFAULT_SLUG, Programme
from partners.programmes.queries import (
    find_programme_by_slug,
    get_programme,
    get_programmes,
    list_programmes,
    list_programmes_for,
)
from partners.programmes.tables import PROGRAMME_KEY

__all__ = [
    "DEFAULT_SLUG",
    "PROGRAMME_KEY",
    "Programme",
    "ProgrammeNotFound",
    "ProgrammeSlugTaken",
    "SponsorRoleMissing",
    "create_programme",
    "find_programme_by_slug",
    "get_programme",
    "get_programmes",
    "have_default_programme",
    "list_programmes",
    "list_programmes_for",
]
