"""Refusals about networks."""

from payouts.refusal import Refusal


class NetworkNotFound(Refusal):
    """There is no such network."""


class InvalidSlug(Refusal):
    """A slug has 1 to 64 small letters, digits and single hyphens between them."""


class SlugTaken(Refusal):
    """Another network has this slug."""


class InvalidName(Refusal):
    """A name has 1 to 200 characters in at least one language, each named once."""


class InvalidLocale(Refusal):
    """A language is a BCP 47 tag of one that is known, such as "en", "pt-BR" or "zh-Hant"."""


class TooManyLocales(Refusal):
    """A text may be in 24 languages."""


class UnknownZone(Refusal):
    """The time zone is not in the IANA list."""
