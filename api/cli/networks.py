"""Which network a command is about."""

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from partners.networks import Network, list_networks


class NetworkUnclear(Exception):
    """The command does not say which of several networks it is about."""


async def choose_network(database: Database, text: str | None) -> Network:
    """Find a network by its id or slug, or the only one there is; raises NetworkUnclear."""
    async with database.reading(PLATFORM_NETWORK_ID) as db:
        networks = await list_networks(db)
    found = [one for one in networks if text in (None, one.slug, str(one.network_id))]
    if len(found) != 1:
        known = ", ".join(f"{one.network_id} ({one.slug})" for one in networks) or "none"
        raise NetworkUnclear(f"Say which with --network. There are: {known}.")
    return found[0]
