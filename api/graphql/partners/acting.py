"""For whom a caller acts: a partner for itself, staff for a partner they name."""

from uuid import UUID

import strawberry

from api.auth.caller import PLATFORM_NETWORK_ID, CallerKind
from api.graphql.context import Context
from api.graphql.nodes import key_of
from api.graphql.problems import IdForeignOrAbsent, InvalidInput
from partners.networks import NetworkNotFound


def acting_partner(context: Context, given: strawberry.ID | None) -> UUID:
    """Tell which partner a request is about.

    A partner is always itself; naming another one is answered like naming none that exists.
    """
    named = None if given is None else key_of(context, given, "Partner", path=("partnerId",))
    caller = context.known_caller
    if caller.kind is CallerKind.PARTNER:
        if named not in (None, caller.partner_id):
            raise IdForeignOrAbsent(path=("partnerId",))
        assert caller.partner_id is not None
        return caller.partner_id
    if named is None:
        raise InvalidInput(reason="Name the partner.", path=("partnerId",))
    return named


def own_network(context: Context) -> int:
    """Tell the caller's network; the platform's own place is none."""
    if context.network_id == PLATFORM_NETWORK_ID:
        raise NetworkNotFound
    return context.network_id
