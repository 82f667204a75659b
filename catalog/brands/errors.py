"""Refusals about brands."""

from payouts.refusal import Refusal


class BrandNotFound(Refusal):
    """There is no such brand."""


class BrandInvalid(Refusal):
    """The brand's name, slug or logo cannot be taken."""


class BrandSlugTaken(Refusal):
    """Another brand has this slug."""
