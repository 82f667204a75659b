"""Networks: merchants who agreed to honour each other's members, with one set of books."""

from partners.networks.create_network import create_network
from partners.networks.errors import (
    InvalidLocale,
    InvalidName,
    InvalidSlug,
    NetworkNotFound,
    SlugTaken,
    UnknownZone,
)
from partners.networks.model import Network, check_slug, localised_name, name_in
from partners.networks.queries import find_network_by_slug, get_network, list_networks

__all__ = [
    "InvalidLocale",
    "InvalidName",
    "InvalidSlug",
    "Network",
    "NetworkNotFound",
    "SlugTaken",
    "UnknownZone",
    "check_slug",
    "create_network",
    "find_network_by_slug",
    "get_network",
    "list_networks",
    "localised_name",
    "name_in",
]
