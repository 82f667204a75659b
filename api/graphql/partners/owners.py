"""Whose rows a list shows: the caller's own, and of those the ones asked for."""

from dataclasses import dataclass
from uuid import UUID

import strawberry
from graphql import GraphQLError

from api.graphql.context import Context
from api.graphql.nodes import key_of
from payouts.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Owners:
    """A partner, a member, both, or everybody's."""

    partner_id: UUID | None
    member_id: UUID | None


def owners_of(
    context: Context, partner_id: strawberry.ID | None, member_id: strawberry.ID | None
) -> Owners:
    """Narrow a list to a partner or a member; a caller's own scope narrows it in any case."""
    caller = context.known_caller
    try:
        asked = Owners(
            None if partner_id is None else key_of(context, partner_id, "Partner", path=()),
            None if member_id is None else key_of(context, member_id, "Member", path=()),
        )
    except Refusal as refusal:
        raise GraphQLError(refusal.message, extensions={"code": "BAD_ARGUMENT"}) from refusal
    if caller.member_id is not None:
        return Owners(asked.partner_id, asked.member_id or caller.member_id)
    return Owners(asked.partner_id or caller.partner_id, asked.member_id)
