"""Which addresses we fetch from: public ones, over https, found by name.

An address is written by somebody outside; without these rules it could make us fetch from inside
our own network.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from catalog.suppliers.errors import AddressRefused

URL_LENGTH_MAX = 2_000
PORTS = frozenset({443, 8443})

# A name of at least two labels, the last of letters: numbers in any notation are no names.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_NAME_LENGTH_MAX = 253
_PRINTABLE = re.compile(r"[!-~]+")

# Of IPv6 only what is given out as unicast is the outside; translations of IPv4 that lie in it are
# not, nor is a cloud's own service that has a global number.
_UNICAST = ipaddress.ip_network("2000::/3")
_REFUSED = tuple(
    ipaddress.ip_network(network) for network in ("2002::/16", "2001::/32", "168.63.129.16/32")
)


def check_public_url(url: str, *, trusted_origins: frozenset[str] = frozenset()) -> None:
    """Refuse an address that is not https, has credentials in it, or names no host of the outside.

    Raises AddressRefused. An origin that is trusted is not judged.
    """
    parts = _split(url)
    if origin_of(url) in trusted_origins:
        return
    if parts.scheme != "https":
        raise AddressRefused("The address must begin with https.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise AddressRefused("The address must not have credentials in it.")
    if parts.fragment:
        raise AddressRefused("The address must not have a fragment.")
    host = parts.hostname or ""
    if len(host) > _NAME_LENGTH_MAX or not _NAME.fullmatch(host):
        raise AddressRefused("The address must name a public host, not a number or a short name.")
    if (parts.port or 443) not in PORTS:
        raise AddressRefused("The address must be on port 443 or 8443.")


def origin_of(url: str) -> str:
    """Tell the scheme, host and port of an address."""
    parts = _split(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    """Tell the host of an address, in small letters."""
    return _split(url).hostname or ""


def check_public_addresses(addresses: Iterable[str]) -> list[str]:
    """Take the addresses that a name has, if every one of them is public.

    Raises AddressRefused: a name that leads inside with one address is not trusted with another.
    """
    found = list(dict.fromkeys(addresses))
    if not found:
        raise AddressRefused("The host has no address.")
    for one in found:
        if not _is_public(one):
            raise AddressRefused("The host is not on the public network.")
    return found


def _is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # with a scope such as fe80::1%eth0, or no address at all
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _UNICAST or ip.scope_id):
        return False
    if any(ip.version == one.version and ip in one for one in _REFUSED):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _split(url: str) -> SplitResult:
    if len(url) > URL_LENGTH_MAX or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise AddressRefused("The address cannot be read.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AddressRefused("The address cannot be read.") from None
    return parts
