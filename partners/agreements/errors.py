"""Refusals about partners and their agreements."""

from payouts.refusal import Refusal


class PartnerNotFound(Refusal):
    """There is no such partner."""


class PartnerRolesMissing(Refusal):
    """A partner has at least one role."""


class InvalidCountry(Refusal):
    """A country is two capital letters of ISO 3166."""


class InvalidTerms(Refusal):
    """Fees are 0 to 10,000 basis points and the return window is 0 to 365 days."""


class AgreementNotAfterLast(Refusal):
    """A new version starts after the one before it, and not in the past."""


class AgreementNotFound(Refusal):
    """There is no such agreement."""
