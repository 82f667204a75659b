"""Finding out as what somebody looks at the catalogue."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments.model import EVERYTHING, Viewer
from catalog.assortments.queries import list_assortments_in_force
from partners.members import get_member
from partners.programmes import DEFAULT_SLUG, list_programmes_for
from partners.standings import find_standing


async def find_viewer(
    db: AsyncConnection,
    *,
    network_id: int,
    member_id: UUID | None = None,
    own_partner_id: UUID | None = None,
) -> Viewer:
    """Tell as what a member looks, or, without one, whoever is nobody's member. Changes nothing.

    A member looks by what the programmes show whose sponsor enrolled it, or, when none of those
    has an assortment, by what the network's own programme shows, like everybody else. Raises
    MemberNotFound.
    """
    in_force = await list_assortments_in_force(db, network_id=network_id)
    if not in_force:
        return EVERYTHING
    enrolled_by = None
    if member_id is not None:
        member = await get_member(db, network_id=network_id, member_id=member_id)
        enrolled_by = member.partner_id
    programmes = await list_programmes_for(db, network_id=network_id, partner_id=enrolled_by)
    own = [one.programme_id for one in programmes if one.slug == DEFAULT_SLUG]
    sponsored = [one.programme_id for one in programmes if one.slug != DEFAULT_SLUG]
    shown_by = [one for one in sponsored if one in in_force] or [
        one for one in own if one in in_force
    ]
    if not shown_by:
        return EVERYTHING
    standing = None
    if member_id is not None:
        standing = await find_standing(db, network_id=network_id, member_id=member_id)
    return Viewer(
        assortment_ids=tuple(in_force[one] for one in shown_by),
        tier=None if standing is None else standing.tier,
        segments=() if standing is None else standing.segments,
        own_partner_id=own_partner_id,
    )
