"""Reads of API clients and keys, of whatever network they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.clients.model import ApiClient, BrandKey, ClientKind
from partners.clients.tables import api_client, brand_key


def _clients() -> Select[Any]:
    return select(
        api_client.c.client_id,
        api_client.c.network_id,
        api_client.c.kind,
        api_client.c.partner_id,
        api_client.c.subject,
        api_client.c.roles,
        api_client.c.secret_digest,
        api_client.c.previous_digest,
        api_client.c.previous_until_at,
        api_client.c.public_jwks,
        api_client.c.is_active,
        api_client.c.created_at,
    )


def _client(row: Row[Any], now: datetime) -> ApiClient:
    is_overlapping = row.previous_until_at is not None and now < row.previous_until_at
    digests = [row.secret_digest, row.previous_digest if is_overlapping else None]
    return ApiClient(
        client_id=row.client_id,
        network_id=row.network_id,
        kind=ClientKind(row.kind),
        partner_id=row.partner_id,
        subject=row.subject,
        roles=frozenset(row.roles),
        secret_digests=tuple(digest for digest in digests if digest is not None),
        previous_until_at=row.previous_until_at if is_overlapping else None,
        public_jwks=row.public_jwks,
        is_active=row.is_active,
        created_at=row.created_at,
    )


async def find_client(db: AsyncConnection, *, client_id: str, now: datetime) -> ApiClient | None:
    """Find an API client of any network, active or not, with the secrets valid now."""
    if "\x00" in client_id:  # a text that PostgreSQL cannot even be asked about
        return None
    row = (await db.execute(_clients().where(api_client.c.client_id == client_id))).one_or_none()
    return None if row is None else _client(row, now)


async def read_clients(
    db: AsyncConnection, *, client_ids: Sequence[str], now: datetime
) -> dict[str, ApiClient]:
    """Read API clients of any network by id; what does not exist is left out."""
    rows = await db.execute(_clients().where(api_client.c.client_id.in_(client_ids)))
    return {row.client_id: _client(row, now) for row in rows}


async def list_clients(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    after: str | None = None,
    limit: int,
    now: datetime,
) -> list[ApiClient]:
    """List a network's API clients by id, all of them or one partner's."""
    query = _clients().where(api_client.c.network_id == network_id)
    if partner_id is not None:
        query = query.where(api_client.c.partner_id == partner_id)
    if after is not None:
        query = query.where(api_client.c.client_id > after)
    rows = await db.execute(query.order_by(api_client.c.client_id).limit(limit))
    return [_client(row, now) for row in rows]


async def find_brand_key(db: AsyncConnection, *, kid: str) -> BrandKey | None:
    """Find a brand's key of any network by its id, active or not."""
    if "\x00" in kid:
        return None
    query = select(
        brand_key.c.kid,
        brand_key.c.network_id,
        brand_key.c.partner_id,
        brand_key.c.public_jwk,
        brand_key.c.is_active,
        brand_key.c.created_at,
    ).where(brand_key.c.kid == kid)
    row = (await db.execute(query)).one_or_none()
    if row is None:
        return None
    return BrandKey(
        row.kid, row.network_id, row.partner_id, row.public_jwk, row.is_active, row.created_at
    )
