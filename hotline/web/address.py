"""Where a request comes from, as far as limits are concerned.

An IPv6 network of 64 bits is one household or one attacker, never one device, so it counts as one address.
An address that is not of the public internet is a proxy that was not told of in `trusted_proxies`, a
practice program or our own house: very many people may stand behind it, so it says nothing about a crowd.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import HTTPConnection

HOUSEHOLD_BITS: Final = 64


def of(connection: HTTPConnection) -> str:
    """The address that limits are counted for; empty when there is none."""
    host = connection.client.host if connection.client else ""
    match _parsed(host):
        case IPv6Address() as address:
            return str(IPv6Network((address, HOUSEHOLD_BITS), strict=False))
        case IPv4Address() as address:
            return str(address)
        case None:
            return host


def is_public(connection: HTTPConnection) -> bool:
    """Whether the address is one of the public internet."""
    found = _parsed(connection.client.host if connection.client else "")
    return found is not None and found.is_global


def _parsed(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
