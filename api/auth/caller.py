"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

PLATFORM_NETWORK_ID = 0
"""The network of staff who look after the platform itself and may create networks."""


class CallerKind(StrEnum):
    """The three sorts of caller; each sees a different part of a network."""

    PARTNER = "partner"
    MEMBER = "member"
    STAFF = "staff"


class Role(StrEnum):
    """What a member of staff may do."""

    OPERATOR = "operator"
    FINANCE_MAKER = "finance_maker"
    FINANCE_CHECKER = "finance_checker"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: one partner, one member or one person of the staff.

    `subject` is who the token names: the client of a partner, the identity a brand gave its
    member, or the person. `client_id` is the API client that fetched the token, if one did.
    """

    kind: CallerKind
    network_id: int
    subject: str
    partner_id: UUID | None = None
    member_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    client_id: str | None = None

    def __post_init__(self) -> None:
        is_staff = self.kind is CallerKind.STAFF
        assert is_staff or self.network_id != PLATFORM_NETWORK_ID, "only staff work on the platform"
        assert is_staff == (self.partner_id is None), "a partner or a member belongs to a partner"
        assert (self.kind is CallerKind.MEMBER) == (self.member_id is not None)
        assert is_staff or not self.roles, "only staff have roles"

    @property
    def identity(self) -> str:
        """Name the caller for good, as idempotency keys and audit rows need it.

        All API clients of a partner are that partner: a retry through a rotated client must find
        the first try.
        """
        if self.kind is CallerKind.PARTNER:
            return f"partner:{self.partner_id}"
        if self.kind is CallerKind.MEMBER:
            return f"member:{self.member_id}"
        return f"staff:{self.subject}"
