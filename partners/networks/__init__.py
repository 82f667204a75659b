"""Networks: merchants who agreed to honour each other's members, with one set of books."""

from partners.networks.create_network import create_network
from partners.networks.errors import (
    InvalidLocale,
    InvalidName,
    InvalidSlug,
    NetworkNotFound,
    SlugTaken,
    TooManyLocales,
    UnknownZone,
)
from partners.networks.locales import (
    LAST_RESORT_LOCALE,
    LOCALES_MAX,
    check_locale,
    choose_locale,
    find_locale,
    in_locale,
    is_right_to_left,
    nearest_locale,
    script_of,
)
from partners.networks.model import Network, check_slug, localised_name
from partners.networks.queries import find_network_by_slug, get_network, list_networks

__all__ = [
    "LAST_RESORT_LOCALE",
    "LOCALES_MAX",
    "InvalidLocale",
    "InvalidName",
    "InvalidSlug",
    "Network",
    "NetworkNotFound",
    "SlugTaken",
    "TooManyLocales",
    "UnknownZone",
    "check_locale",
    "check_slug",
    "choose_locale",
    "create_network",
    "find_locale",
    "find_network_by_slug",
    "get_network",
    "in_locale",
    "is_right_to_left",
    "list_networks",
    "localised_name",
    "nearest_locale",
    "script_of",
]
