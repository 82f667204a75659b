"""Reads of the directory of networks."""

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.networks.errors import NetworkNotFound
from partners.networks.model import Network
from partners.networks.tables import network

NETWORKS_MAX = 1_000


def _selected() -> Select[Any]:
    return select(
        network.c.network_id,
        network.c.slug,
        network.c.name,
        network.c.zone,
        network.c.currency,
        network.c.default_locale,
    )


def _network(row: Row[Any]) -> Network:
    return Network(row.network_id, row.slug, row.name, row.zone, row.currency, row.default_locale)


async def get_network(db: AsyncConnection, *, network_id: int) -> Network:
    """Read one network; raises NetworkNotFound."""
    row = (await db.execute(_selected().where(network.c.network_id == network_id))).one_or_none()
    if row is None:
        raise NetworkNotFound
    return _network(row)


async def find_network_by_slug(db: AsyncConnection, *, slug: str) -> Network | None:
    """Find a network by its slug."""
    row = (await db.execute(_selected().where(network.c.slug == slug))).one_or_none()
    return None if row is None else _network(row)


async def list_networks(db: AsyncConnection) -> list[Network]:
    """List the networks by id, up to NETWORKS_MAX of them."""
    rows = await db.execute(_selected().order_by(network.c.network_id).limit(NETWORKS_MAX))
    return [_network(row) for row in rows]
