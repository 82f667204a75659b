"""Refusals about programmes."""

from payouts.refusal import Refusal


class ProgrammeNotFound(Refusal):
    """There is no such programme."""


class ProgrammeSlugTaken(Refusal):
    """Another programme of the network has this slug."""


class SponsorRoleMissing(Refusal):
    """The sponsor of a programme is a partner with the role of a sponsor."""
