"""Refusals about networks."""

from payouts.refusal import Refusal


class NetworkNotFound(Refusal):
    """There is no such network."""


class InvalidSlug(Refusal):
    """A slug has 1 to 64 small letters, digits and single hyphens between them."""


class SlugTaken(Refusal):
    """Another network has this slug."""


class InvalidName(Refusal):
    """A name has 1 to 200 characters in at least one language."""


class InvalidLocale(Refusal):
    """A locale is a language such as "en", with or without a region, as in "ar-SA"."""


class UnknownZone(Refusal):
    """The time zone is not in the IANA list."""
