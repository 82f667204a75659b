"""Refusals about members."""

from payouts.refusal import Refusal


class MemberNotFound(Refusal):
    """There is no such member."""


class InvalidIdentity(Refusal):
    """A partner's identity for a member has 1 to 255 characters."""
