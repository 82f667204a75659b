"""Registering brands' keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import get_partner
from partners.clients.errors import BrandKeyTaken
from partners.clients.jwk import public_jwk as read_jwk
from partners.clients.model import BrandKey
from partners.clients.queries import find_brand_key
from partners.clients.tables import brand_key


async def register_brand_key(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    public_jwk: Mapping[str, Any],
    now: datetime,
) -> BrandKey:
    """Trust tokens that a partner's backend signs with a key, for this partner's own members.

    Registering the same key again changes nothing. Raises PartnerNotFound, InvalidPublicKey,
    PrivateKeyShown, BrandKeyTaken.
    """
    jwk = read_jwk(public_jwk)
    await get_partner(db, network_id=network_id, partner_id=partner_id)
    row = insert(brand_key).values(
        kid=jwk["kid"],
        network_id=network_id,
        partner_id=partner_id,
        public_jwk=jwk,
        is_active=True,
        created_at=now,
    )
    await db.execute(row.on_conflict_do_nothing(index_elements=[brand_key.c.kid]))
    registered = await find_brand_key(db, kid=jwk["kid"])
    assert registered is not None, "a key is never deleted"
    standing = (registered.network_id, registered.partner_id, registered.public_jwk)
    if standing != (network_id, partner_id, jwk):
        raise BrandKeyTaken(path=("kid",))
    return registered
