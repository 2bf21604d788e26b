"""Where a webhook may lead: to servers on the internet by HTTPS, never into our own network.

What a client names is looked up once, every address that the name has is looked at, and the
connection goes to the address that was looked at: a name that changes in between leads nowhere
else. No redirect is followed. (Sources of the registry are another matter: their hosts are
listed by whoever runs the server, and may be his own.)
"""

from __future__ import annotations

import dataclasses as dc
import ipaddress
import socket

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from certcheck.errors import WebhookAddressError

LONGEST = 500
_PORTS = {"https": 443, "http": 80}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dc.dataclass(frozen=True, slots=True)
class Target:
    """A server that may be told.

    Attributes:
        encrypted: whether by HTTPS.
        host: its name, as the certificate has to bear it.
        ip: the address that is connected to.
        port: likewise.
        path: with the query.
    """

    encrypted: bool
    host: str
    ip: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What `Host` says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.encrypted else "http"] else (
            f"{name}:{self.port}"
        )  # fmt: skip


def checked(url: str, *, local: bool) -> Url:
    """An address of the right form; its host is not looked up.

    Args:
        url: as a client gives it.
        local: whether this machine itself may be told, also without encryption.

    Raises:
        WebhookAddressError: it is none.
    """
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise WebhookAddressError(url=url[:LONGEST]) from error
    schemes = ("https", "http") if local else ("https",)
    plain = url.isascii() and url.isprintable() and " " not in url
    if (
        len(url) > LONGEST or not plain or parsed.scheme not in schemes
        or not parsed.host or parsed.auth or parsed.fragment
    ):  # fmt: skip
        raise WebhookAddressError(url=url[:LONGEST])
    literal = _literal(parsed.host)
    if literal and not _may(literal, parsed.scheme == "https", local=local):
        raise WebhookAddressError(url=url)
    return parsed


def resolved(url: str, *, local: bool) -> Target:
    """The server of an address, looked up now.

    Raises:
        WebhookAddressError: it is none that may be told.
        OSError: its name is not known.
    """
    parsed = checked(url, local=local)
    host, encrypted = str(parsed.host).strip("[]"), parsed.scheme == "https"
    port = parsed.port or _PORTS[str(parsed.scheme)]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ips = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not ips or not all(_may(one, encrypted, local=local) for one in ips):
        raise WebhookAddressError(url=url)
    return Target(encrypted, host, str(ips[0]), port, parsed.request_uri)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _may(ip: Address, encrypted: bool, *, local: bool) -> bool:  # noqa: FBT001
    """Whether an address may be connected to."""
    if isinstance(ip, ipaddress.IPv6Address):
        # An address of the older kind inside one of the newer leads where the older leads.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return _may(inner, encrypted, local=local)
        if ip in _NAT64:
            return _may(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF), encrypted, local=local)
        if not ip.is_loopback and ip not in _UNICAST:
            return False
    if ip.is_loopback:
        return local
    return encrypted and ip.is_global and not ip.is_multicast


# All that the internet gives out (IANA, IPv6 Global Unicast Address Assignments). Beside it lie
# old and local ways to write an address of the older kind, and networks of one site (fec0::/10).
_UNICAST = ipaddress.IPv6Network("2000::/3")
# RFC 6052, 2.1.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
