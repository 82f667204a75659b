"""Creating API clients."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import get_partner
from partners.clients.jwk import public_jwks as read_jwks
from partners.clients.model import (
    ApiClient,
    ClientKind,
    IssuedClient,
    check_client,
    client_id_of,
    digest_client_secret,
    new_client_secret,
)
from partners.clients.tables import api_client
from payouts.money import new_id


async def create_api_client(
    db: AsyncConnection,
    *,
    network_id: int,
    kind: ClientKind,
    partner_id: UUID | None = None,
    subject: str,
    roles: Iterable[str] = (),
    public_jwks: Mapping[str, Any] | None = None,
    now: datetime,
) -> IssuedClient:
    """Let a partner's program, or one person of the staff, call the API.

    It proves itself with a secret, shown in the answer and never again, or with keys of its own
    when `public_jwks` are given. Network 0 is the platform's own staff. Raises InvalidClient,
    PartnerNotFound, InvalidPublicKey, PrivateKeyShown.
    """
    held = frozenset(roles)
    check_client(kind, partner_id, subject, held)
    if partner_id is not None:
        await get_partner(db, network_id=network_id, partner_id=partner_id)
    keys = None if public_jwks is None else read_jwks(public_jwks)
    secret = new_client_secret() if keys is None else None
    digest = None if secret is None else digest_client_secret(secret)
    client = ApiClient(
        client_id=client_id_of(new_id(now)),
        network_id=network_id,
        kind=kind,
        partner_id=partner_id,
        subject=subject,
        roles=held,
        secret_digests=() if digest is None else (digest,),
        previous_until_at=None,
        public_jwks=keys,
        is_active=True,
        created_at=now,
    )
    await db.execute(
        insert(api_client).values(
            client_id=client.client_id,
            network_id=network_id,
            kind=kind,
            partner_id=partner_id,
            subject=subject,
            roles=sorted(held),
            secret_digest=digest,
            public_jwks=keys,
            is_active=True,
            created_at=now,
        )
    )
    return IssuedClient(client, secret)
