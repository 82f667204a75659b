"""Refusals about members."""

from typing import ClassVar

from payouts.refusal import Refusal


class MemberNotFound(Refusal):
    """There is no such member."""


class InvalidIdentity(Refusal):
    """A partner's identity for a member has 1 to 255 characters, and does not begin with "erased:"."""


class MemberIsErased(Refusal):
    """The member was erased before."""


class MemberHasMoney(Refusal):
    """A member with open balances or payouts is not erased."""

    retryable: ClassVar[bool] = True
