"""Rotating secrets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.clients.errors import ClientHasNoSecret, ClientNotFound
from partners.clients.model import (
    ROTATION_OVERLAP,
    ApiClient,
    IssuedClient,
    digest_client_secret,
    new_client_secret,
)
from partners.clients.queries import find_client
from partners.clients.tables import api_client


async def rotate_api_client(
    db: AsyncConnection,
    *,
    network_id: int,
    client_id: str,
    partner_id: UUID | None = None,
    now: datetime,
) -> IssuedClient:
    """Give an API client a new secret; the old one works for another 24 hours.

    A secret replaced before that stops at once when the next one comes, so there are never more
    than two. With `partner_id`, only a client of this partner is found. Raises ClientNotFound,
    ClientHasNoSecret.
    """
    client = await _own(db, network_id, client_id, partner_id, now)
    if client.public_jwks is not None:
        raise ClientHasNoSecret
    secret = new_client_secret()
    await db.execute(
        update(api_client)
        .where(api_client.c.network_id == network_id, api_client.c.client_id == client_id)
        .values(
            previous_digest=api_client.c.secret_digest,
            previous_until_at=now + ROTATION_OVERLAP,
            secret_digest=digest_client_secret(secret),
        )
    )
    return IssuedClient(await _own(db, network_id, client_id, partner_id, now), secret)


async def _own(
    db: AsyncConnection,
    network_id: int,
    client_id: str,
    partner_id: UUID | None,
    now: datetime,
) -> ApiClient:
    client = await find_client(db, client_id=client_id, now=now)
    is_own = (
        client is not None
        and client.network_id == network_id
        and partner_id in (None, client.partner_id)
        and client.is_active
    )
    if client is None or not is_own:
        raise ClientNotFound
    return client
